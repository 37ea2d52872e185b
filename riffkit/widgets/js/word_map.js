// @ts-check
// WordOverlay: a plot with one word's attention laid over it, and a button for every word.

const GLOW = [230, 81, 0];

/** @type {(share: number) => string} */
const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

class Glowing extends Plot {
  /** @type {HTMLCanvasElement | null} */
  glow = null; // the map of a word
  strength = 1;
  span = 1; // columns that the map covers

  draw() {
    super.draw();
    if (!this.glow) return;
    const paper = paperOf(this.canvas);
    const across = this.canvas.width / (this.duration / this.about.hop);
    paper.imageSmoothingEnabled = true;
    paper.imageSmoothingQuality = "high";
    paper.globalAlpha = this.strength;
    paper.drawImage(this.glow, -0.5 * across, 0, this.span * across, this.canvas.height); // column c: centred on c hops
    paper.globalAlpha = 1;
  }
}

class OverlayView extends View {
  /**
   * @param {Model} model
   * @param {Host} el
   */
  constructor(model, el) {
    super(model, el, "riffkit-word-map");
    this.grey = new Uint8ClampedArray();
    /** @type {HTMLButtonElement[]} */
    this.buttons = [];
    this.turn = 0;
    this.words = element("div", "riffkit-bar", el);
    this.words.setAttribute("role", "group");
    this.words.setAttribute("aria-label", "Words of the prompt");
    this.plot = new Glowing(el, { readout() {}, select() {}, seek() {} });
    this.plot.head.hidden = true;
    this.plot.area.setAttribute("role", "img");
    this.plot.area.addEventListener("pointermove", (event) => this.point(event));
    const bar = element("div", "riffkit-bar", el);
    this.slider = this.field(bar, "Overlay", "range", { min: 0, max: 1, step: 0.05 });
    this.slider.addEventListener("input", () => this.put({ strength: +this.slider.value }));
    this.told = element("span", "riffkit-told", bar);
    this.told.setAttribute("role", "status");
    this.follow("words", () => this.showWords());
    for (const name of ["chosen", "strength", "height"]) this.follow(name, () => this.paint());
    this.follow("picture", () => this.showPicture());
  }

  show() {
    this.showPicture();
    this.showWords();
  }

  showPicture() {
    this.plot.duration = this.model.get("duration");
    this.plot.show(this.model.get("picture"), { ...this.plot.about, ...this.model.get("about") });
    this.paint();
  }

  showWords() {
    this.words.replaceChildren();
    /** @type {{ word: string }[]} */
    const words = this.model.get("words");
    this.buttons = words.map(({ word }, i) =>
      this.button(this.words, word, "", () => this.put({ chosen: this.model.get("chosen") === i ? -1 : i })),
    );
    this.paint();
  }

  async paint() {
    const { model, plot } = this;
    const chosen = model.get("chosen");
    const word = model.get("words")[chosen];
    const turn = ++this.turn;
    this.buttons.forEach((button, i) => pressed(button, i === chosen));
    plot.area.style.height = `${model.get("height")}px`;
    plot.strength = model.get("strength");
    this.slider.value = String(plot.strength);
    this.slider.disabled = !word;
    const said = word ? `“${word.word}” drew ${percent(word.low)} to ${percent(word.high)} of the attention` : "";
    this.told.textContent = said;
    plot.area.setAttribute("aria-label", `Spectrogram${said && `; ${said}`}`);
    const bitmap = await bitmapOf(word?.map);
    if (turn !== this.turn) return bitmap?.close(); // a later one overtook it
    plot.glow = bitmap ? this.colour(bitmap) : null;
    plot.span = model.get("span");
    plot.draw();
  }

  /**
   * The grey map as a veil of one colour: clear where the word did least, dense where it did most.
   * @param {ImageBitmap} bitmap
   */
  colour(bitmap) {
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    const paper = paperOf(canvas);
    paper.drawImage(bitmap, 0, 0);
    bitmap.close();
    const pixels = paper.getImageData(0, 0, canvas.width, canvas.height);
    this.grey = pixels.data.filter((_, i) => i % 4 === 0);
    this.grey.forEach((value, i) => pixels.data.set([...GLOW, value], 4 * i));
    paper.putImageData(pixels, 0, 0);
    return canvas;
  }

  /** @param {PointerEvent} event */
  point(event) {
    const { plot, model } = this;
    const word = model.get("words")[model.get("chosen")];
    if (!word || !plot.glow) return;
    const [x, y] = plot.placeOf(event);
    const { width, height } = plot.glow;
    const column = clamp(Math.floor((plot.time(x) / plot.about.hop / plot.span) * width), 0, width - 1);
    const row = clamp(Math.floor((y / plot.area.clientHeight) * height), 0, height - 1);
    const share = word.low + (this.grey[row * width + column] / 255) * (word.high - word.low);
    this.told.textContent = `“${word.word}” at ${plot.time(x).toFixed(1)} s, ${spoken(plot.hz(y))}: ${percent(share)}`;
  }

  dispose() {
    super.dispose();
    this.plot.dispose();
  }
}

export default { render: renderer(OverlayView) };
