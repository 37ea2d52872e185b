"""PromptLab: type, hear it seconds later, nudge, compare, keep what is good."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets
from IPython.display import HTML, display, update_display
from ipywidgets import Layout

from riffkit.riffing.riff import Riff
from riffkit.riffing.riffer import Riffer
from riffkit.widgets.compare import compare
from riffkit.widgets.parts.calls import Call, Source
from riffkit.widgets.parts.jobs import Job
from riffkit.widgets.parts.keeper import link_to, save_new
from riffkit.widgets.parts.panel import Panel, close_whole
from riffkit.widgets.parts.pictures import thumbnail
from riffkit.widgets.parts.prompt_form import PromptForm
from riffkit.widgets.parts.run_bar import RunBar, plain_button, row
from riffkit.widgets.parts.takes import Take, Takes
from riffkit.widgets.player import Player

ESTIMATE_SIZE = (256, 128)  # pixels
ESTIMATE_SHARE = 0.2  # of the time may go into drawing the estimate


class PromptLab(Panel):
    """Text to audio with a history: a panel round `riff`, `vary` and `extend`, without writing a call.

    Takes that get a star are also shown as plain pictures with sound below the panel, where they are saved with the
    notebook and need no kernel.

    Parameters
    ----------
    riffer : Riffer
    prompt : str
        What the field for the words says in the beginning.
    seed : int
    source : Clip, Riff, PIL.Image.Image, str or Path, optional
        What to start from; without it from words alone.
    folder : str or Path
        Where takes are saved; made when the first one is.
    shared : bool
        For a page that others open (`make app`): no field for paths of this machine, shorter pieces, and Save gives a
        link to the file in place of writing one here.

    References
    ----------
    Taught in notebooks/00_welcome.ipynb and 02_inference.ipynb.
    """

    def __init__(
        self,
        riffer: Riffer,
        prompt: str = "church bells",
        seed: int = 0,
        *,
        source: Any = None,
        folder: str | Path = "riffs",
        shared: bool = False,
    ) -> None:
        self.run_bar = RunBar("Generate", "make a sound of the words")
        self.riffer, self.folder, self.shared = riffer, Path(folder), shared
        self._drawn_at = self._drawing_took = 0.0  # s, of the estimate
        self._handle = f"riffkit-{uuid.uuid4().hex}"
        self.form = PromptForm(riffer, prompt=prompt, seed=seed, source=source, shared=shared)
        self.estimate = ipywidgets.HTML()
        self.player = Player()
        self.takes = Takes(riffer)
        self.vary = plain_button("Vary this", "start from the take that is shown, with these words and another seed")
        self.extend = plain_button("Extend this", "paint on after the take that is shown, by as many seconds as set")
        self.save_sound = plain_button("Save sound", "write a .wav with the recipe inside; never replaces a file")
        self.save_picture = plain_button("Save picture", "write a .png with the recipe inside; never replaces a file")
        self.link = ipywidgets.HTML()
        self.comparison = ipywidgets.VBox()
        actions = row(self.vary, self.extend, self.save_sound, self.save_picture, self.link)
        self._result = ipywidgets.VBox([self.player, actions, self.takes], layout=Layout(display="none"))
        super().__init__([self.form, self.run_bar, self.estimate, self._result, self.comparison], [self.run_bar])
        self._listen()

    def __repr__(self) -> str:
        return f"PromptLab({self.form.prompt.value!r})"

    def start(self, call: Call, *, play: bool = False) -> Job:
        """Make a `Call` in a worker; its riff becomes a take. One at a time.

        Parameters
        ----------
        call : Call
        play : bool
            Whether it is to be heard when it is there. Buttons do as "play when done" says; a cell that is run makes no
            sound by itself.

        Returns
        -------
        Job
            As of `RunBar.run`, which says what happens while another runs.
        """
        done: Callable[[Riff], str] = lambda riff: self._done(riff, call, play)  # noqa: E731
        job = self.run_bar.run(call.run, self.riffer, on_done=done, on_step=self._step)
        self.estimate.value = ""
        return job

    # -- what the buttons do ------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        guards, form = self.run_bar.error.guards, self.form
        self.run_bar.on_click(lambda: self._go(form.call()))
        form.prompt.on_msg(guards(lambda _, said, __: self._submit(said)))
        self.run_bar.cancel.on_click(lambda _: setattr(self.estimate, "value", ""))
        self.vary.on_click(guards(lambda _: self._vary()))
        self.extend.on_click(guards(lambda _: self._go(form.extension(self._shown.as_source()))))
        self.save_sound.on_click(guards(lambda _: self._save(".wav")))
        self.save_picture.on_click(guards(lambda _: self._save(".png")))
        self.takes.observe(guards(lambda _: self.player.show(self._shown.riff)), "shown")
        self.takes.observe(guards(lambda _: self._set_against()), ["a", "b"])
        self.takes.observe(guards(lambda _: self._keep()), "starred")
        form.file.observe(guards(lambda _: self._uploaded()), "data")
        if not self.shared:
            form.path.on_msg(guards(lambda _, said, __: self._named(said)))

    def _go(self, call: Call) -> None:
        self.start(call, play=self.form.play.value)

    @property
    def _shown(self) -> Take:
        return self.takes.find(self.takes.shown)

    def _submit(self, said: dict[str, Any]) -> None:
        if said.get("event") == "submit" and not self.run_bar.button.disabled:
            self._go(self.form.call())

    def _vary(self) -> None:
        self.form.start_from(self._shown.as_source())
        self.form.roll()
        self._go(self.form.call())

    def _uploaded(self) -> None:
        if self.form.file.data:
            self.form.start_from(Source.from_file(self.form.file.saved(), uploaded=True))

    def _named(self, said: dict[str, Any]) -> None:
        if said.get("event") == "submit":
            self.run_bar.error.clear()
            self.form.start_from(Source.from_file(self.form.path.value))

    def _save(self, suffix: str) -> None:
        arguments = self._shown.call.arguments
        stem = f"{arguments['prompt'][:50] or 'riff'} {arguments['seed']}"
        if self.shared:
            self.link.value = link_to(self._shown.riff, stem, suffix)
        else:
            self.run_bar.say(f"saved {save_new(self._shown.riff, self.folder, stem, suffix)}")

    def _set_against(self) -> None:
        close_whole(*self.comparison.children)
        chosen = [self.takes.find(number) for number in (self.takes.a, self.takes.b) if number]
        names = [f"{letter}: take {take.number}" for letter, take in zip("AB", chosen, strict=False)]
        both = len(chosen) == 2
        self.comparison.children = [compare(*(take.riff for take in chosen), names=names)] if both else []

    # -- what the worker says -----------------------------------------------------------------------------------------

    def _step(self, step: int, total: int, estimate: Callable[[], Any] | None) -> None:
        now = time.monotonic()
        if estimate is not None and now - self._drawn_at > max(0.25, self._drawing_took / ESTIMATE_SHARE):
            picture = thumbnail(estimate(), ESTIMATE_SIZE)
            self.estimate.value = f'<img alt="the picture so far, after step {step}" src="{picture}">'
            self._drawn_at, self._drawing_took = time.monotonic(), time.monotonic() - now

    def _done(self, riff: Riff, call: Call, play: bool) -> str:
        """Put a new riff on the shelf; returns what to say of it."""
        take, remarks = self.takes.add(riff, call), self.form.remarks()
        self.estimate.value = ""
        self._result.layout.display = None
        if self.player.playing:  # what sounds goes on
            return f"take {take.number} is there, choose it to hear it"
        self.takes.shown = take.number
        if play:
            self.player.play()
        return f"take {take.number} is there" + (f"; {remarks}" if remarks else "")

    # -- what is kept in the notebook ---------------------------------------------------------------------------------

    def _ipython_display_(self, **kwargs: Any) -> None:
        display(self._repr_mimebundle_(), raw=True)
        display(self._kept(), display_id=self._handle)

    def _keep(self) -> None:
        update_display(self._kept(), display_id=self._handle)

    def _kept(self) -> HTML:
        kept = [self.takes.find(number) for number in sorted(self.takes.starred)]
        return HTML("".join(take.riff._repr_mimebundle_()["text/html"] for take in kept))
