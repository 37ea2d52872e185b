// Plot: a spectrogram picture between a frequency axis (mel) and a time axis, with a playhead and a selection.

const mel = (hz) => 2595 * Math.log10(1 + hz / 700);
const hertz = (m) => 700 * (10 ** (m / 2595) - 1);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const NOTES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const SIMPLE = [1000, 5000, 500, 2000, 10000, 200, 20000, 100, 3000, 7000, 50, 300, 1500, 4000, 700, 14000];
const STEPS = [1000, 500, 200, 100, 50, 20, 10, 5, 2, 1];

const midi = (hz) => 69 + 12 * Math.log2(hz / 440);
const noteName = (number) => `${NOTES[((number % 12) + 12) % 12]}${Math.floor(number / 12) - 1}`;
const spoken = (hz) => (hz < 1000 ? `${Math.round(hz)} Hz` : `${(hz / 1000).toFixed(hz < 9950 ? 2 : 1)} kHz`);

function element(tag, className, parent, text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
}

class Plot {
  // act: { seek(t), select(region, band), readout(text) }; `select` gets nulls for what was not chosen
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
    Object.assign(this, { bitmap: null, notes: false, boxing: false, region: null, band: null, draft: null });
    this.about = { hop: 0.01, lanes: 1, fmin: 0, fmax: 10000 };
    this.duration = 1;
    this.view = null; // [from s, to s, low Hz, high Hz], null: everything
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

  async show(png, about) {
    this.about = about;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const bitmap = png?.byteLength ? await createImageBitmap(new Blob([png], { type: "image/png" })) : null;
    if (turn !== this.turn) return bitmap?.close(); // a later one overtook it
    this.bitmap?.close();
    this.bitmap = bitmap;
    this.draw();
  }

  x(time) {
    const [from, to] = this.window;
    return ((time - from) / (to - from)) * this.area.clientWidth;
  }

  time(x) {
    const [from, to] = this.window;
    return clamp(from + (x / this.area.clientWidth) * (to - from), 0, this.duration);
  }

  y(hz) {
    const [, , low, high] = this.window;
    return this.laneHeight * (1 - (mel(hz) - mel(low)) / (mel(high) - mel(low)));
  }

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
    const paper = this.canvas.getContext("2d");
    paper.fillStyle = "white";
    paper.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (this.bitmap) for (let lane = 0; lane < this.about.lanes; lane++) this.drawLane(paper, lane);
    this.drawAxes();
    this.mark();
    this.point(this.pointed ?? 0);
  }

  // Column c is centred on c * hop; row r, from the bottom, on the (r + 1)th of n + 1 equal steps in mel.
  drawLane(paper, lane) {
    const { hop, lanes, fmin, fmax } = this.about;
    const [from, to, low, high] = this.window;
    const n = this.bitmap.height / lanes;
    const step = (mel(fmax) - mel(fmin)) / (n + 1);
    const row = (hz) => n + 0.5 - (mel(hz) - mel(fmin)) / step;
    const tall = paper.canvas.height / lanes;
    const [top, bottom] = [row(high), row(low)];
    const [first, last] = [clamp(top, 0, n), clamp(bottom, 0, n)];
    const scale = tall / (bottom - top);
    const [left, right] = [from / hop + 0.5, to / hop + 0.5].map((x) => clamp(x, 0, this.bitmap.width));
    const across = paper.canvas.width / ((to - from) / hop);
    const x = (left - from / hop - 0.5) * across;
    paper.drawImage(
      ...[this.bitmap, left, lane * n + first, right - left, last - first],
      ...[x, lane * tall + (first - top) * scale, (right - left) * across, (last - first) * scale],
    );
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
    const step = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 3600].find(
      (seconds) => (seconds / (to - from)) * width >= 48,
    );
    for (let i = Math.ceil(from / step - 1e-6); step && i * step <= to + 1e-9; i++) {
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
      for (const [name, value] of Object.entries(shape)) box.style[name] = `${value}px`;
    }
  }

  point(time) {
    this.pointed = time;
    const x = this.x(time);
    this.head.hidden = x < -1 || x > this.area.clientWidth + 1;
    this.head.style.transform = `translateX(${x}px)`;
  }

  listen() {
    const { area } = this;
    const place = (event) => {
      const box = area.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    let down = null;
    area.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      area.setPointerCapture(event.pointerId);
      down = { ...place(event), boxing: this.boxing || event.shiftKey };
    });
    area.addEventListener("pointermove", (event) => {
      const { x, y } = place(event);
      const hz = this.hz(y);
      this.act.readout(`${this.time(x).toFixed(2)} s · ${spoken(hz)}${hz > 16 ? ` · ${noteName(Math.round(midi(hz)))}` : ""}`);
      if (!down || (!down.dragged && Math.hypot(x - down.x, y - down.y) < 5)) return;
      down.dragged = true;
      const region = [this.time(down.x), this.time(x)].sort((a, b) => a - b);
      const band = down.boxing ? [this.hz(down.y), hz].sort((a, b) => a - b) : null;
      this.draft = { region, band };
      this.mark();
    });
    const up = (event) => {
      if (down?.dragged && event.type === "pointerup") this.act.select(this.draft.region, this.draft.band);
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

// The axis' candidates, the most wanted first; those that would touch one already there are left out.
function hertzTicks(low, high) {
  const inside = SIMPLE.filter((hz) => hz >= low && hz <= high);
  const ticks = inside.length > 2 ? inside : [];
  for (const step of STEPS) {
    if (ticks.length > 5 || (high - low) / step > 40) continue;
    for (let hz = Math.ceil(low / step) * step; hz <= high; hz += step) ticks.push(hz);
  }
  return ticks.map((hz) => [hz, hz < 1000 ? `${hz} Hz` : `${hz / 1000} kHz`]);
}

function noteTicks(low, high) {
  const first = Math.ceil(midi(Math.max(low, 16)) - 1e-6);
  const all = Array.from({ length: Math.max(Math.floor(midi(high)) - first + 1, 0) }, (_, i) => first + i);
  const rank = (number) => "C GDEFAB".indexOf(NOTES[number % 12]) + (NOTES[number % 12].length > 1 ? 99 : 0); // sharps last
  return all.sort((a, b) => rank(a) - rank(b) || a - b).map((number) => [440 * 2 ** ((number - 69) / 12), noteName(number)]);
}
