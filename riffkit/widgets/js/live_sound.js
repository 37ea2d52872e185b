// Stretches of samples from Python, scheduled one right behind the other: frame numbers are whole, so nothing is lost
// or doubled at a joint. The view that was started plays; others show.
const PAST = 5; // seconds of picture left of the playhead
const AHEAD = 5;
const HEIGHT = 160;

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
  Object.assign(volume, { type: "range", min: 0, max: 1, step: 0.01, value: model.get("volume") });
  volumeLabel.append("volume ", volume);
  canvas.height = HEIGHT;
  canvas.setAttribute("role", "img");
  bar.append(button, volumeLabel, words);
  root.append(bar, canvas);
  el.append(root);

  const rate = model.get("rate");
  const log = []; // of every stretch: its frames, where they were scheduled, and what came too late
  let context, gain, timer, frame, nextFrame, firstFrame, gaps, behind;
  let sources = [];
  let pieces = []; // pictures on the canvas

  const frameNow = () => Math.floor(context.currentTime * rate);

  function heard() {
    // seconds of the stream that have been played, gaps not counted
    if (firstFrame === undefined) return 0;
    return Math.max(0, Math.min(frameNow(), nextFrame) - firstFrame - gaps) / rate;
  }

  // one thing of a page sounds at a time, see transport.js
  const me = {};
  const hush = (event) => event.detail !== me && context && stop();

  async function start() {
    silence();
    document.dispatchEvent(new CustomEvent("riffkit-sounds", { detail: me }));
    const opened = (context = new AudioContext({ sampleRate: rate, latencyHint: "playback" }));
    gain = new GainNode(context, { gain: model.get("volume") });
    gain.connect(context.destination);
    firstFrame = nextFrame = undefined;
    gaps = behind = 0;
    log.length = 0;
    pieces = [];
    await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 400))]);
    if (context !== opened) return; // silenced meanwhile
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
    for (const source of sources) source.stop();
    sources = [];
    context?.close();
    context = undefined;
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

  function take(said, buffers) {
    if (!context || said.kind !== "stretch") return;
    const bytes = buffers[0];
    const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const floats = Float32Array.from(samples, (sample) => sample / 32768);
    const buffer = context.createBuffer(1, floats.length, rate);
    buffer.copyToChannel(floats, 0);
    const soonest = frameNow() + Math.round(0.1 * rate);
    const tooLate = nextFrame === undefined || nextFrame < frameNow() + 0.02 * rate; // the order takes its time, too
    const at = tooLate ? soonest : nextFrame;
    firstFrame ??= at;
    const late = nextFrame === undefined ? 0 : at - nextFrame;
    if (late > 0) {
      gaps += late;
      behind += 1;
    }
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(gain);
    source.onended = () => (sources = sources.filter((other) => other !== source));
    source.start(at / rate);
    sources.push(source);
    nextFrame = at + floats.length;
    log.push({ index: said.index, words: said.words, at, frames: floats.length, late, first: floats.slice(0, 3),
      last: floats.slice(-3) });
    picture(buffers[1], at, floats.length, said.words);
    tell();
  }

  async function picture(bytes, at, frames, text) {
    const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const bitmap = await createImageBitmap(new Blob([copy], { type: "image/webp" }));
    pieces.push({ bitmap, at, frames, text });
    if (pieces.length > 12) pieces.shift();
  }

  function draw() {
    if (!context) return;
    frame = requestAnimationFrame(draw);
    const width = Math.max(100, Math.round(canvas.clientWidth * devicePixelRatio));
    if (canvas.width !== width) canvas.width = width;
    const page = canvas.getContext("2d");
    const now = frameNow() - (context.outputLatency || 0) * rate;
    const x = (at) => ((at - now) / rate + PAST) * (width / (PAST + AHEAD));
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
    const playing = model.get("playing");
    button.textContent = playing ? "■ Stop" : "▶ Play";
    button.setAttribute("aria-pressed", playing);
    volume.value = model.get("volume");
    if (gain) gain.gain.value = model.get("volume");
    if (!playing) words.textContent = "";
  }

  function follow() {
    if (!model.get("playing") && context) silence();
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
  root.riffkit = { log, get context() { return context; }, heard };
  return () => {
    document.removeEventListener("riffkit-sounds", hush);
    model.off("msg:custom", take);
    model.off("change:playing change:volume", follow);
    if (context) stop();
  };
}

export default { render };
