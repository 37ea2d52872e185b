// One transport for all views of a model: however often it is shown, it sounds once, and ends with the last view.
function widget(View) {
  return () => {
    const views = new Set();
    let transport;
    let timer;

    function initialize({ model }) {
      transport = new Transport(() => {
        report(true);
        views.forEach((view) => view.paint());
      });
      const report = (all) => {
        model.set("position", transport.now());
        if (all) model.set("playing", transport.playing);
        if (transport.trouble) model.set("error", transport.trouble);
        model.save_changes();
        clearInterval(timer);
        if (transport.playing) timer = setInterval(report, 250);
      };
      const settings = () => {
        const { region, band } = chosenParts(model);
        const [loop, speed, keepPitch] = ["loop", "speed", "keep_pitch"].map((name) => model.get(name));
        transport.set({ region, band, loop, speed, keepPitch });
      };
      let asked = false; // several traits that change together are one change
      for (const name of ["region", "band", "loop", "speed", "keep_pitch"]) {
        model.on(`change:${name}`, () => {
          if (asked) return;
          asked = true;
          queueMicrotask(() => {
            asked = false;
            settings();
          });
        });
      }
      model.on("change:volume", () => transport.setVolume(model.get("volume")));
      model.on("change:tracks", () => transport.load(model.get("tracks").map((track) => track.sound)));
      model.on("msg:custom", ({ act, time }) => {
        if (act === "play") transport.start();
        if (act === "pause") transport.pause();
        if (act === "seek") transport.seek(time);
      });
      transport.load(model.get("tracks").map((track) => track.sound));
      transport.setVolume(model.get("volume"));
      settings();
      View.begin?.(model, transport);
      return () => transport.dispose();
    }

    function render({ model, el }) {
      const view = new View(model, el, transport);
      views.add(view);
      el.riffkit = transport; // for tests, and for whoever is curious
      return () => {
        views.delete(view);
        view.dispose();
        if (!views.size) transport.pause();
      };
    }

    return { initialize, render };
  };
}
