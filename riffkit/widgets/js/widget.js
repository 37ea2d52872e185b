// @ts-check
// One transport for all views of a model: however often it is shown, it sounds once, and ends with the last view.

/** @typedef {{ new (model: Model, el: Host, transport: Transport): PlayerView, begin?: Begin }} Sounding */
/** @typedef {(model: Model, transport: Transport) => void} Begin */
/** @typedef {{ sound: DataView, picture: DataView } & About} Track */

/** @param {Sounding} Kind */
function widget(Kind) {
  return () => {
    /** @type {Set<PlayerView>} */
    const views = new Set();
    /** @type {Transport} */
    let transport;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    let timer;

    /** @param {{ model: Model }} given */
    function initialize({ model }) {
      transport = new Transport(() => {
        report(true);
        views.forEach((view) => view.paint());
      });
      const report = (all = false) => {
        model.set("position", transport.now());
        if (all) model.set("playing", transport.playing);
        if (transport.trouble) model.set("error", transport.trouble);
        model.save_changes();
        clearInterval(timer);
        if (transport.playing) timer = setInterval(report, 250);
      };
      const load = () => {
        /** @type {Track[]} */
        const tracks = model.get("tracks");
        transport.load(tracks.map((track) => track.sound));
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
      model.on("change:tracks", load);
      model.on("msg:custom", ({ act, time }) => {
        if (act === "play") transport.start();
        if (act === "pause") transport.pause();
        if (act === "seek") transport.seek(time);
      });
      load();
      transport.setVolume(model.get("volume"));
      settings();
      Kind.begin?.(model, transport);
      return () => transport.dispose();
    }

    /** @param {Shown} shown */
    function render({ model, el }) {
      const view = new Kind(model, el, transport);
      views.add(view);
      el.riffkit = transport;
      view.show();
      return () => {
        views.delete(view);
        view.dispose();
        if (!views.size) transport.pause();
      };
    }

    return { initialize, render };
  };
}
