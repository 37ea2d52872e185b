// @ts-check
// Stretches of samples from Python, scheduled one right behind the other: frame numbers are whole, so nothing is lost
// or doubled at a joint. The view that was started plays; others show.
const PAST = 5; // seconds of picture left of the playhead
const AHEAD = 5;
const HEIGHT = 160;

/** @typedef {{ context: AudioContext, gain: GainNode, sources: AudioBufferSourceNode[] }} Playing */
/** @typedef {{ bitmap: ImageBitmap, at: number, frames: number, text: string }} Piece a picture on the canvas */
/** @typedef {{ kind: string, index: number, words: string }} Said */

/** @param {Shown} shown */
function render({ model, el }) {
  const root = document.createElement("div");
  const button = document.createElement("button");
  const words = document.createElement("span");
  const volume = document.createElement("input");
  const volumeLabel = document.createElement("label");
  const bar = document.createElement("div");
  const canvas = document.createElement("canvas");
  root.className = "riffkit-live";
  root.dataset.lmSuppressShortcuts = "true";
  bar.className = "riffkit-live-bar";
  button.type = "button";
  volume.type = "range";
  for (const [name, value] of Object.entries({ min: 0, max: 1, step: 0.01 })) volume.setAttribute(name, String(value));
  volumeLabel.append("volume ", volume);
  canvas.height = HEIGHT;
  canvas.setAttribute("role", "img");
  bar.append(button, volumeLabel, words);
  root.append(bar, canvas);
  el.append(root);

  /** @type {number} */
  const rate = model.get("rate"); // Hz
  /** @type {object[]} */
  const log = []; // of every stretch: its frames, where they were scheduled, and what came too late
  /** @type {Playing | null} */
  let playing = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  let frame = 0; // of the picture, to be drawn next
  /** @type {number | null} */
  let first = null; // frame at which the stream began
  let next = 0; // and where the next stretch goes
  let gaps = 0; // frames
  let behind = 0; // stretches
  /** @type {Piece[]} */
  let pieces = [];

  const frameNow = () => Math.floor((playing?.context.currentTime ?? 0) * rate);

  // seconds of the stream that have been played, gaps not counted
  const heard = () => (first === null ? 0 : Math.max(0, Math.min(frameNow(), next) - first - gaps) / rate);

  // one thing of a page sounds at a time, see transport.js
  const me = {};
  /** @type {EventListener} */
  const hush = (event) => {
    if (/** @type {CustomEvent} */ (event).detail !== me && playing) stop();
  };

  async function start() {
    silence();
    document.dispatchEvent(new CustomEvent("riffkit-sounds", { detail: me }));
    const context = new AudioContext({ sampleRate: rate, latencyHint: "playback" });
    const gain = new GainNode(context, { gain: model.get("volume") });
    gain.connect(context.destination);
    playing = { context, gain, sources: [] };
    first = null;
    next = gaps = behind = 0;
    log.length = 0;
    pieces = [];
    await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 400))]);
    if (playing?.context !== context) return; // silenced meanwhile
    model.set("playing", true);
    model.save_changes();
    model.send({ kind: "play" });
    timer = setInterval(tell, 250);
    draw();
    paint();
  }

  function tell() {
    model.send({ kind: "heard", seconds: heard(), gaps: behind });
  }

  function silence() {
    clearInterval(timer);
    cancelAnimationFrame(frame);
    for (const source of playing?.sources ?? []) source.stop();
    playing?.context.close();
    playing = null;
  }

  function stop() {
    silence();
    if (model.get("playing")) {
      model.set("playing", false);
      model.save_changes();
      model.send({ kind: "stop" });
    }
    paint();
  }

  /** @type {(said: Said, buffers: DataView[]) => void} */
  function take(said, buffers) {
    if (!playing || said.kind !== "stretch") return;
    const { context, gain, sources } = playing;
    const samples = new Int16Array(copied(buffers[0]));
    const floats = Float32Array.from(samples, (sample) => sample / 32768);
    const buffer = context.createBuffer(1, floats.length, rate);
    buffer.copyToChannel(floats, 0);
    const soonest = frameNow() + Math.round(0.1 * rate);
    const tooLate = first === null || next < frameNow() + 0.02 * rate; // the order takes its time, too
    const at = tooLate ? soonest : next;
    const late = first === null ? 0 : at - next;
    first ??= at;
    if (late > 0) {
      gaps += late;
      behind += 1;
    }
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(gain);
    source.onended = () => sources.splice(sources.indexOf(source), 1);
    source.start(at / rate);
    sources.push(source);
    next = at + floats.length;
    const ends = { first: floats.slice(0, 3), last: floats.slice(-3) };
    log.push({ index: said.index, words: said.words, at, frames: floats.length, late, ...ends });
    picture(buffers[1], at, floats.length, said.words);
    tell();
  }

  /** @type {(bytes: DataView, at: number, frames: number, text: string) => Promise<void>} */
  async function picture(bytes, at, frames, text) {
    const bitmap = await createImageBitmap(new Blob([copied(bytes)], { type: "image/webp" }));
    pieces.push({ bitmap, at, frames, text });
    if (pieces.length > 12) pieces.shift();
  }

  function draw() {
    if (!playing) return;
    frame = requestAnimationFrame(draw);
    const width = Math.max(100, Math.round(canvas.clientWidth * devicePixelRatio));
    if (canvas.width !== width) canvas.width = width;
    const page = paperOf(canvas);
    const now = frameNow() - (playing.context.outputLatency || 0) * rate;
    const x = (/** @type {number} */ at) => ((at - now) / rate + PAST) * (width / (PAST + AHEAD));
    page.fillStyle = "#fff";
    page.fillRect(0, 0, width, HEIGHT);
    let current = "";
    for (const { bitmap, at, frames, text } of pieces) {
      page.drawImage(bitmap, x(at), 0, x(at + frames) - x(at), HEIGHT);
      if (now >= at) current = text;
    }
    page.fillStyle = "#d50000";
    page.fillRect(x(now) - devicePixelRatio, 0, 2 * devicePixelRatio, HEIGHT);
    if (words.textContent !== current) {
      words.textContent = current;
      canvas.setAttribute("aria-label", `spectrogram of what is played: ${current}`);
    }
  }

  function paint() {
    const on = model.get("playing");
    button.textContent = on ? "■ Stop" : "▶ Play";
    pressed(button, on);
    volume.value = String(model.get("volume"));
    if (playing) playing.gain.gain.value = model.get("volume");
    if (!on) words.textContent = "";
  }

  function follow() {
    if (!model.get("playing") && playing) silence();
    paint();
  }

  button.addEventListener("click", () => (model.get("playing") ? stop() : start()));
  volume.addEventListener("input", () => {
    model.set("volume", +volume.value);
    model.save_changes();
  });
  root.addEventListener("keydown", (event) => event.stopPropagation());
  document.addEventListener("riffkit-sounds", hush);
  model.on("msg:custom", take);
  model.on("change:playing change:volume", follow);
  paint();
  /** @type {Host} */ (root).riffkit = { log, heard, get context() { return playing?.context; } };
  return () => {
    document.removeEventListener("riffkit-sounds", hush);
    model.off("msg:custom", take);
    model.off("change:playing change:volume", follow);
    if (playing) stop();
  };
}

export default { render };
