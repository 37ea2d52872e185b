// @ts-check
// A shelf of takes. All text is set as text: prompts are the reader's own.
/** @typedef {{ number: number, words: string, note: string, thumb: string, code: string }} Label */

/** @param {Shown} shown */
function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "riffkit-takes";
  root.dataset.lmSuppressShortcuts = "true";
  const list = document.createElement("ul");
  list.setAttribute("aria-label", "takes, the newest first");
  const code = document.createElement("details");
  const summary = document.createElement("summary");
  const text = document.createElement("pre");
  const copy = button("Copy code", "copy", copyCode);
  summary.textContent = "as Python";
  code.append(summary, text, copy);
  root.append(list, code);
  el.append(root);

  /** @type {(words: string, kind: string, act: () => void) => HTMLButtonElement} */
  function button(words, kind, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.dataset.kind = kind;
    made.addEventListener("click", act);
    return made;
  }

  /** @type {(name: string, value: any) => void} */
  function set(name, value) {
    model.set(name, value);
    model.save_changes();
  }

  async function copyCode() {
    try {
      await navigator.clipboard.writeText(text.textContent ?? "");
      copy.textContent = "Copied";
    } catch {
      getSelection()?.selectAllChildren(text);
      copy.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => (copy.textContent = "Copy code"), 2000);
  }

  /** @param {Label} label */
  function tile({ number, words, note, thumb }) {
    const item = document.createElement("li");
    item.dataset.number = String(number);
    const choose = button("", "show", () => set("shown", number));
    const picture = document.createElement("img");
    picture.src = thumb;
    picture.alt = "";
    const name = document.createElement("span");
    name.className = "riffkit-takes-words";
    name.textContent = `${number} ${words}`;
    const more = document.createElement("small");
    more.textContent = note;
    choose.append(picture, name, more);
    choose.title = `${words} · ${note}`;
    choose.setAttribute("aria-label", `take ${number}: ${words}, ${note}`);
    const star = button("☆", "star", () => {
      /** @type {number[]} */
      const starred = model.get("starred");
      set("starred", starred.includes(number) ? starred.filter((n) => n !== number) : [...starred, number]);
    });
    const a = button("A", "a", () => set("a", model.get("a") === number ? 0 : number));
    const b = button("B", "b", () => set("b", model.get("b") === number ? 0 : number));
    const bar = document.createElement("div");
    bar.append(star, a, b);
    item.append(choose, bar);
    return item;
  }

  const tiles = () => /** @type {HTMLElement[]} */ ([...list.children]);

  function fill() {
    /** @type {Label[]} */
    const labels = model.get("labels");
    const there = new Set(tiles().map((item) => Number(item.dataset.number)));
    for (const label of labels) if (!there.has(label.number)) list.prepend(tile(label));
    mark();
  }

  function mark() {
    const shown = model.get("shown");
    for (const item of tiles()) {
      const number = Number(item.dataset.number);
      const press = (/** @type {string} */ kind, /** @type {boolean} */ on, name = "") => {
        const one = /** @type {Element} */ (item.querySelector(`[data-kind="${kind}"]`));
        one.setAttribute("aria-pressed", String(on));
        if (name) one.setAttribute("aria-label", `${name} take ${number}`);
        return one;
      };
      const starred = model.get("starred").includes(number);
      press("show", number === shown);
      press("star", starred, "keep").textContent = starred ? "★" : "☆";
      press("a", model.get("a") === number, "compare as A:");
      press("b", model.get("b") === number, "compare as B:");
    }
    /** @type {Label[]} */
    const labels = model.get("labels");
    const label = labels.find(({ number }) => number === shown);
    code.hidden = !label;
    text.textContent = label ? label.code : "";
  }

  root.addEventListener("keydown", (event) => event.stopPropagation());
  model.on("change:labels", fill);
  model.on("change:shown change:a change:b change:starred", mark);
  fill();
  return () => {
    model.off("change:labels", fill);
    model.off("change:shown change:a change:b change:starred", mark);
  };
}

export default { render };
