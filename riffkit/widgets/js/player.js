// @ts-check
// Player: the plot, the transport and their controls. Controls set traits of the model; the traits move the rest, so
// that every view, and Python, sees the same.

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const SAID = {
  play: "Play or pause (Space)",
  loop: "Repeat the region, or the whole (l)",
  box: "Draw boxes in time and frequency; one hears only what is inside (b, or drag with Shift)",
  zoom: "Zoom into the selection, or out again (z)",
  notes: "Name notes on the frequency axis (n)",
  pitch: "Keep the pitch when the speed changes (p)",
  clear: "Forget the selection (Escape)",
};

/**
 * Empty lists, which is what Python has for "nothing", as null.
 * @param {Model} model
 * @returns {{ region: Span, band: Span, view: number[] | null }}
 */
function chosenParts(model) {
  const some = (/** @type {string} */ name) => (model.get(name).length ? model.get(name) : null);
  return { region: some("region"), band: some("band"), view: some("view") };
}

class PlayerView extends View {
  /**
   * @param {Model} model
   * @param {Host} el
   * @param {Transport} transport
   */
  constructor(model, el, transport) {
    super(model, el);
    this.transport = transport;
    this.frame = 0;
    const top = element("div", "riffkit-top", el);
    this.title = element("span", "riffkit-title", top);
    this.pointed = element("span", "riffkit-pointed", top);
    this.pointed.setAttribute("aria-hidden", "true");
    this.plot = new Plot(el, {
      seek: (time) => this.seek(time),
      select: (region, band) => this.put({ region: region ?? [], band: band ?? [] }),
      readout: (text) => (this.pointed.textContent = text),
    });
    this.slider = this.plot.area;
    this.slider.tabIndex = 0;
    this.slider.setAttribute("role", "slider");
    this.slider.setAttribute("aria-valuemin", "0");
    this.slider.addEventListener("keydown", (event) => this.key(event));

    const bar = element("div", "riffkit-bar", el);
    this.playButton = this.named(bar, "play", "▶ Play", () => this.toggle());
    this.loopButton = this.named(bar, "loop", "Loop", () => this.flip("loop"));
    this.clock = element("span", "riffkit-clock", bar);
    this.volume = this.field(bar, "Volume", "range", { min: 0, max: 1, step: 0.01 });
    this.volume.addEventListener("input", () => this.put({ volume: +this.volume.value }));

    this.more = element("div", "riffkit-bar", el);
    this.speed = element("select", "", element("label", "", this.more, "Speed "));
    for (const value of SPEEDS) element("option", "", this.speed, `${value}×`).value = String(value);
    this.speed.addEventListener("change", () => this.put({ speed: +this.speed.value }));
    this.pitchButton = this.named(this.more, "pitch", "Keep pitch", () => this.flip("keep_pitch"));
    this.notesButton = this.named(this.more, "notes", "Notes", () => this.flip("notes"));
    this.boxButton = this.named(this.more, "box", "Box", () => this.flip("boxing"));
    this.zoomButton = this.named(this.more, "zoom", "Zoom", () => this.zoom());
    this.clearButton = this.named(this.more, "clear", "Clear", () => this.put({ region: [], band: [], view: [] }));
    this.fields = element("div", "riffkit-bar", el);
    this.limits = ["from (s)", "to (s)", "low (Hz)", "high (Hz)"].map((label, i) => {
      const field = this.field(this.fields, label, "number", { min: 0, step: i < 2 ? 0.01 : 1 });
      field.addEventListener("change", () => this.enter());
      field.addEventListener("focus", () => field.select());
      return field;
    });
    this.trouble = element("div", "riffkit-trouble", el);
    this.trouble.setAttribute("role", "alert");

    this.follow("tracks", () => this.showTracks());
    for (const name of ["region", "band", "view", "notes", "boxing"]) this.follow(name, () => this.showPlot());
    for (const name of ["title", "loop", "volume", "speed", "keep_pitch", "compact", "error", "height"]) {
      this.follow(name, () => this.paint());
    }
  }

  get blind() {
    return false; // whether pictures and names are hidden
  }

  show() {
    this.showTracks();
    this.showPlot();
  }

  tick() {
    this.frame = 0;
    this.paintPlace();
    if (this.transport.playing) this.frame = requestAnimationFrame(() => this.tick());
  }

  /**
   * @param {Element} parent
   * @param {keyof typeof SAID} name
   * @param {string} text
   * @param {() => void} act
   */
  named(parent, name, text, act) {
    const button = this.button(parent, text, SAID[name], act);
    button.className = `riffkit-${name}`;
    return button;
  }

  /** @param {string} name */
  flip(name) {
    this.put({ [name]: !this.model.get(name) });
  }

  toggle() {
    if (this.transport.playing) this.transport.pause();
    else this.transport.start();
  }

  /**
   * A click outside the region leaves it behind: whoever points there wants to hear what is there.
   * @param {number} time
   */
  seek(time) {
    const region = this.model.get("region");
    if (region.length && (time < region[0] || time > region[1])) this.put({ region: [], band: [] });
    this.transport.seek(time);
  }

