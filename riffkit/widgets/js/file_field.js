// @ts-check
// One file into the kernel. A message above the limit would close the connection, so its size is looked at first.
/** @param {Shown} shown */
function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "riffkit-file";
  const label = document.createElement("label");
  const text = document.createElement("span");
  const input = document.createElement("input");
  const error = document.createElement("div");
  input.type = "file";
  error.setAttribute("role", "alert");
  label.append(text, input);
  root.append(label, error);
  el.append(root);

  function paint() {
    text.textContent = model.get("label");
    input.accept = model.get("accept");
    error.textContent = model.get("error");
  }

  async function take() {
    const file = input.files?.[0];
    if (!file) return;
    const largest = model.get("largest");
    const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
    if (file.size > largest) {
      model.set("error", `${file.name} has ${mb(file.size)}; more than ${mb(largest)} cannot be uploaded here. `
        + "Lay it beside the notebook and give its path.");
      model.save_changes();
      input.value = "";
      return;
    }
    const bytes = await file.arrayBuffer();
    model.set("error", "");
    model.set("name", file.name);
    model.set("data", new DataView(bytes));
    model.save_changes();
  }

  input.addEventListener("change", take);
  model.on("change:error change:label change:accept", paint);
  paint();
  return () => model.off("change:error change:label change:accept", paint);
}

export default { render };
