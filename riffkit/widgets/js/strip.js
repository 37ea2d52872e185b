// @ts-check
// Strip: two plots side by side, what each step saw and what it took that for, under one slider.

class StripView extends View {
  /**
   * @param {Model} model
   * @param {Host} el
   */
  constructor(model, el) {
    super(model, el, "riffkit-strip");
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    const bar = element("div", "riffkit-bar", el);
    this.slider = this.field(bar, "Step", "range", { min: 0, step: 1 });
    this.slider.className = "riffkit-scrub";
    this.slider.addEventListener("input", () => this.put({ step: +this.slider.value }));
    this.run = this.button(bar, "Run", "Let the film run", () => this.toggle());
    this.told = element("span", "riffkit-told", bar);
    this.told.setAttribute("role", "status");
    const pair = element("div", "riffkit-pair", el);
    this.sides = ["seen", "guess"].map((side) => {
      const box = element("figure", "", pair);
      const caption = element("figcaption", "", box, side === "seen" ? "what the step saw" : "what it took that for");
      const plot = new Plot(box, { readout: (text) => (caption.title = text), select() {}, seek() {} });
      plot.head.hidden = true;
      plot.area.setAttribute("role", "img");
      return { side, plot };
    });
    for (const name of ["frames", "step", "height"]) this.follow(name, () => this.show());
  }

  toggle() {
    if (this.timer) return this.halt();
    const last = this.model.get("frames").length - 1;
    if (this.model.get("step") >= last) this.put({ step: 0 });
    this.timer = setInterval(() => {
      const step = this.model.get("step");
      if (step >= this.model.get("frames").length - 1) this.halt();
      else this.put({ step: step + 1 });
    }, 300);
    this.show();
  }

  halt() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.show();
  }

  show() {
    const { model } = this;
    const frames = model.get("frames");
    const step = clamp(model.get("step"), 0, Math.max(frames.length - 1, 0));
    const frame = frames[step];
    this.slider.max = String(Math.max(frames.length - 1, 0));
    this.slider.value = String(step);
    this.slider.disabled = this.run.disabled = frames.length < 2;
    this.run.textContent = this.timer ? "Halt" : "Run";
    this.told.textContent = frame?.told ?? "";
    this.slider.setAttribute("aria-valuetext", frame?.told ?? "");
    for (const { side, plot } of this.sides) {
      plot.area.style.height = `${model.get("height")}px`;
      plot.duration = model.get("duration");
      plot.area.setAttribute("aria-label", `${side === "seen" ? "what it saw" : "its guess"}, ${frame?.told ?? ""}`);
      plot.show(frame?.[side], { ...plot.about, ...model.get("about") });
    }
  }

  dispose() {
    super.dispose();
    clearInterval(this.timer);
    for (const { plot } of this.sides) plot.dispose();
  }
}

export default { render: renderer(StripView) };
