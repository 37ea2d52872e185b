// WordOverlay: a plot with one word's attention laid over it, and a button for every word.

const GLOW = [230, 81, 0];

class Glowing extends Plot {
  draw() {
    super.draw();
    if (!this.glow) return;
    const paper = this.canvas.getContext("2d");
    const across = this.canvas.width / (this.duration / this.about.hop);
    paper.imageSmoothingEnabled = true;
    paper.imageSmoothingQuality = "high";
    paper.globalAlpha = this.strength;
    // the map covers `span` columns; column c is centred on c hops
    paper.drawImage(this.glow, -0.5 * across, 0, this.span * across, this.canvas.height);
    paper.globalAlpha = 1;
  }
}

class OverlayView {
  constructor(model, el) {
    Object.assign(this, { model, el, grey: null });
    this.leave = new AbortController();
    el.classList.add("riffkit-player", "riffkit-word-map");
    el.dataset.lmSuppressShortcuts = "true"; // else a key pressed here would also edit the notebook
    el.addEventListener("keydown", (event) => event.stopPropagation());
    this.words = element("div", "riffkit-bar", el);
    this.words.setAttribute("role", "group");
    this.words.setAttribute("aria-label", "Words of the prompt");
    this.plot = new Glowing(el, { readout: () => {}, select() {}, seek() {} });
    this.plot.head.hidden = true;
    this.plot.area.setAttribute("role", "img");
    this.plot.area.addEventListener("pointermove", (event) => this.point(event));
    const bar = element("div", "riffkit-bar", el);
    const label = element("label", "", bar, "Overlay ");
    this.slider = Object.assign(element("input", "", label), { type: "range", min: 0, max: 1, step: 0.05 });
    this.slider.addEventListener("input", () => this.put({ strength: +this.slider.value }));
    this.told = element("span", "riffkit-told", bar);
    this.told.setAttribute("role", "status");
    const follow = (name, act) => {
      model.on(`change:${name}`, act);
      this.leave.signal.addEventListener("abort", () => model.off(`change:${name}`, act));
    };
    follow("words", () => this.showWords());
    for (const name of ["chosen", "strength", "height"]) follow(name, () => this.paint());
    follow("picture", () => this.showPicture());
    this.showPicture();
    this.showWords();
  }

  put(traits) {
    for (const [name, value] of Object.entries(traits)) this.model.set(name, value);
    this.model.save_changes();
  }

  showPicture() {
    this.plot.duration = this.model.get("duration");
    this.plot.show(this.model.get("picture"), { ...this.plot.about, ...this.model.get("about") });
    this.paint();
  }

  showWords() {
    this.words.replaceChildren();
    this.buttons = this.model.get("words").map(({ word }, i) => {
      const button = element("button", "", this.words, word);
      button.type = "button";
      button.addEventListener("click", () => this.put({ chosen: this.model.get("chosen") === i ? -1 : i }));
      return button;
    });
    this.paint();
  }

  async paint() {
    const { model, plot } = this;
    const chosen = model.get("chosen");
    const word = model.get("words")[chosen];
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.buttons?.forEach((button, i) => button.setAttribute("aria-pressed", i === chosen));
    plot.area.style.height = `${model.get("height")}px`;
    this.slider.value = plot.strength = model.get("strength");
    this.slider.disabled = !word;
    const said = word ? `“${word.word}” drew ${percent(word.low)} to ${percent(word.high)} of the attention` : "";
    this.told.textContent = said;
    plot.area.setAttribute("aria-label", `Spectrogram${said && `; ${said}`}`);
    const bitmap = word ? await createImageBitmap(new Blob([word.map], { type: "image/png" })) : null;
    if (turn !== this.turn) return bitmap?.close(); // a later one overtook it
    plot.glow = bitmap ? this.colour(bitmap) : null;
    plot.span = model.get("span");
    plot.draw();
  }

  // The grey map as a veil of one colour: clear where the word did least, dense where it did most.
  colour(bitmap) {
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    const paper = canvas.getContext("2d");
    paper.drawImage(bitmap, 0, 0);
    bitmap.close();
    const pixels = paper.getImageData(0, 0, canvas.width, canvas.height);
    this.grey = pixels.data.filter((_, i) => i % 4 === 0);
    for (let i = 0; i < this.grey.length; i++) pixels.data.set([...GLOW, this.grey[i]], 4 * i);
    paper.putImageData(pixels, 0, 0);
    return canvas;
  }

  point(event) {
    const { plot, model } = this;
    const word = model.get("words")[model.get("chosen")];
    if (!word || !plot.glow) return;
    const box = plot.area.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const { width, height } = plot.glow;
    const column = clamp(Math.floor((plot.time(x) / plot.about.hop / plot.span) * width), 0, width - 1);
    const row = clamp(Math.floor((y / plot.area.clientHeight) * height), 0, height - 1);
    const share = word.low + (this.grey[row * width + column] / 255) * (word.high - word.low);
    this.told.textContent = `“${word.word}” at ${plot.time(x).toFixed(1)} s, ${spoken(plot.hz(y))}: ${percent(share)}`;
  }

  dispose() {
    this.leave.abort();
    this.plot.dispose();
  }
}

const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

function render({ model, el }) {
  const view = new OverlayView(model, el);
  el.riffkit = view; // for tests, and for whoever is curious
  return () => view.dispose();
}

export default { render };
