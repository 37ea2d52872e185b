"""Calls of a riffer as values: made in a panel, run in a worker, and written down as the Python that gives the same."""

import inspect
from dataclasses import asdict, dataclass
from pathlib import Path

from riffkit.models.files import EMBEDDED
from riffkit.models.lora import plain_and_loras

OPERATIONS = ("riff", "vary", "extend")


@dataclass(frozen=True, eq=False)
class Source:
    """What a call starts from, and how Python code would name it.

    Parameters
    ----------
    title : str
    value : Riff, Clip, PIL.Image.Image, str or Path
    code : str
        A Python expression.
    before : str
        Lines of Python that must stand before it, each with its newline.
    """

    title: str
    value: object
    code: str
    before: str = ""

    @classmethod
    def from_file(cls, path, *, uploaded=False):
        """A sound, picture or saved riff in a file; one that was uploaded is named without its folder."""
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"{str(path)!r} is no file; give the path of a sound or a spectrogram picture")
        note = f"# {path.name!r} is the file that was uploaded; lay it beside this code\n" if uploaded else ""
        return cls(path.name, str(path), repr(path.name if uploaded else str(path)), note)


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a method of `Riffer`.

    Parameters
    ----------
    operation : str
        "riff", "vary" or "extend".
    arguments : dict
        Keywords, all of them plain values.
    source : Source, optional
        What "vary" and "extend" start from.
    """

    operation: str
    arguments: dict
    source: Source | None = None

    def __post_init__(self):
        if self.operation not in OPERATIONS:
            raise ValueError(f"operation is {self.operation!r}, expected one of {', '.join(OPERATIONS)}")
        if (self.source is None) != (self.operation == "riff"):
            raise ValueError(f"{self.operation} {'needs a source' if self.source is None else 'takes no source'}")

    def run(self, riffer, progress=None):
        """Make the riff.

        Returns
        -------
        Riff
        """
        given = [] if self.source is None else [self.source.value]
        return getattr(riffer, self.operation)(*given, **self.arguments, progress=progress)

    def code(self, riffer, name="riff"):
        """Python that does the same: what stands at its defaults is left out.

        Parameters
        ----------
        riffer : Riffer
            What is called `riffer` there; its `defaults` count.
        name : str
            The variable the riff goes into.
        """
        method = getattr(riffer, self.operation)
        defaults = {key: value.default for key, value in inspect.signature(method).parameters.items()}
        defaults |= asdict(riffer.defaults)
        arguments = dict(self.arguments)
        given = [] if self.source is None else [self.source.code]
        if "prompt" in arguments:
            given.append(repr(arguments.pop("prompt")))
        given += [f"seed={arguments.pop('seed')!r}"] if "seed" in arguments else []
        given += [f"{key}={value!r}" for key, value in arguments.items() if value != defaults[key]]
        before = "" if self.source is None else self.source.before
        return f"{before}{name} = riffer.{self.operation}({', '.join(given)})\n"


def loading_code(riffer):
    """Python that loads a riffer as it was loaded: its checkpoint, and the LoRAs on it."""
    checkpoint, loras = plain_and_loras(riffer.checkpoint)
    name = "" if checkpoint.name == EMBEDDED else repr(checkpoint.name)
    live, twin = (".live()", checkpoint.live_file.resolve()) if riffer.is_live else ("", None)
    others = [(path, scale) for path, scale in loras if path != twin]
    loras = "".join(f".with_lora({str(path)!r}, {scale!r})" for path, scale in others)
    return f"import riffkit\n\nriffer = riffkit.load({name}){live}{loras}\n"
