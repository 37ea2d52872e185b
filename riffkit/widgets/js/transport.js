// @ts-check
// Transport: one or several sounds on one clock, with a loop, a band and a speed.
//
// Sounds are whole AudioBuffers, not <audio> elements: a loop of a buffer is exact to the sample, so a region is never
// left and a loop has no gap. What is heard is made before it is played: cut to the region, with its ends joined; only
// the chosen band, by a filter without delay; stretched in time at the same pitch.

/** @typedef {{ region: Span, loop: boolean, band: Span, speed: number, keepPitch: boolean }} Settings */

/**
 * One context for all players of a page: browsers limit their number. It sleeps when nothing sounds.
 * @returns {{ sounding: Set<Transport>, context: AudioContext }}
 */
function stage() {
  const page = /** @type {any} */ (globalThis);
  const here = (page[Symbol.for("riffkit.stage")] ??= { sounding: new Set() });
  here.context ??= new AudioContext({ sampleRate: RATE });
  return here;
}

/**
 * Browsers let a page sound after a click or a key only; without one, resume() never ends.
 * @param {AudioContext} context
 * @returns {Promise<boolean>}
 */
async function awake(context) {
  if (context.state === "running") return true;
  const patience = navigator.userActivation?.hasBeenActive ? 5000 : 400;
  const late = new Promise((/** @type {(awake: false) => void} */ resolve) => setTimeout(resolve, patience, false));
  return Promise.race([context.resume().then(() => true), late]);
}

class Transport {
  /** @param {() => void} tell Called when playing, position or trouble changed. */
  constructor(tell) {
    this.tell = tell;
    /** @type {AudioBuffer[]} */
    this.originals = []; // all equally long
    /** @type {Span} */
    this.region = null;
    /** @type {Span} */
    this.band = null;
    this.loop = this.keepPitch = this.blocked = false;
    this.speed = 1;
    this.volume = 0.8;
    this.chosen = this.rest = this.turn = 0;
    this.trouble = "";
    /** @type {Voice | null} */
    this.voice = null;
    /** @type {GainNode | null} */
    this.master = null;
    /** @type {Promise<any>} */
    this.loading = Promise.resolve();
    /** @type {Record<string, { key: string, sounds: AudioBuffer[] }>} */
    this.made = {}; // by the last settings
    /** @type {EventListener} */
    this.hush = (event) => {
      if (/** @type {CustomEvent} */ (event).detail !== this) this.pause();
    };
    document.addEventListener("riffkit-sounds", this.hush); // one player of a page at a time
  }

  get duration() {
    return this.originals[0]?.duration ?? 0;
  }

  get playing() {
    return this.voice !== null;
  }

  /** @returns {[number, number]} */
  get span() {
    return this.region ?? [0, this.duration];
  }

  /**
   * Take other sounds: files of any kind that the browser decodes.
   * @param {DataView[]} files
   */
  load(files) {
    this.stop();
    this.originals = [];
    this.rest = 0;
    this.made = {};
    this.trouble = "";
    const decoder = new OfflineAudioContext(1, 1, RATE);
    const bytes = files.map((file) => copied(file));
    this.loading = Promise.all(bytes.map((one) => decoder.decodeAudioData(one)))
      .then((buffers) => {
        this.originals = equallyLong(buffers);
      })
      .catch((error) => {
        this.trouble = `the browser cannot decode this sound: ${error.message}`;
      })
      .finally(() => this.tell());
    return this.loading;
  }

  // Where the playhead is (s), as heard: the way to the loudspeaker is subtracted.
  now() {
    if (!this.voice) return this.rest;
    const { context } = stage();
    return this.voice.at(Math.max(context.currentTime - (context.outputLatency || 0), this.voice.when));
  }

