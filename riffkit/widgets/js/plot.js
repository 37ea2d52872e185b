// @ts-check
// Plot: a spectrogram picture between a frequency axis (mel) and a time axis, with a playhead and a selection.

/** @typedef {{ hop: number, lanes: number, fmin: number, fmax: number, rows?: number }} About [s], Hz, of a picture */
/** @typedef {[number, number] | null} Span from, to */
/**
 * What a plot does with gestures; `select` gets nulls for what was not chosen.
 * @typedef {object} Gestures
 * @property {(time: number) => void} seek
 * @property {(region: Span, band: Span) => void} select
 * @property {(text: string) => void} readout
 */

/** @typedef {(value: number) => number} Scale */

/** @type {Scale} Hertz to mel, as `mel_of_hz` of riffkit/sound/params.py (a test holds them together). */
const mel = (hz) => 2595 * Math.log10(1 + hz / 700);
/** @type {Scale} */
const hertz = (m) => 700 * (10 ** (m / 2595) - 1);
const NOTES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const SIMPLE = [1000, 5000, 500, 2000, 10000, 200, 20000, 100, 3000, 7000, 50, 300, 1500, 4000, 700, 14000];
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 3600];
const STEPS = [1000, 500, 200, 100, 50, 20, 10, 5, 2, 1];

/** @type {Scale} */
const midi = (hz) => 69 + 12 * Math.log2(hz / 440);
/** @type {(number: number) => string} */
const noteName = (number) => `${NOTES[((number % 12) + 12) % 12]}${Math.floor(number / 12) - 1}`;
/** @type {(hz: number) => string} */
const spoken = (hz) => (hz < 1000 ? `${Math.round(hz)} Hz` : `${(hz / 1000).toFixed(hz < 9950 ? 2 : 1)} kHz`);
/** @type {(time: number, hz: number) => string} */
const pointedAt = (time, hz) =>
  `${time.toFixed(2)} s · ${spoken(hz)}${hz > 16 ? ` · ${noteName(Math.round(midi(hz)))}` : ""}`;

