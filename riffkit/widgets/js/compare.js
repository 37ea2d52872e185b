// @ts-check
// Comparison: several sounds on one transport. One is heard and seen; another takes over at the same place, without a
// gap. In a blind test pictures and names are hidden, and X is one of the two.

const HIDDEN = -1; // `chosen` while X is heard

class ComparisonView extends PlayerView {
  /** @type {Begin} */
  static begin(model, transport) {
    const choose = () => {
      const { pair, x } = model.get("test");
      const chosen = model.get("chosen");
      transport.choose(chosen === HIDDEN ? pair[x] : chosen);
    };
    model.on("change:chosen", choose);
    model.on("change:test", choose);
    choose();
  }

  /**
   * @param {Model} model
   * @param {Host} el
   * @param {Transport} transport
   */
  constructor(model, el, transport) {
    super(model, el, transport);
    /** @type {any[]} */
    this.shown = []; // whether blind, which sound, which tracks: as they are in the picture
    this.choice = element("div", "riffkit-bar riffkit-choice");
    this.choice.setAttribute("role", "group");
    this.choice.setAttribute("aria-label", "what is heard");
    this.panel = element("div", "riffkit-bar riffkit-test");
    this.plot.root.before(this.choice);
    this.more.before(this.panel);
    for (const name of ["names", "chosen", "test", "verdict"]) this.follow(name, () => this.showTracks());
  }

  get blind() {
    return Boolean(this.model.get("test").pair);
  }

  /**
   * What is written on each button, and the value of `chosen` behind it.
   * @returns {[string, number][]}
   */
  choices() {
    if (this.blind) {
      const [a, b] = this.model.get("test").pair;
      return [["A", a], ["B", b], ["X", HIDDEN]];
    }
    /** @type {string[]} */
    const names = this.model.get("names");
    return names.map((name, i) => [`${"ABCDEFGHI"[i] ?? i + 1}: ${name}`, i]);
  }

  showTracks() {
    const shown = [this.blind, this.transport.chosen, this.model.get("tracks")];
    if (shown.some((one, i) => one !== this.shown[i])) {
      this.shown = shown;
      super.showTracks();
    } else this.paint();
    this.showChoices();
  }

  showChoices() {
    const focused = [...this.choice.children].findIndex((one) => one === document.activeElement);
    this.choice.replaceChildren();
    this.choices().forEach(([text, value], i) => {
      const said = `Hear this one from the same place on (${value === HIDDEN ? "x" : i + 1})`;
      const button = this.button(this.choice, text, said, () => this.put({ chosen: value }));
      button.className = "riffkit-choose";
      pressed(button, this.model.get("chosen") === value);
      if (i === focused) button.focus();
    });
    this.panel.replaceChildren();
    const send = (/** @type {string} */ text, /** @type {Record<string, any>} */ act, said = "") =>
      this.button(this.panel, text, said, () => this.model.send(act));
    const { trial, of } = this.model.get("test");
    if (this.blind) {
      send("X is A", { act: "answer", guess: 0 });
      send("X is B", { act: "answer", guess: 1 });
      element("span", "", this.panel, `trial ${trial} of ${of}`);
      send("End the test", { act: "end" });
    } else if (this.model.get("names").length > 1) {
      send("Blind test of A and B", { act: "begin" }, "Which one is X? Names and pictures are hidden.");
    }
    element("span", "riffkit-verdict", this.panel, this.model.get("verdict")).setAttribute("role", "status");
  }

  paint() {
    if (this.shown.length && this.shown[1] !== this.transport.chosen && !this.blind) return this.showTracks();
    super.paint();
    if (this.blind) this.title.textContent = "Which one is X?";
  }

  /** @param {boolean} shifted */
  acts(shifted) {
    const acts = super.acts(shifted);
    this.choices().forEach(([, value], i) => {
      acts[value === HIDDEN ? "x" : String(i + 1)] = () => this.put({ chosen: value });
    });
    return acts;
  }
}
