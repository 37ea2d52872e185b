// Comparison: several sounds on one transport. One is heard and seen; another takes over at the same place, without a
// gap. In a blind test pictures and names are hidden, and X is one of the two.

const HIDDEN = -1; // `chosen` while X is heard

class ComparisonView extends PlayerView {
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

  build() {
    super.build();
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

  // [what is written, the value of `chosen`]
  choices() {
    const names = this.model.get("names").map((name, i) => [`${"ABCDEFGHI"[i] ?? i + 1}: ${name}`, i]);
    if (!this.blind) return names;
    const [a, b] = this.model.get("test").pair;
    return [["A", a], ["B", b], ["X", HIDDEN]];
  }

  showTracks() {
    const shown = [this.blind, this.transport.chosen, this.model.get("tracks")];
    if (!this.shown || shown.some((one, i) => one !== this.shown[i])) {
      this.shown = shown;
      super.showTracks();
    } else this.paint();
    this.showChoices();
  }

  showChoices() {
    const focused = [...this.choice.children].indexOf(document.activeElement);
    this.choice.replaceChildren();
    this.choices().forEach(([text, value], i) => {
      const button = this.button(this.choice, "choose", text, () => this.put({ chosen: value }));
      button.title = `Hear this one from the same place on (${value === HIDDEN ? "x" : i + 1})`;
      button.setAttribute("aria-pressed", this.model.get("chosen") === value);
      if (i === focused) button.focus();
    });
    this.panel.replaceChildren();
    const send = (text, act) => {
      const button = this.button(this.panel, act.guess === undefined ? act.act : "guess", text, () => this.model.send(act));
      button.title = "";
      return button;
    };
    const { trial, of } = this.model.get("test");
    if (this.blind) {
      send("X is A", { act: "answer", guess: 0 });
      send("X is B", { act: "answer", guess: 1 });
      element("span", "", this.panel, `trial ${trial} of ${of}`);
      send("End the test", { act: "end" });
    } else if (this.model.get("names").length > 1) {
      send("Blind test of A and B", { act: "begin" }).title = "Which one is X? Names and pictures are hidden.";
    }
    element("span", "riffkit-verdict", this.panel, this.model.get("verdict")).setAttribute("role", "status");
  }

  paint() {
    if (this.shown && this.shown[1] !== this.transport.chosen && !this.blind) return this.showTracks();
    super.paint();
    if (this.blind) this.title.textContent = "Which one is X?";
  }

  acts(shifted) {
    const keys = this.choices().map(([, value], i) => [
      value === HIDDEN ? "x" : String(i + 1),
      () => this.put({ chosen: value }),
    ]);
    return { ...super.acts(shifted), ...Object.fromEntries(keys) };
  }
}