class Plot {
  /**
   * @param {Element} parent
   * @param {Gestures} act
   */
  constructor(parent, act) {
    this.act = act;
    this.root = element("div", "riffkit-plot", parent);
    this.rows = element("div", "riffkit-rows", this.root);
    this.area = element("div", "riffkit-area", this.root);
    this.columns = element("div", "riffkit-columns", this.root);
    this.canvas = element("canvas", "", this.area);
    this.marks = element("div", "", this.area);
    this.head = element("div", "riffkit-head", this.area);
    for (const axis of [this.rows, this.columns]) axis.setAttribute("aria-hidden", "true");
    /** @type {ImageBitmap | null} */
    this.bitmap = null;
    this.notes = this.boxing = false;
    /** @type {Span} */
    this.region = null;
    /** @type {Span} */
    this.band = null;
    /** @type {{ region: Span, band: Span } | null} */
    this.draft = null;
    /** @type {About} */
    this.about = { hop: 0.01, lanes: 1, fmin: 0, fmax: 10000 };
    this.duration = 1;
    /** @type {number[] | null} */
    this.view = null; // [from s, to s, low Hz, high Hz], null: everything
    this.turn = this.pointed = 0;
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.area);
    this.listen();
  }

  get window() {
    return this.view ?? [0, Math.max(this.duration, 1e-3), this.about.fmin, this.about.fmax];
  }

  get laneHeight() {
    return this.area.clientHeight / this.about.lanes;
  }

  /**
   * @param {DataView | undefined} png
   * @param {About} about
   */
  async show(png, about) {
    this.about = about;
    const turn = ++this.turn;
    const bitmap = await bitmapOf(png);
    if (turn !== this.turn) return bitmap?.close(); // a later one overtook it
    this.bitmap?.close();
    this.bitmap = bitmap;
    this.draw();
  }

  /** @param {number} time */
  x(time) {
    const [from, to] = this.window;
    return ((time - from) / (to - from)) * this.area.clientWidth;
  }

  /** @param {number} x */
  time(x) {
    const [from, to] = this.window;
    return clamp(from + (x / this.area.clientWidth) * (to - from), 0, this.duration);
  }

  /** @param {number} hz */
  y(hz) {
    const [, , low, high] = this.window;
    return this.laneHeight * (1 - (mel(hz) - mel(low)) / (mel(high) - mel(low)));
  }

  /** @param {number} y */
  hz(y) {
    const [, , low, high] = this.window;
    const lane = clamp(Math.floor(y / this.laneHeight), 0, this.about.lanes - 1);
    const share = 1 - clamp(y / this.laneHeight - lane, 0, 1);
    return hertz(mel(low) + share * (mel(high) - mel(low)));
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.area;
    if (!width || !height) return;
    const fine = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * fine);
    this.canvas.height = Math.round(height * fine);
    const paper = paperOf(this.canvas);
    paper.fillStyle = "white";
    paper.fillRect(0, 0, this.canvas.width, this.canvas.height);
    for (let lane = 0; this.bitmap && lane < this.about.lanes; lane++) this.drawLane(paper, this.bitmap, lane);
    this.drawAxes();
    this.mark();
    this.point(this.pointed);
  }

  /**
   * Column c is centred on c * hop; row r, from the bottom, on the (r + 1)th of n + 1 equal steps in mel.
   * @param {CanvasRenderingContext2D} paper
   * @param {ImageBitmap} bitmap
   * @param {number} lane
   */
  drawLane(paper, bitmap, lane) {
    const { hop, lanes, fmin, fmax } = this.about;
    const [from, to, low, high] = this.window;
    const n = bitmap.height / lanes;
    const step = (mel(fmax) - mel(fmin)) / (n + 1);
    /** @type {Scale} */
    const row = (hz) => n + 0.5 - (mel(hz) - mel(fmin)) / step;
    const tall = paper.canvas.height / lanes;
    const [top, bottom] = [row(high), row(low)];
    const [first, last] = [clamp(top, 0, n), clamp(bottom, 0, n)];
    const scale = tall / (bottom - top);
    const [left, right] = [from / hop + 0.5, to / hop + 0.5].map((x) => clamp(x, 0, bitmap.width));
    const across = paper.canvas.width / ((to - from) / hop);
    const x = (left - from / hop - 0.5) * across;
    const [y, wide, deep] = [lane * tall + (first - top) * scale, (right - left) * across, (last - first) * scale];
    paper.drawImage(bitmap, left, lane * n + first, right - left, last - first, x, y, wide, deep);
    if (!lane) return;
    paper.fillStyle = "#888";
    paper.fillRect(0, lane * tall - 1, paper.canvas.width, 2);
  }

  drawAxes() {
    const [from, to, low, high] = this.window;
    this.rows.replaceChildren();
    this.columns.replaceChildren();
    const names = this.notes ? noteTicks(low, high) : hertzTicks(low, high);
    const edge = this.about.lanes > 1 ? 7 : -1; // labels of two lanes must not meet
    for (let lane = 0; lane < this.about.lanes; lane++) {
      /** @type {number[]} */
      const taken = [];
      for (const [hz, text] of names) {
        const y = this.y(hz);
        if (y < edge || y > this.laneHeight - edge || taken.some((other) => Math.abs(other - y) < 15)) continue;
        taken.push(y);
        element("span", "", this.rows, text).style.top = `${lane * this.laneHeight + y}px`;
      }
      if (this.about.lanes > 1) {
        const side = element("b", "", this.rows, "LR"[lane] ?? "");
        side.style.top = `${(lane + 0.5) * this.laneHeight}px`;
      }
    }
    const width = this.area.clientWidth;
    const step = SECONDS.find((seconds) => (seconds / (to - from)) * width >= 48) ?? Infinity;
    for (let i = Math.ceil(from / step - 1e-6); i * step <= to + 1e-9; i++) {
      const label = element("span", "", this.columns, `${+(i * step).toFixed(3)} s`);
      label.style.left = `${this.x(i * step)}px`;
    }
  }

  // The selection, or what is being drawn of one: a box in every lane.
  mark() {
    const [, , low, high] = this.window;
    const { region, band } = this.draft ?? this;
    this.marks.replaceChildren();
    if (!region && !band) return;
    const [a, b] = (region ?? [0, this.duration]).map((time) => clamp(this.x(time), -2, this.area.clientWidth + 2));
    for (let lane = 0; lane < this.about.lanes; lane++) {
      const [bottom, top] = (band ?? [low, high]).map((hz) => clamp(this.y(hz), 0, this.laneHeight));
      const box = element("div", "riffkit-selection", this.marks);
      box.classList.toggle("riffkit-all", Boolean(this.view) && b - a >= this.area.clientWidth - 1);
      const shape = { left: a, width: Math.max(b - a, 1), top: lane * this.laneHeight + top, height: bottom - top };
      for (const [name, value] of Object.entries(shape)) box.style.setProperty(name, `${value}px`);
    }
  }

  /** @param {number} time */
  point(time) {
    this.pointed = time;
    const x = this.x(time);
    this.head.hidden = x < -1 || x > this.area.clientWidth + 1;
    this.head.style.transform = `translateX(${x}px)`;
  }

  /**
   * Where a pointer is in the area, from its upper left corner.
   * @param {PointerEvent} event
   */
  placeOf(event) {
    const box = this.area.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  listen() {
    const { area } = this;
    /** @type {{ x: number, y: number, boxing: boolean, dragged: boolean } | null} */
    let down = null;
    area.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      area.setPointerCapture(event.pointerId);
      const [x, y] = this.placeOf(event);
      down = { x, y, boxing: this.boxing || event.shiftKey, dragged: false };
    });
    area.addEventListener("pointermove", (event) => {
      const [x, y] = this.placeOf(event);
      const hz = this.hz(y);
      this.act.readout(pointedAt(this.time(x), hz));
      if (!down || (!down.dragged && Math.hypot(x - down.x, y - down.y) < 5)) return;
      down.dragged = true;
      const band = down.boxing ? ordered(this.hz(down.y), hz) : null;
      this.draft = { region: ordered(this.time(down.x), this.time(x)), band };
      this.mark();
    });
    /** @param {PointerEvent} event */
    const up = (event) => {
      if (this.draft && event.type === "pointerup") this.act.select(this.draft.region, this.draft.band);
      else if (down && event.type === "pointerup") this.act.seek(this.time(down.x));
      down = this.draft = null;
      this.mark();
    };
    area.addEventListener("pointerup", up);
    area.addEventListener("pointercancel", up);
    area.addEventListener("pointerleave", () => this.act.readout(""));
  }

  dispose() {
    this.watch.disconnect();
    this.bitmap?.close();
  }
}

