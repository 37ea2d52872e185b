"""PromptForm: fields for all that goes into one riff."""

import secrets
from typing import Any

import ipywidgets
from ipywidgets import Layout

from riffkit.diffusion.schedulers import SCHEDULERS
from riffkit.models.prompt import unknown_words
from riffkit.riffing.riffer import Riffer
from riffkit.widgets.parts.calls import Call, Source
from riffkit.widgets.parts.file_field import FileField
from riffkit.widgets.parts.run_bar import plain_button, row
from riffkit.widgets.parts.slider import Slider

# Plain values: a `Layout` made here would be one widget, shared by all panels, and closed with the first of them.
WIDE: dict[str, Any] = {
    "layout": {"width": "calc(100% - 4px)", "max_width": "640px"},
    "style": {"description_width": "88px"},
}
LONGEST, LONGEST_SHARED = 600, 60  # seconds
MOST_STEPS, MOST_STEPS_SHARED = 100, 50
NUMBER = {"width": "auto", "flex": "1 1 260px", "max_width": "316px"}
NARROW: dict[str, Any] = {"layout": NUMBER, "style": {"description_width": "88px"}}


class PromptForm(ipywidgets.VBox):
    """Words, numbers and a source; `call()` makes a `Call` of what they say.

    Parameters
    ----------
    riffer : Riffer
    prompt : str
    seed : int
    source : Clip, Riff, PIL.Image.Image, str or Path, optional
        What "starts from" says in the beginning.
    shared : bool
        For people who come over the network: no field for a path of this machine, and less at once.
    """

    def __init__(
        self, riffer: Riffer, *, prompt: str = "", seed: int = 0, source: Any = None, shared: bool = False
    ) -> None:
        usual = riffer.defaults
        self._vocabulary = riffer.checkpoint.vocabulary
        self.window = riffer.params.seconds_of(riffer.checkpoint.window * riffer.checkpoint.factor)
        self.prompt = ipywidgets.Text(prompt, description="words", placeholder="church bells", **WIDE)
        self.negative = ipywidgets.Text(description="but not", placeholder="drums", **WIDE)
        self.seed = ipywidgets.BoundedIntText(seed, min=0, max=2**31 - 1, description="seed", **NARROW)
        self.dice = plain_button("Another seed", "draw a seed by chance")
        # kept here too: the numbers of a slider are the page's to change
        self._most = (MOST_STEPS_SHARED, LONGEST_SHARED) if shared else (MOST_STEPS, LONGEST)
        most_steps, longest = self._most
        self.steps = Slider(usual.num_inference_steps, 1, most_steps, description="steps", layout=NUMBER)
        self.guidance = Slider(usual.guidance_scale, 1, 15, step=0.5, description="guidance", layout=NUMBER)
        self.scheduler = ipywidgets.Dropdown(
            options=list(SCHEDULERS), value=usual.scheduler, description="scheduler", **NARROW
        )
        self.duration = ipywidgets.BoundedFloatText(
            self.window, min=0.1, max=longest, step=0.01, description="seconds", **NARROW
        )
        self.loop = ipywidgets.Checkbox(False, description="loop: the end joins the beginning", indent=False)
        self.source = ipywidgets.Dropdown(options=[("noise: words alone", None)], description="starts from", **WIDE)
        self.strength = Slider(0.6, 0, 1, step=0.05, description="strength", layout=NUMBER)
        self.path = ipywidgets.Text(
            description="or a file", placeholder="path of a sound or picture, then Enter", **WIDE
        )
        self.file = FileField(label="or upload one")
        files = [self.file] if shared else [self.path, self.file]
        if source is not None:
            self.start_from(_given(source))
        self._follow_source()
        self.dice.on_click(lambda _: self.roll())
        self.source.observe(lambda _: self._follow_source(), "value")
        other = ipywidgets.Accordion(
            [ipywidgets.VBox([self.negative, row(self.steps, self.guidance), row(self.scheduler, self.duration),
                              self.loop]),
             ipywidgets.VBox([self.source, row(self.strength), *files])],
            titles=("settings", "start from a sound or picture"), selected_index=None,
            layout=Layout(max_width="660px"),
        )  # fmt: skip
        self.play = ipywidgets.Checkbox(True, description="play when done", indent=False, layout=Layout(width="auto"))
        super().__init__([self.prompt, row(self.seed, self.dice, self.play), other])

    def roll(self) -> None:
        """Draw another seed."""
        self.seed.value = secrets.randbelow(10_000)

    def start_from(self, source: Source) -> None:
        """Add a `source` to the choice, and choose it."""
        self.source.options = [*self.source.options, (source.title, source)]
        self.source.value = source

    def call(self) -> Call:
        """Return what the fields say.

        Returns
        -------
        Call
            "riff", or "vary" if there is a source.
        """
        source, arguments = self.source.value, self._arguments()
        if source is None:
            if abs(self.duration.value - self.window) > 0.005:
                arguments["duration"] = self.duration.value
            return Call("riff", arguments | {"loop": self.loop.value})
        return Call("vary", arguments | {"strength": self.strength.value, "loop": self.loop.value}, source)

    def extension(self, source: Source) -> Call:
        """Return the call that paints on after a `source`: these words, as many seconds as the field says."""
        return Call("extend", self._arguments() | {"duration": self.duration.value}, source)

    def remarks(self) -> str:
        """Name the words that the checkpoint never met; "" if there are none."""
        if self._vocabulary is None:
            return ""
        unknown = unknown_words(f"{self.prompt.value} {self.negative.value}", self._vocabulary)
        return f"this model never met {', '.join(map(repr, unknown))}" if unknown else ""

    def _arguments(self) -> dict[str, Any]:
        for field, most in zip((self.steps, self.duration), self._most, strict=True):
            if field.value > most:
                raise ValueError(f"{field.description} is {field.value:g}; {most} at most are made here")
        return {
            "prompt": self.prompt.value,
            "seed": self.seed.value,
            "negative_prompt": self.negative.value,
            "num_inference_steps": self.steps.value,
            "guidance_scale": self.guidance.value,
            "scheduler": self.scheduler.value,
        }

    def _follow_source(self) -> None:
        source = self.source.value
        self.strength.disabled = source is None
        self.duration.disabled = source is not None
        self.loop.value = bool(getattr(source.value, "loop", False)) if source is not None else self.loop.value


def _given(source: Any) -> Source:
    """A source that Python gave; code cannot know what it is called there."""
    if isinstance(source, (str, bytes)) or hasattr(source, "__fspath__"):
        return Source.from_file(source)
    return Source(repr(source)[:60], source, "source", "# source: what the panel was given as `source`\n")
