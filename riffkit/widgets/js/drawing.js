// @ts-check
// DrawingSurface: the drawing with its tools, its keys and its fields.

/** @typedef {{ tool: string, points: Point[], harmonics?: number }} Drawn What a stroke is made of. */

const HARMONICS = 32;
const MASK_TOOLS = [
  ["brush", "Brush", "Paint where the mask is (p)"],
  ["time", "Time band", "Drag from when to when, all frequencies (t)"],
  ["frequency", "Frequency band", "Drag from where to where, all of the time (f)"],
  ["box", "Box", "Drag a box in time and frequency (b)"],
  ["harmonics", "Harmonics", "Paint a note with its overtones: point at the fundamental (h)"],
  ["erase", "Eraser", "Take paint away (e)"],
];
const INK_TOOLS = [
  ["brush", "Brush", "Draw freely; a pen's pressure is the level (p)"],
  ["line", "Line", "Drag a straight line (l)"],
  ["harmonics", "Harmonics", "Draw a note with its overtones: point at the fundamental (h)"],
  ["erase", "Eraser", "Take ink away (e)"],
];

class DrawingView extends View {
  /**
   * @param {Model} model
   * @param {Host} el
   */
  constructor(model, el) {
    super(model, el, "riffkit-drawing");
    /** @type {Point[] | null} */
    this.begun = null; // where the pen has been since it was put down
    /** @type {Point | null} */
    this.at = null; // the cross
    this.frame = 0;
    this.ink = Boolean(model.get("ink"));
    this.tools = this.ink ? INK_TOOLS : MASK_TOOLS;
    const bar = element("div", "riffkit-bar", el);
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "Drawing tools");
    this.toolButtons = this.tools.map(([tool, text, said]) => {
      const button = this.button(bar, text, said, () => this.put({ tool }));
      button.dataset.tool = tool;
      return button;
    });
    this.sizeSlider = this.slider(bar, "Size", "size", { min: 1, max: this.ink ? 40 : 120, step: 1 });
    this.levelSlider = this.ink ? this.slider(bar, "Level", "level", { min: 0.05, max: 1, step: 0.05 }) : null;
    const other = element("div", "riffkit-bar", el);
    this.undoButton = this.button(other, "Undo", "Take the last stroke back (Ctrl+Z)", () => this.undo());
    this.redoButton = this.button(other, "Redo", "Draw it again (Ctrl+Shift+Z)", () => this.redo());
    const clear = () => this.add({ tool: "clear", points: [] });
    this.clearButton = this.button(other, "Clear", "Wipe everything; can be undone", clear);
    this.pointed = element("span", "riffkit-pointed", other);
    this.plot = new Drawing(el, (point) => this.readout(point), this.pen(), this.ink);
    const { area } = this.plot;
    area.tabIndex = 0;
    area.setAttribute("role", "application");
    area.addEventListener("keydown", (event) => this.key(event));
    area.addEventListener("blur", () => (this.plot.cross.hidden = true));
    this.numbers = this.numberFields();
    this.trouble = element("div", "riffkit-trouble", el);
    this.trouble.setAttribute("role", "alert");
    this.follow("drawn", () => this.paint());
    this.follow("picture", () => this.show());
    for (const name of ["taken_back", "tool", "size", "level", "error", "height", "label"]) {
      this.follow(name, () => this.paintControls());
    }
  }

  /** The same in numbers: a band or box of the mask, or a line of ink. */
  numberFields() {
    const { ink } = this;
    const bar = element("div", "riffkit-bar", this.el);
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", ink ? "A line in numbers" : "A band in numbers");
    const names = ["from (s)", "to (s)", ...(ink ? ["from (Hz)", "to (Hz)"] : ["low (Hz)", "high (Hz)"])];
    const fields = names.map((name, i) => {
      const field = this.field(bar, name, "number", { min: 0, step: i < 2 ? 0.01 : 1 });
      field.addEventListener("keydown", (event) => event.key === "Enter" && this.addNumbers());
      return field;
    });
    const add = () => this.addNumbers();
    this.button(bar, ink ? "Draw line" : "Add band", "Empty fields mean the whole picture (Enter)", add);
    return fields;
  }

  addNumbers() {
    const { fmin, fmax } = this.plot.about;
    const given = this.numbers.map((field) => (field.value === "" ? null : +field.value));
    const from = given[0] ?? 0;
    if (this.ink) {
      const [, to = this.plot.duration, low = 440, high = low] = given.map((value) => value ?? undefined);
      const harmonics = this.model.get("tool") === "harmonics" ? HARMONICS : 1;
      return this.add({ tool: "brush", points: [[from, low, 1], [to, high, 1]], harmonics });
    }
    const [, to = this.plot.end, low = fmin, high = fmax] = given.map((value) => value ?? undefined);
    if (!(from < to && low < high)) {
      return this.put({ error: `The band from ${from} to ${to} s, ${low} to ${high} Hz is empty.` });
    }
    this.add({ tool: "box", points: [[from, low, 1], [to, high, 1]] });
  }

  /**
   * @param {Element} parent
   * @param {string} text
   * @param {string} name Of the trait that it sets.
   * @param {Record<string, number>} limits
   */
  slider(parent, text, name, limits) {
    const slider = this.field(parent, text, "range", limits);
    slider.addEventListener("input", () => this.put({ [name]: +slider.value }));
    return slider;
  }

  /** @param {Drawn} values */
  add(values) {
    const { model } = this;
    const round = (/** @type {number} */ value, /** @type {number} */ digits) => +value.toFixed(digits);
    const points = values.points.map(([s, hz, pressure]) => [round(s, 4), round(hz, 2), round(pressure, 3)]);
    const stroke = { size: model.get("size"), level: model.get("level"), harmonics: 1, ...values, points };
    this.put({ drawn: [...model.get("drawn"), stroke], taken_back: [], error: "" });
  }

  undo() {
    const [drawn, back] = [this.model.get("drawn"), this.model.get("taken_back")];
    if (drawn.length) this.put({ drawn: drawn.slice(0, -1), taken_back: [...back, drawn.at(-1)] });
  }

  redo() {
    const [drawn, back] = [this.model.get("drawn"), this.model.get("taken_back")];
    if (back.length) this.put({ drawn: [...drawn, back.at(-1)], taken_back: back.slice(0, -1) });
  }

  /** @returns {Pen} */
  pen() {
    return {
      down: (point) => {
        this.begun = [point];
        this.wetten();
      },
      move: (points) => {
        if (!this.begun) return;
        for (const point of points) {
          if (this.plot.apart(this.begun[this.begun.length - 1], point) > 1) this.begun.push(point);
        }
        this.wetten();
      },
      up: () => {
        const stroke = this.begun && this.strokeOf(this.begun);
        this.begun = this.plot.wet = null;
        if (stroke) this.add(stroke);
        else this.plot.redraw();
      },
      cancel: () => {
        this.begun = this.plot.wet = null;
        this.plot.redraw();
      },
    };
  }

  /**
   * What a tool makes of the points the pen has been at; null if that is nothing.
   * @param {Point[]} points
   * @returns {Drawn | null}
   */
  strokeOf(points) {
    /** @type {string} */
    const tool = this.model.get("tool");
    const [first, last] = [points[0], points[points.length - 1]];
    const { fmin, fmax } = this.plot.about;
    const edge = (/** @type {number} */ s) => (s < this.plot.duration ? s : this.plot.end); // the last column too
    /** @type {Record<string, Point[]>} */
    const boxes = {
      time: [[edge(first[0]), fmin, 1], [edge(last[0]), fmax, 1]],
      frequency: [[0, first[1], 1], [this.plot.end, last[1], 1]],
      box: [[edge(first[0]), first[1], 1], [edge(last[0]), last[1], 1]],
    };
    if (boxes[tool]) return points.length > 1 ? { tool: "box", points: boxes[tool] } : null;
    if (tool === "line") return { tool: "brush", points: [first, last] };
    if (tool === "harmonics") return { tool: "brush", points, harmonics: HARMONICS };
    return { tool, points };
  }

  wetten() {
    const { model } = this;
    const stroke = this.begun && this.strokeOf(this.begun);
    this.plot.wet = stroke && { size: model.get("size"), level: model.get("level"), harmonics: 1, ...stroke };
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.plot.redraw());
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const letter = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (letter === "z" || letter === "y")) {
      event.preventDefault();
      return letter === "y" || event.shiftKey ? this.redo() : this.undo();
    }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const tool = this.tools.find(([, , said]) => said.endsWith(`(${letter})`));
    const by = event.shiftKey ? 0.1 : 0.01;
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] };
    const move = moves[event.key];
    if (tool) this.put({ tool: tool[0] });
    else if (move) this.moveCross(...move);
    else if (letter === "enter" || letter === " ") this.press();
    else if (letter === "escape" && this.begun) this.pen().cancel();
    else return;
    event.preventDefault();
    this.paintCross();
  }

  /**
   * @param {number} across Share of the width.
   * @param {number} up Share of the height.
   */
  moveCross(across, up) {
    const { fmin, fmax } = this.plot.about;
    const [s, hz] = this.at ?? [this.plot.duration / 2, hertz((mel(fmin) + mel(fmax)) / 4)];
    const height = mel(fmax) - mel(fmin);
    const place = mel(hz) + up * height;
    const next = clamp(s + across * this.plot.duration, 0, this.plot.duration);
    this.at = [next, hertz(clamp(place, mel(fmin), mel(fmax))), 1];
    if (this.begun) this.pen().move([this.at]);
  }

  press() {
    if (!this.at) return this.moveCross(0, 0);
    if (this.begun) this.pen().up();
    else this.pen().down(this.at);
  }

  paintCross() {
    const { cross } = this.plot;
    cross.hidden = !this.at;
    if (!this.at) return;
    cross.style.left = `${this.plot.x(this.at[0])}px`;
    cross.style.top = `${this.plot.y(this.at[1])}px`;
    cross.classList.toggle("riffkit-down", Boolean(this.begun));
    this.readout(this.at);
    this.plot.area.setAttribute("aria-description", `${this.begun ? "pen down, " : ""}${this.pointed.textContent}`);
  }

  /** @param {Point} point */
  readout([s, hz]) {
    this.pointed.textContent = pointedAt(s, hz);
  }

  show() {
    this.plot.duration = this.model.get("duration");
    this.plot.show(this.model.get("picture"), this.model.get("about"));
    this.paint();
  }

  paint() {
    this.plot.strokes = this.model.get("drawn");
    this.plot.draw();
    this.paintControls();
  }

  paintControls() {
    const { model } = this;
    const count = model.get("drawn").length;
    this.plot.area.style.height = `${model.get("height")}px`;
    for (const button of this.toolButtons) pressed(button, button.dataset.tool === model.get("tool"));
    this.sizeSlider.value = String(model.get("size"));
    if (this.levelSlider) this.levelSlider.value = String(model.get("level"));
    this.undoButton.disabled = this.clearButton.disabled = !count;
    this.redoButton.disabled = !model.get("taken_back").length;
    const said = "arrows move the cross, Enter puts the pen down and lifts it";
    this.plot.area.setAttribute("aria-label", `${model.get("label") || "Spectrogram"}: ${said}; ${count} strokes`);
    this.trouble.textContent = model.get("error");
  }

  dispose() {
    super.dispose();
    cancelAnimationFrame(this.frame);
    this.plot.dispose();
  }
}

export default { render: renderer(DrawingView) };