/** @type {(a: number, b: number) => [number, number]} */
const ordered = (a, b) => [Math.min(a, b), Math.max(a, b)];

/**
 * The axis' candidates, the most wanted first; those that would touch one already there are left out.
 * @type {(low: number, high: number) => [number, string][]}
 */
function hertzTicks(low, high) {
  const inside = SIMPLE.filter((hz) => hz >= low && hz <= high);
  const ticks = inside.length > 2 ? inside : [];
  for (const step of STEPS) {
    if (ticks.length > 5 || (high - low) / step > 40) continue;
    for (let hz = Math.ceil(low / step) * step; hz <= high; hz += step) ticks.push(hz);
  }
  return ticks.map((hz) => [hz, hz < 1000 ? `${hz} Hz` : `${hz / 1000} kHz`]);
}

/** @type {(low: number, high: number) => [number, string][]} */
function noteTicks(low, high) {
  const first = Math.ceil(midi(Math.max(low, 16)) - 1e-6);
  const all = Array.from({ length: Math.max(Math.floor(midi(high)) - first + 1, 0) }, (_, i) => first + i);
  /** @type {Scale} */
  const rank = (number) => "C GDEFAB".indexOf(NOTES[number % 12]) + (NOTES[number % 12].length > 1 ? 99 : 0);
  all.sort((a, b) => rank(a) - rank(b) || a - b); // sharps last
  return all.map((number) => [440 * 2 ** ((number - 69) / 12), noteName(number)]);
}