  async start() {
    const turn = ++this.turn;
    await this.loading;
    if (!this.originals.length || turn !== this.turn) return;
    const { context } = stage();
    if (!(await awake(context))) {
      this.blocked = true;
      this.tell();
      if (!navigator.userActivation?.hasBeenActive) return;
      await context.resume(); // somebody asked for it; it is only slow here
      if (turn !== this.turn) return;
    }
    const sounds = await this.prepared();
    if (turn !== this.turn) return; // paused or asked again meanwhile
    this.blocked = false;
    // A little ahead, so that all sounds begin at the same sample; further, where the page was kept waiting meanwhile.
    for (let ahead = 0.01, late = 0, tries = 0; tries < 4 && late >= 0; tries++, ahead = 2 * (ahead + late)) {
      const when = context.currentTime + ahead;
      this.play(sounds, when, this.voice ? this.voice.at(when) : this.rest);
      late = context.currentTime - when;
    }
  }

  /**
   * @param {AudioBuffer[]} sounds
   * @param {number} when
   * @param {number} from
   */
  play(sounds, when, from) {
    const { context, sounding } = stage();
    document.dispatchEvent(new CustomEvent("riffkit-sounds", { detail: this }));
    if (!this.master) {
      this.master = context.createGain();
      this.master.connect(context.destination);
      this.setVolume(this.volume);
    }
    const [a, b] = this.span;
    if (from < a || from > b - 0.002) from = a;
    this.voice?.end(when);
    this.voice = new Voice(context, this.master, sounds, {
      when,
      from,
      span: [a, b],
      speed: this.speed,
      stretched: this.keepPitch ? this.speed : 1,
      loop: this.loop,
      chosen: this.chosen,
      ended: (/** @type {Voice} */ voice) => voice === this.voice && this.stop(a),
    });
    sounding.add(this);
    this.tell();
  }

  pause() {
    if (this.voice) this.stop(this.now());
    else this.turn++;
  }

  stop(rest = this.rest) {
    this.turn++;
    this.rest = rest;
    if (!this.voice) return;
    const { context, sounding } = stage();
    this.voice.end(context.currentTime);
    this.voice = null;
    sounding.delete(this);
    setTimeout(() => sounding.size || context.suspend(), 3000);
    this.tell();
  }

  /** @param {number} time */
  seek(time) {
    const rest = Math.min(Math.max(time, 0), this.duration);
    const sounded = this.playing;
    this.stop(rest);
    return sounded ? this.start() : this.tell();
  }

  /**
   * Region, loop, band, speed or keepPitch changed: what sounds goes on from where it is.
   * @param {Settings} settings
   */
  set(settings) {
    Object.assign(this, settings);
    if (this.playing) return this.start();
    const [a, b] = this.span;
    if (this.region && (this.rest < a || this.rest > b)) this.rest = a;
    this.tell();
  }

  /** @param {number} volume */
  setVolume(volume) {
    this.volume = volume;
    this.master?.gain.setTargetAtTime(volume ** 2, stage().context.currentTime, 0.01); // squared: even steps to the ear
  }

  /**
   * Hear another of the sounds, from the same place on.
   * @param {number} index
   */
  choose(index) {
    this.chosen = index;
    this.voice?.choose(index);
    this.tell();
  }

  dispose() {
    this.stop();
    this.master?.disconnect();
    document.removeEventListener("riffkit-sounds", this.hush);
  }

  // The sounds as the settings want them, each step kept until its settings change.
  async prepared() {
    const { band, loop, region, speed, keepPitch, originals } = this;
    const round = loop && !region;
    /** @type {(step: string, settings: any[], make: () => Promise<AudioBuffer[]>) => Promise<AudioBuffer[]>} */
    const once = async (step, settings, make) => {
      const key = JSON.stringify(settings);
      if (this.made[step]?.key !== key) this.made[step] = { key, sounds: await make() };
      return this.made[step].sounds;
    };
    let sounds = originals;
    if (band) {
      sounds = await once("band", [band, round], () => Promise.all(originals.map((one) => banded(one, band, round))));
    }
    if (keepPitch && speed !== 1) {
      const before = sounds;
      sounds = await once("speed", [band, round, speed], () => Promise.all(before.map((one) => slowed(one, speed))));
    }
    if (!loop) return sounds;
    const [a, b] = this.span.map((time) => time / (keepPitch ? speed : 1));
    return sounds.map((one) => ringed(one, Math.round(a * RATE), Math.round(b * RATE)));
  }
}

