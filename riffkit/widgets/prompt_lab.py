"""PromptLab: type, hear it seconds later, nudge, compare, keep what is good."""

import html
import re
import time
import uuid
from pathlib import Path

import ipywidgets
from IPython.display import HTML, display, update_display
from ipywidgets import Layout

from riffkit.progress import Cancelled

from .calls import Source
from .compare import compare
from .player import Player
from .prompt_form import PromptForm, row
from .takes import Takes, thumbnail
from .work import ErrorBox, Job, answer_beside_cells

ESTIMATE_SIZE = (256, 128)  # pixels
ESTIMATE_SHARE = 0.2  # of the time may go into drawing the estimate


class PromptLab(ipywidgets.VBox):
    """A panel round `riff`, `vary` and `extend`: words to sound with a history, without writing a call.

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

    References
    ----------
    Taught in notebooks/00_welcome.ipynb and 02_inference.ipynb.
    """

    def __init__(self, riffer, prompt="church bells", seed=0, *, source=None, folder="riffs"):
        self.riffer, self.folder = riffer, Path(folder)
        self.job = None
        self._began = self._last_estimate = self._estimate_cost = 0.0
        self._handle = f"riffkit-{uuid.uuid4().hex}"
        self.form = PromptForm(riffer, prompt=prompt, seed=seed, source=source)
        self.generate = _button("Generate", "make a sound of the words", style="primary")
        self.cancel = _button("Cancel", "stop at the next step", disabled=True)
        self.bar = ipywidgets.IntProgress(0, 0, 1, layout=Layout(width="160px"))
        self.status = ipywidgets.HTML()
        self.estimate = ipywidgets.HTML()
        self.error = ErrorBox()
        self.player = Player()
        self.takes = Takes(riffer)
        self.vary = _button("Vary this", "start from the take that is shown, with these words and another seed")
        self.extend = _button("Extend this", "paint on after the take that is shown, by as many seconds as set")
        self.save_sound = _button("Save sound", "write a .wav with the recipe inside; never replaces a file")
        self.save_picture = _button("Save picture", "write a .png with the recipe inside; never replaces a file")
        self.comparison = ipywidgets.VBox()
        self._actions = row(self.vary, self.extend, self.save_sound, self.save_picture)
        self._result = ipywidgets.VBox([self.player, self._actions, self.takes], layout=Layout(display="none"))
        progress = row(self.generate, self.cancel, self.bar, self.status)
        super().__init__([self.form, progress, self.estimate, self.error, self._result, self.comparison])
        self._listen()
        answer_beside_cells(self)

    def __repr__(self):
        return f"PromptLab({self.form.prompt.value!r})"

    def close(self):
        """Stop what runs, and take the panel off the page."""
        if self.job is not None:
            self.job.cancel()
        super().close()

    def start(self, call):
        """Make a `Call` in a worker; its riff becomes a take. One at a time: while one runs, this raises.

        Returns
        -------
        Job

        Raises
        ------
        RuntimeError
            If a call is running.
        """
        if self.job is not None and self.job.running:
            raise RuntimeError("a riff is being made; wait for it, or cancel it")
        self.error.clear()
        self.generate.disabled, self.cancel.disabled = True, False
        self.bar.value, self.bar.max = 0, 1
        self._began, self._last_estimate, self._estimate_cost = time.monotonic(), 0.0, 0.0
        self._say(" · ".join(filter(None, ["waiting for the model", self.form.remarks()])))
        self.job = Job(
            lambda progress: call.run(self.riffer, progress=progress),
            on_progress=self._progress,
            on_done=lambda riff: self._done(riff, call),
            on_error=self._failed,
        )
        return self.job

    # -- what the buttons do ------------------------------------------------------------------------------------------

    def _listen(self):
        guards, form = self.error.guards, self.form
        self.generate.on_click(guards(lambda _: self.start(form.call())))
        form.prompt.on_msg(guards(lambda _, said, __: self._submit(said)))
        self.cancel.on_click(guards(lambda _: self._stop()))
        self.vary.on_click(guards(lambda _: self._vary()))
        self.extend.on_click(guards(lambda _: self.start(form.extension(self._shown.as_source()))))
        self.save_sound.on_click(guards(lambda _: self._save(".wav")))
        self.save_picture.on_click(guards(lambda _: self._save(".png")))
        self.takes.observe(guards(lambda _: self.player.show(self._shown.riff)), "shown")
        self.takes.observe(guards(lambda _: self._set_against()), ["a", "b"])
        self.takes.observe(guards(lambda _: self._keep()), "starred")
        form.file.observe(guards(lambda _: self._uploaded()), "data")
        form.path.on_msg(guards(lambda _, said, __: self._named(said)))

    @property
    def _shown(self):
        return self.takes.find(self.takes.shown)

    def _submit(self, said):
        if said.get("event") == "submit" and not self.generate.disabled:
            self.start(self.form.call())

    def _stop(self):
        self.job.cancel()
        self.cancel.disabled = True
        self._say("stopping")

    def _vary(self):
        self.form.start_from(self._shown.as_source())
        self.form.roll()
        self.start(self.form.call())

    def _uploaded(self):
        if self.form.file.data:
            self.form.start_from(Source.from_file(self.form.file.saved(), uploaded=True))

    def _named(self, said):
        if said.get("event") == "submit":
            self.error.clear()
            self.form.start_from(Source.from_file(self.form.path.value))

    def _save(self, suffix):
        take = self._shown
        words = re.sub(r"[\W_]+", "-", str(take.call.arguments.get("prompt", "")).lower()).strip("-")[:60]
        stem, number = f"{words or 'riff'}-{take.call.arguments.get('seed')}", 1
        self.folder.mkdir(parents=True, exist_ok=True)
        while True:  # somebody else may write there too, so the only test is to try
            path = self.folder / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"
            try:
                take.riff.save(path)
                break
            except FileExistsError:
                number += 1
        self._say(f"saved {path}")

    def _set_against(self):
        for old in self.comparison.children:
            old.close()
        chosen = [self.takes.find(number) for number in (self.takes.a, self.takes.b) if number]
        names = [f"{letter}: take {take.number}" for letter, take in zip("AB", chosen, strict=False)]
        both = len(chosen) == 2
        self.comparison.children = [compare(*(take.riff for take in chosen), names=names)] if both else []

    # -- what the worker says -----------------------------------------------------------------------------------------

    def _progress(self, step, total, estimate):
        self.bar.max, self.bar.value = total, step
        now = time.monotonic()
        if step == 0:
            self._began = now
        elif step < total:
            self._say(f"step {step} of {total}, {(now - self._began) / step * (total - step):.1f} s left")
        if estimate is not None and now - self._last_estimate > max(0.25, self._estimate_cost / ESTIMATE_SHARE):
            picture = thumbnail(estimate(), ESTIMATE_SIZE)
            self.estimate.value = f'<img alt="the picture so far, after step {step}" src="{picture}">'
            self._last_estimate, self._estimate_cost = time.monotonic(), time.monotonic() - now

    def _done(self, riff, call):
        take = self.takes.add(riff, call)
        seconds = time.monotonic() - self._began
        remark = self.form.remarks()
        if self.player.playing:  # what sounds goes on
            self._say(f"take {take.number} is there, choose it to hear it")
        else:
            self.takes.shown = take.number
            if self.form.play.value:
                self.player.play()
            self._say(" · ".join(filter(None, [f"take {take.number} in {seconds:.1f} s", remark])))
        self._result.layout.display = None
        self._ready()

    def _failed(self, exception):
        if isinstance(exception, Cancelled):
            self._say("cancelled")
        else:
            self.error.show(exception)
            self._say("")
        self._ready()

    def _ready(self):
        self.estimate.value = ""
        self.bar.value = 0
        self.generate.disabled, self.cancel.disabled = False, True

    def _say(self, text):
        self.status.value = f'<span role="status">{html.escape(text)}</span>'

    # -- what is kept in the notebook ---------------------------------------------------------------------------------

    def _ipython_display_(self, **kwargs):
        display(self._repr_mimebundle_(), raw=True)
        display(self._kept(), display_id=self._handle)

    def _keep(self):
        update_display(self._kept(), display_id=self._handle)

    def _kept(self):
        kept = [self.takes.find(number) for number in sorted(self.takes.starred)]
        return HTML("".join(take.riff._repr_mimebundle_()["text/html"] for take in kept))


def _button(description, tooltip, *, style="", disabled=False):
    return ipywidgets.Button(
        description=description, tooltip=tooltip, button_style=style, disabled=disabled, layout=Layout(width="auto")
    )
