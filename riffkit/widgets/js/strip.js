// Strip: two plots side by side, what each step saw and what it took that for, under one slider.

class StripView {
  constructor(model, el) {
    Object.assign(this, { model, el });
    this.leave = new AbortController();
    el.classList.add("riffkit-player", "riffkit-strip");
    el.dataset.lmSuppressShortcuts = "true"; // else a key pressed here would also edit the notebook
    el.addEventListener("keydown", (event) => event.stopPropagation());
    const bar = element("div", "riffkit-bar", el);
    const label = element("label", "", bar, "Step ");
    this.slider = Object.assign(element("input", "riffkit-scrub", label), { type: "range", min: 0, step: 1 });
    this.slider.addEventListener("input", () => this.go(+this.slider.value));
    this.run = element("button", "", bar, "Run");
    this.run.type = "button";
    this.run.title = "Let the film run";
    this.run.addEventListener("click", () => this.toggle());
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
    for (const name of ["frames", "step", "height"]) {
      const act = () => this.paint();
      model.on(`change:${name}`, act);
      this.leave.signal.addEventListener("abort", () => model.off(`change:${name}`, act));
    }
    this.paint();
  }

  go(step) {
    this.model.set("step", step);
    this.model.save_changes();
  }

  toggle() {
    if (this.timer) return this.halt();
    const last = this.model.get("frames").length - 1;
    if (this.model.get("step") >= last) this.go(0);
    this.timer = setInterval(() => {
      const step = this.model.get("step");
      if (step >= this.model.get("frames").length - 1) this.halt();
      else this.go(step + 1);
    }, 300);
    this.paint();
  }

  halt() {
    clearInterval(this.timer);
    this.timer = null;
    this.paint();
  }

  paint() {
    const { model } = this;
    const frames = model.get("frames");
    const step = clamp(model.get("step"), 0, Math.max(frames.length - 1, 0));
    const frame = frames[step];
    this.slider.max = Math.max(frames.length - 1, 0);
    this.slider.value = step;
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
    this.leave.abort();
    clearInterval(this.timer);
    for (const { plot } of this.sides) plot.dispose();
  }
}

function render({ model, el }) {
  const view = new StripView(model, el);
  el.riffkit = view; // for tests, and for whoever is curious
  return () => view.dispose();
}

export default { render };