/** What sounds between two commands: all sounds from the same moment on, one of them audible. */
class Voice {
  /**
   * @param {AudioContext} context
   * @param {AudioNode} target
   * @param {AudioBuffer[]} sounds
   * @param {{ when: number, from: number, span: [number, number], speed: number, stretched: number, loop: boolean,
   *   chosen: number, ended: (voice: Voice) => void }} how Seconds of the context (when) and of the sound (from, span).
   */
  constructor(context, target, sounds, { when, from, span: [a, b], speed, stretched, loop, chosen, ended }) {
    this.context = context;
    this.when = when;
    this.chosen = chosen;
    this.turned = 0; // s, when another was chosen last
    /** @type {Map<string, { ramp: ConstantSourceNode, value: number }>} */
    this.turns = new Map(); // how far each pair of sounds has turned, from the earlier one to the later
    const start = loop ? a : 0; // s, where the buffers begin
    /** @type {(time: number) => number} */
    this.at = (time) => {
      const place = from + Math.max(time - when, 0) * speed;
      return loop ? a + ((place - a) % (b - a)) : Math.min(place, b);
    };
    this.output = context.createGain();
    this.output.connect(target);
    if (from > 0) {
      this.output.gain.setValueAtTime(0, when);
      this.output.gain.linearRampToValueAtTime(1, when + FADE);
    }
    this.gains = sounds.map((_, i) => new GainNode(context, { gain: i === chosen ? 1 : 0 }));
    this.sources = sounds.map((buffer, i) => {
      const source = new AudioBufferSourceNode(context, { buffer, loop, playbackRate: speed / stretched });
      source.connect(this.gains[i]).connect(this.output);
      const offset = (from - start) / stretched;
      if (loop) source.start(when, offset);
      else source.start(when, offset, (b - from) / stretched);
      return source;
    });
    if (this.sources.length) this.sources[0].onended = () => ended(this);
  }

  /**
   * Both gains of a switch follow one ramp, one up and one down, so that their sum is 1 whatever happens: told one after
   * the other, as the sound runs on, they would leave a gap where the page is kept waiting in between.
   * @param {number} index
   */
  choose(index) {
    if (index === this.chosen) return;
    const turn = this.turnOf(this.chosen, index);
    const ahead = Math.max(0.05, 2 * (this.context.baseLatency || 0));
    const when = Math.max(this.context.currentTime + ahead, this.turned + FADE);
    turn.ramp.offset.setValueAtTime(turn.value, when);
    turn.value += index > this.chosen ? 1 : -1;
    turn.ramp.offset.linearRampToValueAtTime(turn.value, when + FADE);
    this.chosen = index;
    this.turned = when;
  }

  /**
   * What is added to the gain of the later of two sounds, and taken from that of the earlier.
   * @param {number} a
   * @param {number} b
   */
  turnOf(a, b) {
    const [first, last] = [Math.min(a, b), Math.max(a, b)];
    const known = this.turns.get(`${first} ${last}`);
    if (known) return known;
    const ramp = new ConstantSourceNode(this.context, { offset: 0 });
    ramp.connect(this.gains[last].gain);
    ramp.connect(new GainNode(this.context, { gain: -1 })).connect(this.gains[first].gain);
    ramp.start();
    const turn = { ramp, value: 0 };
    this.turns.set(`${first} ${last}`, turn);
    return turn;
  }

  /** @param {number} when */
  end(when) {
    this.sources[0].onended = () => this.output.disconnect();
    this.output.gain.cancelScheduledValues(when);
    this.output.gain.setValueAtTime(1, when);
    this.output.gain.linearRampToValueAtTime(0, when + FADE);
    for (const source of this.sources) source.stop(when + FADE);
    for (const { ramp } of this.turns.values()) ramp.stop(when + FADE);
  }
}
