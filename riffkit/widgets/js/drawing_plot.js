// Drawing: a plot under a pen. Strokes are kept in seconds and hertz, as riffkit/widgets/strokes.py has them, which also
// makes the pixels that count; what is drawn here is their likeness.

class Drawing extends Plot {
  // pen: { down(point), move(points), up(), cancel() } with points [seconds, Hz, pressure]
  constructor(parent, act, pen, ink) {
    super(parent, act);
    this.pen = pen;
    this.ink = ink;
    this.overlay = element("canvas", `riffkit-overlay${ink ? "" : " riffkit-mask"}`, this.area);
    this.dry = document.createElement("canvas"); // all finished strokes
    this.cross = element("div", "riffkit-cross", this.area);
    this.cross.hidden = true;
    this.head.hidden = true;
    this.strokes = [];
    this.wet = null;
  }

  listen() {
    const { area } = this;
    const place = (event) => {
      const box = area.getBoundingClientRect();
      const pressure = event.pointerType === "pen" ? event.pressure : 1;
      return [this.time(event.clientX - box.left), this.hz(event.clientY - box.top), pressure];
    };
    let down = false;
    area.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      area.setPointerCapture(event.pointerId);
      down = true;
      this.pen.down(place(event));
    });
    area.addEventListener("pointermove", (event) => {
      this.act.readout(place(event));
      const all = event.getCoalescedEvents?.() ?? [];
      if (down) this.pen.move((all.length ? all : [event]).map(place));
    });
    const up = (event) => {
      if (!down) return;
      down = false;
      if (event.type === "pointerup") this.pen.up();
      else this.pen.cancel();
    };
    area.addEventListener("pointerup", up);
    area.addEventListener("pointercancel", up);
  }

  // In pixels of the picture, from its upper left corner.
  place([seconds, hz]) {
    const { hop, fmin, fmax, rows } = this.about;
    const share = (mel(hz) - mel(fmin)) / (mel(fmax) - mel(fmin));
    return [seconds / hop + 0.5, rows - share * (rows + 1) + 0.5];
  }

  apart(a, b) {
    const [[x0, y0], [x1, y1]] = [this.place(a), this.place(b)];
    return Math.hypot(x1 - x0, y1 - y0);
  }

  draw() {
    super.draw();
    if (!this.overlay || !this.about.rows) return;
    for (const canvas of [this.overlay, this.dry]) {
      canvas.width = this.canvas.width;
      canvas.height = this.canvas.height;
    }
    const paper = this.dry.getContext("2d");
    this.strokes.forEach((stroke) => this.stroke(paper, stroke));
    this.redraw();
  }

  redraw() {
    const paper = this.overlay.getContext("2d");
    paper.setTransform(1, 0, 0, 1, 0, 0);
    paper.clearRect(0, 0, this.overlay.width, this.overlay.height);
    paper.drawImage(this.dry, 0, 0);
    if (this.wet) this.stroke(paper, this.wet);
  }

  stroke(paper, { tool, points, size, level, harmonics }) {
    const { rows, hop, fmax } = this.about;
    const { width, height } = paper.canvas;
    paper.setTransform(1, 0, 0, 1, 0, 0);
    if (tool === "clear") return paper.clearRect(0, 0, width, height);
    const columns = this.duration / hop;
    const across = width / columns;
    const down = height / (rows + 1); // row 0.5 above the first to 0.5 below the last
    paper.setTransform(across, 0, 0, down, -0.5 * across, 0.5 * down);
    paper.globalCompositeOperation = tool === "erase" ? "destination-out" : "source-over";
    paper.lineCap = paper.lineJoin = "round";
    const colour = this.ink ? "0 0 0" : "216 27 96";
    if (tool === "box") {
      const [[x0, y0], [x1, y1]] = points.map((point) => this.place(point));
      paper.fillStyle = `rgb(${colour} / ${this.ink ? level : 1})`;
      paper.fillRect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0));
    }
    const soft = this.ink && tool === "brush";
    for (let k = 1; tool !== "box" && k <= harmonics; k++) {
      const path = points.filter(([, hz]) => hz * k <= fmax);
      if (!path.length) continue;
      const pressure = path.reduce((sum, point) => sum + (point[2] ?? 1), 0) / path.length;
      const dark = soft ? level * pressure * k ** -0.25 : 1;
      for (const [thick, share] of soft ? [[2, 0.25], [1.2, 0.45], [0.6, 0.8]] : [[1, 1]]) {
        paper.lineWidth = size * thick;
        paper.strokeStyle = `rgb(${colour} / ${dark * share})`;
        paper.beginPath();
        path.forEach(([s, hz], i) => paper[i ? "lineTo" : "moveTo"](...this.place([s, hz * k])));
        if (path.length === 1) paper.lineTo(...this.place([path[0][0], path[0][1] * k]));
        paper.stroke();
      }
    }
    paper.globalCompositeOperation = "source-over";
  }
}