  zoom() {
    const { region, band, view } = chosenParts(this.model);
    if (view) return this.put({ view: [] });
    if (!region && !band) return;
    const [, , low, high] = this.plot.window;
    this.put({ view: [...(region ?? [0, this.model.get("duration")]), ...(band ?? [low, high])] });
  }

  // The four fields are the keyboard's way to a box.
  enter() {
    const [from, to, low, high] = this.limits.map((field) => (field.value === "" ? null : +field.value));
    const { fmin, fmax } = this.plot.about;
    const region = [from ?? 0, to ?? this.model.get("duration")];
    const band = [low ?? fmin, high ?? fmax];
    this.put({
      region: (from ?? to) !== null && region[0] < region[1] ? region : [],
      band: (low ?? high) !== null && band[0] < band[1] ? band : [],
    });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const act = this.acts(event.shiftKey)[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /**
   * What every key does.
   * @param {boolean} shifted
   * @returns {Record<string, () => void>}
   */
  acts(shifted) {
    const { transport } = this;
    const now = transport.now();
    const [a, b] = transport.span;
    const [first, last] = transport.region ?? [0, transport.duration];
    const by = (/** @type {number} */ seconds) => () => this.seek(clamp(now + seconds, first, last));
    return {
      " ": () => this.toggle(),
      k: () => this.toggle(),
      ArrowRight: by(shifted ? 1 : 0.1),
      ArrowUp: by(0.1),
      ArrowLeft: by(shifted ? -1 : -0.1),
      ArrowDown: by(-0.1),
      PageUp: by(1),
      PageDown: by(-1),
      Home: () => this.seek(a),
      End: () => this.seek(b),
      "[": () => this.put({ region: now < (chosenParts(this.model).region ?? [0, b])[1] ? [now, b] : [] }),
      "]": () => this.put({ region: now > a ? [a, now] : [] }),
      l: () => this.flip("loop"),
      b: () => this.flip("boxing"),
      n: () => this.flip("notes"),
      p: () => this.flip("keep_pitch"),
      z: () => this.zoom(),
      "+": () => this.step(1),
      "-": () => this.step(-1),
      Escape: () => this.put(chosenParts(this.model).view ? { view: [] } : { region: [], band: [] }),
    };
  }

  /** @param {number} by */
  step(by) {
    const place = SPEEDS.findIndex((speed) => speed >= this.model.get("speed"));
    this.put({ speed: SPEEDS[clamp(place + by, 0, SPEEDS.length - 1)] });
  }

  showTracks() {
    const { model, plot } = this;
    plot.duration = model.get("duration");
    const track = model.get("tracks")[this.transport.chosen];
    plot.show(this.blind ? null : track?.picture, track ?? plot.about);
    this.paint();
  }

  showPlot() {
    Object.assign(this.plot, chosenParts(this.model));
    this.plot.notes = this.model.get("notes");
    this.plot.boxing = this.model.get("boxing");
    this.plot.draw();
    this.paint();
  }

  paint() {
    const { model, transport } = this;
    const { region, band, view } = chosenParts(this.model);
    this.title.textContent = model.get("title");
    this.slider.style.height = `${model.get("height")}px`;
    this.playButton.textContent = transport.playing ? "❚❚ Pause" : "▶ Play";
    pressed(this.playButton, transport.playing);
    pressed(this.loopButton, model.get("loop"));
    pressed(this.pitchButton, model.get("keep_pitch"));
    pressed(this.notesButton, model.get("notes"));
    pressed(this.boxButton, model.get("boxing"));
    pressed(this.zoomButton, view);
    this.zoomButton.textContent = view ? "Zoom out" : "Zoom";
    this.zoomButton.disabled = !view && !region && !band;
    this.clearButton.disabled = !view && !region && !band;
    this.volume.value = String(model.get("volume"));
    this.speed.value = SPEEDS.includes(model.get("speed")) ? String(model.get("speed")) : "";
    this.more.hidden = model.get("compact");
    this.fields.hidden = model.get("compact") || !(model.get("boxing") || region || band);
    const values = [...(region ?? [null, null]), ...(band ?? [null, null])];
    this.limits.forEach((field, i) => {
      const value = values[i];
      if (document.activeElement !== field) field.value = value === null ? "" : String(+value.toFixed(i < 2 ? 2 : 0));
    });
    const blocked = transport.blocked ? "The browser allows sound after a click: press Play." : "";
    this.trouble.textContent = model.get("error") || blocked;
    const called = [model.get("title"), "spectrogram, place in seconds"].filter(Boolean).join(": ");
    this.slider.setAttribute("aria-label", called);
    this.slider.setAttribute("aria-valuemax", model.get("duration").toFixed(2));
    this.paintPlace();
    if (transport.playing && !this.frame) this.tick();
  }

  paintPlace() {
    const now = this.transport.now();
    const duration = this.model.get("duration");
    this.plot.point(now);
    this.clock.textContent = `${now.toFixed(2)} / ${duration.toFixed(2)} s`;
    this.slider.setAttribute("aria-valuenow", now.toFixed(2));
    this.slider.setAttribute("aria-valuetext", `${now.toFixed(1)} of ${duration.toFixed(1)} seconds`);
  }

  dispose() {
    super.dispose();
    cancelAnimationFrame(this.frame);
    this.plot.dispose();
  }
}
