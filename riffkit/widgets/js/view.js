// @ts-check
// View: what every widget's page is made of: elements, a model whose traits are followed and set, keys kept from the
// notebook.

/**
 * The traits of a widget, as anywidget hands them to its page.
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, act: (...told: any[]) => void) => void} on
 * @property {(event: string, act: (...told: any[]) => void) => void} off
 * @property {(message: any) => void} send
 */

/** @typedef {HTMLElement & { riffkit?: any }} Host Where a view stands; `riffkit` is for tests, and for the curious. */
/** @typedef {{ model: Model, el: Host }} Shown */

/** @type {(value: number, low: number, high: number) => number} */
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {Element} [parent]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function element(tag, className, parent, text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
}

/** @type {(one: Element, on: any) => void} */
const pressed = (one, on) => one.setAttribute("aria-pressed", String(Boolean(on)));

/** @type {(canvas: HTMLCanvasElement) => CanvasRenderingContext2D} */
const paperOf = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

/** @type {(bytes: DataView) => ArrayBuffer} The bytes alone, without what they are a part of. */
const copied = ({ buffer, byteOffset, byteLength }) =>
  /** @type {ArrayBuffer} */ (buffer).slice(byteOffset, byteOffset + byteLength);

/** @type {(png: ArrayBufferView | undefined) => Promise<ImageBitmap | null>} */
const bitmapOf = async (png) =>
  png?.byteLength ? createImageBitmap(new Blob([/** @type {BlobPart} */ (png)], { type: "image/png" })) : null;

class View {
  /**
   * @param {Model} model
   * @param {Host} el
   * @param {string[]} classNames
   */
  constructor(model, el, ...classNames) {
    this.model = model;
    this.el = el;
    this.leave = new AbortController();
    el.classList.add("riffkit-player", ...classNames);
    el.dataset.lmSuppressShortcuts = "true"; // else a key pressed here would also edit the notebook
    el.addEventListener("keydown", (event) => event.stopPropagation());
  }

  /**
   * Call `act` when a trait changes, as long as this view is shown.
   * @param {string} name
   * @param {() => void} act
   */
  follow(name, act) {
    this.model.on(`change:${name}`, act);
    this.leave.signal.addEventListener("abort", () => this.model.off(`change:${name}`, act));
  }

  /** @param {Record<string, any>} traits */
  put(traits) {
    for (const [name, value] of Object.entries(traits)) this.model.set(name, value);
    this.model.save_changes();
  }

  /**
   * @param {Element} parent
   * @param {string} text
   * @param {string} said What a pointer that rests on it is told.
   * @param {() => void} act
   */
  button(parent, text, said, act) {
    const button = element("button", "", parent, text);
    button.type = "button";
    button.title = said;
    button.addEventListener("click", act);
    return button;
  }

  /**
   * A labelled field.
   * @param {Element} parent
   * @param {string} text
   * @param {string} type
   * @param {Record<string, number>} limits min, max, step
   */
  field(parent, text, type, limits) {
    const field = element("input", "", element("label", "", parent, `${text} `));
    field.type = type;
    for (const [name, value] of Object.entries(limits)) field.setAttribute(name, String(value));
    return field;
  }

  /** Show everything for the first time. */
  show() {}

  dispose() {
    this.leave.abort();
  }
}

/**
 * What anywidget calls to show a widget that makes no sound.
 * @param {new (model: Model, el: Host) => View} Kind
 */
function renderer(Kind) {
  /** @param {Shown} shown */
  return ({ model, el }) => {
    const view = new Kind(model, el);
    el.riffkit = view;
    view.show();
    return () => view.dispose();
  };
}
