// @ts-check
// The browser's own slider, its name on the left, its value on the right.
/** @param {Shown} shown */
function render({ model, el }) {
  const label = document.createElement("label");
  const name = document.createElement("span");
  const input = document.createElement("input");
  const shown = document.createElement("output");
  label.className = "riffkit-slider";
  input.type = "range";
  shown.setAttribute("aria-hidden", "true"); // the slider says it itself
  label.append(name, input, shown);
  el.append(label);

  function show() {
    const digits = (String(model.get("step")).split(".")[1] ?? "").length;
    shown.textContent = (+input.value).toFixed(digits);
  }

  function paint() {
    name.textContent = model.get("description");
    for (const limit of ["min", "max", "step"]) input.setAttribute(limit, model.get(limit));
    input.value = model.get("value");
    input.disabled = model.get("disabled");
    show();
  }

  input.addEventListener("input", show);
  input.addEventListener("change", () => {
    model.set("value", +input.value);
    model.save_changes();
  });
  label.addEventListener("keydown", (event) => event.stopPropagation());
  const traits = ["value", "min", "max", "step", "description", "disabled"].map((trait) => `change:${trait}`).join(" ");
  model.on(traits, paint);
  paint();
  return () => model.off(traits, paint);
}

export default { render };
