// @ts-check
// Buffers: what is heard is made before it is played. Every function takes an AudioBuffer and gives a new one.

const RATE = 44100; // Hz: every sound is brought to it when decoded
const FADE = 0.005; // s: joints, switches, and what is started in the middle
const TAPS = 4411; // 100 ms, the picture's own window: the filter is as sharp as the picture shows

/** @type {(like: AudioBuffer, length: number) => AudioBuffer} */
const blank = (like, length) => new AudioBuffer({ numberOfChannels: like.numberOfChannels, length, sampleRate: RATE });
/** @type {(buffer: AudioBuffer) => Float32Array<ArrayBuffer>[]} */
const channels = (buffer) => Array.from({ length: buffer.numberOfChannels }, (_, c) => buffer.getChannelData(c));

/** @param {AudioBuffer[]} buffers */
function equallyLong(buffers) {
  const length = Math.max(0, ...buffers.map((buffer) => buffer.length));
  return buffers.map((buffer) => {
    if (buffer.length === length) return buffer;
    const padded = blank(buffer, length);
    channels(buffer).forEach((samples, c) => padded.copyToChannel(samples, c));
    return padded;
  });
}

/**
 * Samples first..last as a ring: the end fades into what comes before the beginning (for a whole loop: itself).
 * @param {AudioBuffer} buffer
 * @param {number} first
 * @param {number} last
 */
function ringed(buffer, first, last) {
  const n = buffer.length;
  last = Math.min(last, n);
  const length = Math.max(last - first, 2);
  const ring = blank(buffer, length);
  const fade = Math.min(Math.round(FADE * RATE), length >> 2);
  channels(buffer).forEach((samples, c) => {
    const out = ring.getChannelData(c);
    out.set(samples.subarray(first, first + length));
    for (let i = 0; i < fade; i++) {
      const share = Math.sin((Math.PI / 2) * ((i + 1) / (fade + 1))) ** 2;
      const before = samples[(first - fade + i + n) % n];
      out[length - fade + i] += share * (before - out[length - fade + i]);
    }
  });
  return ring;
}

/**
 * Only what lies between two frequencies (Hz): a windowed sinc, whose delay is taken back.
 * @param {AudioBuffer} buffer
 * @param {[number, number]} band
 * @param {boolean} round Whether the sound is a circle.
 */
async function banded(buffer, [low, high], round) {
  const half = (TAPS - 1) / 2;
  const response = new AudioBuffer({ numberOfChannels: 1, length: TAPS, sampleRate: RATE });
  const taps = response.getChannelData(0);
  for (let i = -half; i <= half; i++) {
    /** @type {(f: number) => number} */
    const sinc = (f) => (i ? Math.sin((2 * Math.PI * f * i) / RATE) / (Math.PI * i) : (2 * f) / RATE);
    const window = 0.42 + 0.5 * Math.cos((Math.PI * i) / (half + 1)) + 0.08 * Math.cos((2 * Math.PI * i) / (half + 1));
    taps[i + half] = (sinc(Math.min(high, RATE / 2)) - sinc(Math.max(low, 0))) * window;
  }
  const skip = half + (round ? Math.ceil(TAPS / buffer.length) * buffer.length : 0);
  const offline = new OfflineAudioContext(buffer.numberOfChannels, skip + buffer.length, RATE);
  const source = new AudioBufferSourceNode(offline, { buffer, loop: round });
  const filter = new ConvolverNode(offline, { buffer: response, disableNormalization: true });
  source.connect(filter).connect(offline.destination);
  source.start();
  const rendered = await offline.startRendering();
  const out = blank(buffer, buffer.length);
  channels(rendered).forEach((samples, c) => out.copyToChannel(samples.subarray(skip), c));
  return out;
}

/**
 * Another speed at the same pitch: overlapping frames, each moved to where it goes on best from the one before
 * (WSOLA; Verhelst & Roelands, ICASSP 1993). Time is a circle, so that a loop stays one.
 * @param {AudioBuffer} buffer
 * @param {number} speed
 */
async function slowed(buffer, speed) {
  const n = buffer.length;
  const frame = Math.min(2048, n & ~1);
  const reach = frame >> 2;
  const length = Math.round(n / speed);
  const count = Math.max(Math.round(length / (frame / 2)), 1);
  const hop = length / count; // samples, near half a frame
  const around = 2 * frame; // samples before and after, so that nothing need be wrapped below
  const sounds = channels(buffer).map((samples) => {
    const circle = new Float32Array(n + 2 * around);
    for (let i = 0; i < circle.length; i++) circle[i] = samples[(((i - around) % n) + n) % n];
    return circle;
  });
  const mix = sounds[0].map((_, i) => sounds.reduce((sum, samples) => sum + samples[i], 0));
  /** @type {(a: number, b: number, step: number) => number} */
  const likeness = (a, b, step) => {
    let sum = 0;
    let size = 1e-9;
    for (let i = around; i < around + frame / 2; i += step) {
      sum += mix[a + i] * mix[b + i];
      size += mix[b + i] * mix[b + i];
    }
    return sum / Math.sqrt(size);
  };
  /** @type {(wanted: number, from: number, to: number, step: number, stride: number) => number} */
  const best = (wanted, from, to, step, stride) => {
    let place = from;
    let top = -Infinity;
    for (let p = from; p <= to; p += step) {
      const value = likeness(wanted, p, stride);
      if (value > top) [top, place] = [value, p];
    }
    return place;
  };
  const bell = (/** @type {number} */ i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / frame);
  const window = Float32Array.from({ length: frame }, (_, i) => bell(i));
  const outs = sounds.map(() => new Float32Array(length));
  const weight = new Float32Array(length);
  /** @type {(out: Float32Array, start: number, samples: Float32Array | null, from: number) => void} */
  const add = (out, start, samples, from) => {
    for (let i = 0; i < frame; i++) out[(start + i) % length] += samples ? window[i] * samples[from + i] : window[i];
  };
  let place = 0;
  for (let k = 0; k < count; k++) {
    const start = Math.round(k * hop);
    const target = Math.round((k * hop * n) / length);
    if (k) {
      const wanted = place + Math.round(hop);
      const rough = best(wanted, target - reach, target + reach, 4, 8);
      place = best(wanted, rough - 3, rough + 3, 1, 2);
    }
    add(weight, start, null, 0);
    outs.forEach((out, c) => add(out, start, sounds[c], around + place));
    if (k % 64 === 63) await new Promise((resolve) => setTimeout(resolve)); // the page stays alive
  }
  const out = blank(buffer, length);
  outs.forEach((samples, c) => out.copyToChannel(samples.map((value, i) => value / Math.max(weight[i], 1e-3)), c));
  return out;
}
