function render({ model, el }) {
  el.classList.add("riffkit-player");
  const title = document.createElement("div");
  const picture = document.createElement("img");
  const audio = document.createElement("audio");
  audio.controls = true;
  el.append(title, picture, audio);
  const urls = {};
  const fill = (name, element, type) => {
    if (urls[name]) URL.revokeObjectURL(urls[name]);
    const bytes = model.get(name);
    urls[name] = bytes?.byteLength ? URL.createObjectURL(new Blob([bytes], { type })) : "";
    element.src = urls[name];
  };
  const all = () => {
    title.textContent = model.get("title");
    fill("picture", picture, "image/png");
    fill("sound", audio, "audio/flac");
    audio.loop = model.get("loop");
  };
  model.on("change:sound", all);
  all();
  return () => {
    audio.pause();
    Object.values(urls).forEach((url) => url && URL.revokeObjectURL(url));
  };
}
export default { render };
