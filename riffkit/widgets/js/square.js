// @ts-check
// A line or a square to move a point in, by mouse, finger or keys. Its ends are text, never markup.
/** @param {Shown} shown */
function render({ model, el }) {
  const listeners = new AbortController();
  const options = { signal: listeners.signal };
  const root = document.createElement("div");
  const square = document.createElement("div");
  const dot = document.createElement("div");
  const trail = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const heard = document.createElementNS("http://www.w3.org/2000/svg", "g");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  const flat = model.get("ends").length === 2; // a line
  root.className = `riffkit-square${flat ? " riffkit-line" : ""}`;
  root.dataset.lmSuppressShortcuts = "true";
  square.className = "riffkit-square-field";
  square.tabIndex = 0;
  square.setAttribute("role", "slider");
  square.setAttribute("aria-valuemin", "0");
  square.setAttribute("aria-valuemax", "100");
  dot.className = "riffkit-square-dot";
  trail.setAttribute("viewBox", "0 0 1 1");
  trail.setAttribute("preserveAspectRatio", "none");
  trail.setAttribute("aria-hidden", "true");
  trail.append(heard, line);
  square.append(trail, dot);
  /** @type {string[]} */
  const ends = model.get("ends");
  const labels = ends.map((text, i) => {
    const label = document.createElement("span");
    label.className = `riffkit-square-end riffkit-square-end-${i}`;
    label.textContent = text;
    label.title = text;
    return label;
  });
  const [top, bottom] = [document.createElement("div"), document.createElement("div")];
  for (const bar of [top, bottom]) bar.className = "riffkit-square-ends";
  top.append(...labels.slice(0, 2));
  bottom.append(...labels.slice(2));
  root.append(top, square, bottom);
  el.append(root);

  let [x, y] = model.get("place");
  let dragging = false;
  const shares = () => (flat ? [1 - x, x] : [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y]);

  /** @type {(newX: number, newY: number, settled: boolean) => void} */
  function move(newX, newY, settled) {
    x = clamp(newX, 0, 1);
    y = flat ? 0 : clamp(newY, 0, 1);
    model.set("settled", settled);
    model.set("place", [x, y]);
    if (model.get("recording")) model.set("path", [...model.get("path"), [performance.now() / 1000, x, y]]);
    model.save_changes();
    paint();
  }

  function settle() {
    model.set("settled", true);
    model.save_changes();
  }

  function paint() {
    dot.style.left = `${100 * x}%`;
    dot.style.top = `${100 * (flat ? 0.5 : y)}%`;
    const text = shares().map((share, i) => `${ends[i]} ${Math.round(100 * share)} %`).join(", ");
    square.setAttribute("aria-valuenow", String(Math.round(100 * x)));
    square.setAttribute("aria-valuetext", text);
    square.setAttribute("aria-label", flat ? "blend between two ends" : "blend between four ends; all arrow keys move");
    labels.forEach((label, i) => (label.style.opacity = String(0.7 + 0.3 * shares()[i])));
    /** @type {number[][]} */
    const path = model.get("path");
    line.setAttribute("points", path.map(([, px, py]) => `${px},${flat ? 0.5 : py}`).join(" "));
    /** @type {number[][]} */
    const known = model.get("known");
    heard.replaceChildren(...known.map(([px, py]) => {
      const mark = document.createElementNS("http://www.w3.org/2000/svg", "ellipse");
      const [rx, ry] = flat ? [0.007, 0.1] : [0.012, 0.012];
      const shape = { cx: px, cy: flat ? 0.5 : py, rx, ry };
      for (const [name, value] of Object.entries(shape)) mark.setAttribute(name, String(value));
      return mark;
    }));
  }

  /** @type {(event: PointerEvent, settled: boolean) => void} */
  function at(event, settled) {
    const box = square.getBoundingClientRect();
    move((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, settled);
  }

  square.addEventListener("pointerdown", (event) => {
    dragging = true;
    square.setPointerCapture(event.pointerId);
    at(event, false);
  }, options);
  square.addEventListener("pointermove", (event) => {
    if (dragging) at(event, false);
  }, options);
  for (const end of ["pointerup", "pointercancel"]) {
    square.addEventListener(end, () => {
      if (dragging) settle();
      dragging = false;
    }, options);
  }
  square.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 0.25 : 0.05;
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (flat) Object.assign(moves, { ArrowUp: [step, 0], ArrowDown: [-step, 0] });
    if (moves[event.key]) move(x + moves[event.key][0], y + moves[event.key][1], true);
    else if (event.key === "Home") move(0, 0, true);
    else if (event.key === "End") move(1, 1, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, options);

  function follow() {
    if (!dragging) [x, y] = model.get("place");
    paint();
  }
  model.on("change:place change:path change:known", follow);
  paint();
  return () => {
    listeners.abort();
    model.off("change:place change:path change:known", follow);
  };
}

export default { render };
