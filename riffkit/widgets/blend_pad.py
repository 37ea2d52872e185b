"""BlendPad: interpolate between two or four sounds by dragging a point."""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import ipywidgets
import numpy as np
from ipywidgets import Layout

from riffkit.progress import Reporter
from riffkit.riffing.options import OptionKeywords, takes_options
from riffkit.riffing.riff import Riff
from riffkit.riffing.riffer import Riffer
from riffkit.widgets.parts.jobs import Job, Newest
from riffkit.widgets.parts.panel import Panel
from riffkit.widgets.parts.run_bar import RunBar, plain_button, row
from riffkit.widgets.parts.square import Square
from riffkit.widgets.player import Player

GRID = 20  # places closer than 1 / GRID are one: they are painted once
LONGEST_TITLE = 40  # letters
PATH_PLACES = 200  # a recorded path is reduced to at most so many

Place = tuple[float, float]  # x and y, 0..1


class BlendPad(Panel):
    """Latent interpolation on a line between two ends or in a square of four: the point's place is painted and played.

    While one place is painted the point may move on; then only where it stands at last is painted next. Places that
    were heard are marked, and come back at once. Silent until the point is moved.

    Parameters
    ----------
    riffer : Riffer
    ends : list of 2 or 4, or dict {name: end}
        Words, seeds, riffs, recordings or dicts, each as an end of `Riffer.interpolate`.
    seed : int
        For ends that name none.
    loop : bool, optional
        Whether places sound as loops; by default if no end is a recording.
    strength : float, optional [0..1]
        For ends with a source, as in `Riffer.interpolate`.
    **options
        As in `Riffer.plane`: num_inference_steps, guidance_scale and so on.

    References
    ----------
    Taught in notebooks/03_latent_interpolation.ipynb.
    """

    @takes_options()
    def __init__(
        self,
        riffer: Riffer,
        ends: Sequence[Any] | Mapping[str, Any],
        seed: int = 0,
        *,
        loop: bool | None = None,
        strength: float | None = None,
        **options: Unpack[OptionKeywords],
    ) -> None:
        self._newest = Newest(self._paint, self._heard, self._failed)
        names, points = (list(ends), list(ends.values())) if isinstance(ends, Mapping) else (None, list(ends))
        self.plane = riffer.plane(points, seed=seed, loop=bool(loop), strength=strength, **options)
        if loop is None and not any(end.source is not None for end in self.plane.ends):
            self.plane = riffer.plane(points, seed=seed, loop=True, strength=strength, **options)
        self.riffs: dict[Place, Riff] = {}  # by place, in steps of 1 / GRID
        self.journey: Riff | None = None  # the last riff along a path
        self._asked = 0.0
        self._wanted: Place | None = None
        self._painting: Place | None = None
        self._by_hand = False  # whether the last place was asked for in the page
        self._showing = threading.RLock()  # a place is asked for and shown in turn, whatever threads both come from
        start = [0.5, 0.5] if len(points) == 4 else [0.5, 0.0]
        self.square = Square(ends=names or [_title(end) for end in points], place=start)
        self.listen = plain_button("Listen here", "paint the place where the point stands")
        self.record = ipywidgets.ToggleButton(description="Record a path", layout=Layout(width="auto"))
        self.seconds = ipywidgets.BoundedFloatText(
            10.24, min=1, max=600, step=0.01, description="seconds", layout=Layout(width="170px")
        )
        self.run_bar = RunBar("Render the path", "one continuous clip along the recorded path")
        self.player = Player()
        self._stage = ipywidgets.VBox([self.player], layout=Layout(display="none"))
        buttons = row(self.listen, self.record, self.seconds)
        super().__init__([self.square, buttons, self.run_bar, self._stage], [self._newest, self.run_bar])
        guards = self.run_bar.error.guards
        self.square.observe(guards(lambda _: self._moved()), ["place", "settled"])
        self.listen.on_click(guards(lambda _: self._ask(self._near(*self.square.place), by_hand=True)))
        self.record.observe(guards(lambda change: self._recorded(change["new"])), "value")
        self.run_bar.on_click(self.travel)

    def __repr__(self) -> str:
        return f"BlendPad({', '.join(map(repr, self.square.ends))})"

    def go_to(self, x: float, y: float = 0.0) -> None:
        """Ask for the sound of a place; what was asked before and is not painted yet is dropped.

        Parameters
        ----------
        x, y : float [0..1]
            With two ends only x counts.
        """
        self._ask(self._near(x, y), by_hand=False)

    def travel(self, path: Sequence[Place] | None = None, duration: float | None = None) -> Job:
        """Render one continuous clip along a path, by default the recorded one.

        Parameters
        ----------
        path : list of (x, y) [0..1], optional
            Places at equal distances in time.
        duration : float, optional [s]
            Default: what the field says.
        """
        path = _even(self.square.path) if path is None else path
        duration = self.seconds.value if duration is None else duration
        return self.run_bar.run(self.plane.along, path, duration, on_done=self._travelled)

    @staticmethod
    def _near(x: float, y: float) -> Place:
        return round(x * GRID) / GRID, round(y * GRID) / GRID

    def _ask(self, place: Place, by_hand: bool) -> None:
        self.run_bar.error.clear()
        with self._showing:
            self._wanted, self._by_hand, self._asked = place, by_hand, time.monotonic()
            if place in self.riffs:
                self._show(place)
            else:
                self.run_bar.say("painting")
                self._newest.ask(place)

    def _moved(self) -> None:
        place = self._near(*self.square.place)
        if self.square.settled and self._painting not in (None, place):
            self._newest.interrupt()  # somebody waits, and not for what is being painted
        if place != self._wanted:
            self._ask(place, by_hand=True)

    def _paint(self, place: Place, progress: Reporter) -> Place:
        if place not in self.riffs:  # a place may be asked for twice
            self._painting = place
            self.riffs[place] = self.plane.at(*place, progress=progress)
        return place

    def _heard(self, place: Place) -> None:
        self._painting = None
        self.square.known = [list(known) for known in self.riffs]
        with self._showing:
            if place == self._wanted or self._wanted not in self.riffs:
                self._show(place)

    def _show(self, place: Place) -> None:
        """Exchange the sound; what was playing goes on with the new one."""
        playing, position = self.player.playing, self.player.position
        shares = zip(self.square.ends, self._shares(place), strict=True)
        title = ", ".join(f"{name} {share:.0%}" for name, share in shares)
        self.player.show(self.riffs[place], title=title, loop=self.plane.loop)
        self._stage.layout.display = None
        if playing:
            self.player.seek(position)
        if playing or self._by_hand:
            self.player.play()
        self.run_bar.say(f"here after {time.monotonic() - self._asked:.1f} s")

    def _shares(self, place: Place) -> list[float]:
        x, y = place
        across = [1 - x, x]
        return across if len(self.square.ends) == 2 else [share * down for down in (1 - y, y) for share in across]

    def _recorded(self, recording: bool) -> None:
        if recording:
            self.square.path = []
            self.run_bar.say("move the point; press again when done")
        self.square.recording = recording

    def _travelled(self, riff: Riff) -> None:
        self.journey = riff
        self.player.show(riff, title=f"the path, {riff.clip.duration:.1f} s", loop=False)
        self._stage.layout.display = None

    def _failed(self, exception: Exception) -> None:
        self._painting = None
        self.run_bar.say("")
        self.run_bar.error.show(exception)


def _even(path: Sequence[Sequence[float]]) -> list[Place]:
    """Places at equal distances in time from [seconds, x, y] as they were recorded."""
    if len(path) < 2:
        raise ValueError(f"the path has {len(path)} places; press Record, move the point, and press again")
    times, x, y = np.asarray(path, float).T
    even = np.linspace(times[0], times[-1], min(PATH_PLACES, 4 * len(path)))
    return list(zip(np.interp(even, times, x).tolist(), np.interp(even, times, y).tolist(), strict=True))


def _title(end: Any) -> str:
    """What an end is called: its words, or what it is."""
    if isinstance(end, dict):
        end = end.get("prompt") or f"seed {end.get('seed', '?')}"
    if isinstance(end, int):
        end = f"seed {end}"
    text = end if isinstance(end, str) else getattr(end, "title", None) or getattr(end, "name", None) or repr(end)
    return text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1]}…"
