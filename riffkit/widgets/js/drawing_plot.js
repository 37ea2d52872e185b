// @ts-check
// Drawing: a plot under a pen. Strokes are kept in seconds and hertz, as riffkit/widgets/parts/strokes.py has them,
// which also makes the pixels that count; what is drawn here is their likeness.

/** @typedef {number[]} Point seconds, Hz, pressure (0..1) */
/** @typedef {{ tool: string, points: Point[], size: number, level: number, harmonics: number }} Stroke */
/**
 * What a pen does.
 * @typedef {object} Pen
 * @property {(point: Point) => void} down
 * @property {(points: Point[]) => void} move
 * @property {() => void} up
 * @property {() => void} cancel
 */

class Drawing extends Plot {
  /**
   * @param {Element} parent
   * @param {(point: Point) => void} readout
   * @param {Pen} pen
   * @param {boolean} ink Draw sound, else a mask over it.
   */
  constructor(parent, readout, pen, ink) {
    super(parent, { readout() {}, select() {}, seek() {} });
    this.told = readout;
    this.pen = pen;
    this.ink = ink;
    this.overlay = element("canvas", `riffkit-overlay${ink ? "" : " riffkit-mask"}`, this.area);
    this.dry = document.createElement("canvas"); // all finished strokes
    this.cross = element("div", "riffkit-cross", this.area);
    this.cross.hidden = true;
    this.head.hidden = true;
    /** @type {Stroke[]} */
    this.strokes = [];
    /** @type {Stroke | null} */
    this.wet = null;
  }

  listen() {
    const { area } = this;
    /** @type {(event: PointerEvent) => Point} */
    const point = (event) => {
      const [x, y] = this.placeOf(event);
      return [this.time(x), this.hz(y), event.pointerType === "pen" ? event.pressure : 1];
    };
    let down = false;
    area.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      area.setPointerCapture(event.pointerId);
      down = true;
      this.pen.down(point(event));
    });
    area.addEventListener("pointermove", (event) => {
      this.told(point(event));
      const all = event.getCoalescedEvents?.() ?? [];
      if (down) this.pen.move((all.length ? all : [event]).map(point));
    });
    /** @param {PointerEvent} event */
    const up = (event) => {
      if (!down) return;
      down = false;
      if (event.type === "pointerup") this.pen.up();
      else this.pen.cancel();
    };
    area.addEventListener("pointerup", up);
    area.addEventListener("pointercancel", up);
  }

  /** When the last column of the picture ends (s): what is chosen up to there has it inside. */
  get end() {
    return this.duration + this.about.hop;
  }

  get height() {
    return this.about.rows ?? 1; // rows of the picture
  }

  /**
   * Height of a frequency on the mel axis: 0 at fmin, 1 at fmax.
   * @param {number} hz
   */
  share(hz) {
    const { fmin, fmax } = this.about;
    return (mel(hz) - mel(fmin)) / (mel(fmax) - mel(fmin));
  }

  /**
   * A point in pixels of the picture, from its upper left corner.
   * @param {Point} point
   * @returns {[number, number]}
   */
  place([seconds, hz]) {
    return [seconds / this.about.hop + 0.5, this.height - this.share(hz) * (this.height + 1) + 0.5];
  }

  /**
   * The corner that a point gives a box, in whole pixels from the upper left one (`SpectrogramParams.box`).
   * @param {Point} point
   * @returns {[number, number]}
   */
  corner([seconds, hz]) {
    return [Math.round(seconds / this.about.hop), this.height - Math.round(clamp(this.share(hz), 0, 1) * this.height)];
  }

  /**
   * How far two points are from each other, in pixels of the picture.
   * @param {Point} a
   * @param {Point} b
   */
  apart(a, b) {
    const [[x0, y0], [x1, y1]] = [this.place(a), this.place(b)];
    return Math.hypot(x1 - x0, y1 - y0);
  }

  draw() {
    super.draw();
    if (!this.about.rows) return;
    for (const canvas of [this.overlay, this.dry]) {
      canvas.width = this.canvas.width;
      canvas.height = this.canvas.height;
    }
    const paper = paperOf(this.dry);
    this.strokes.forEach((stroke) => this.stroke(paper, stroke));
    this.redraw();
  }

  redraw() {
    const paper = paperOf(this.overlay);
    paper.setTransform(1, 0, 0, 1, 0, 0);
    paper.clearRect(0, 0, this.overlay.width, this.overlay.height);
    paper.drawImage(this.dry, 0, 0);
    if (this.wet) this.stroke(paper, this.wet);
  }

  /**
   * @param {CanvasRenderingContext2D} paper
   * @param {Stroke} stroke
   */
  stroke(paper, stroke) {
    const { tool, points, level } = stroke;
    const { width, height } = paper.canvas;
    paper.setTransform(1, 0, 0, 1, 0, 0);
    if (tool === "clear") return paper.clearRect(0, 0, width, height);
    const across = width / (this.duration / this.about.hop);
    const down = height / (this.height + 1); // row 0.5 above the first to 0.5 below the last
    paper.setTransform(across, 0, 0, down, -0.5 * across, 0.5 * down);
    paper.globalCompositeOperation = tool === "erase" ? "destination-out" : "source-over";
    if (tool === "box") {
      const [[x0, y0], [x1, y1]] = [this.corner(points[0]), this.corner(points[1])];
      paper.fillStyle = this.colour(this.ink ? level : 1);
      paper.fillRect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0));
    } else this.trace(paper, stroke);
    paper.globalCompositeOperation = "source-over";
  }

  /** @param {number} dark */
  colour(dark) {
    return `rgb(${this.ink ? "0 0 0" : "216 27 96"} / ${dark})`;
  }

  /**
   * The path of a brush or an eraser, and its overtones.
   * @param {CanvasRenderingContext2D} paper
   * @param {Stroke} stroke
   */
  trace(paper, { tool, points, size, level, harmonics }) {
    paper.lineCap = paper.lineJoin = "round";
    const soft = this.ink && tool === "brush";
    for (let k = 1; k <= harmonics; k++) {
      const path = points.filter(([, hz]) => hz * k <= this.about.fmax);
      if (!path.length) continue;
      const pressure = path.reduce((sum, point) => sum + (point[2] ?? 1), 0) / path.length;
      const dark = soft ? level * pressure * k ** -0.25 : 1;
      for (const [thick, share] of soft ? [[2, 0.25], [1.2, 0.45], [0.6, 0.8]] : [[1, 1]]) {
        paper.lineWidth = size * thick;
        paper.strokeStyle = this.colour(dark * share);
        paper.beginPath();
        path.forEach(([s, hz], i) => paper[i ? "lineTo" : "moveTo"](...this.place([s, hz * k])));
        if (path.length === 1) paper.lineTo(...this.place([path[0][0], path[0][1] * k]));
        paper.stroke();
      }
    }
  }
}
