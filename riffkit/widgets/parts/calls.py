"""Calls of a riffer as values: made in a panel, run in a worker, and written down as the Python that gives the same."""

import inspect
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from riffkit.models.files import EMBEDDED
from riffkit.models.lora import plain_and_loras
from riffkit.progress import Progress
from riffkit.riffing.riff import Riff
from riffkit.riffing.riffer import Riffer

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
    value: Any
    code: str
    before: str = ""

    @classmethod
    def from_file(cls, path: str | Path, *, uploaded: bool = False) -> Self:
        """Take a sound, picture or saved riff in a file.

        Parameters
        ----------
        path : str or Path
        uploaded : bool
            In code it is named without its folder.

        Raises
        ------
        FileNotFoundError
            If there is none.
        """
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
    arguments: dict[str, Any]
    source: Source | None = None

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise ValueError(f"operation is {self.operation!r}, expected one of {', '.join(OPERATIONS)}")
        if (self.source is None) != (self.operation == "riff"):
            raise ValueError(f"{self.operation} {'needs a source' if self.source is None else 'takes no source'}")

    def run(self, riffer: Riffer, progress: Progress = None) -> Riff:
        """Make the riff.

        Parameters
        ----------
        riffer : Riffer
        progress : callable, bool or None
            As in `Riffer.riff`.

        Returns
        -------
        Riff
        """
        given = [] if self.source is None else [self.source.value]
        return getattr(riffer, self.operation)(*given, **self.arguments, progress=progress)

    def code(self, riffer: Riffer, name: str = "riff") -> str:
        """Write Python that does the same: what stands at its defaults is left out.

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


def loading_code(riffer: Riffer) -> str:
    """Write Python that loads this `riffer`: its checkpoint, and the LoRAs on it."""
    checkpoint, loras = plain_and_loras(riffer.checkpoint)
    name = "" if checkpoint.name == EMBEDDED else repr(checkpoint.name)
    twin = checkpoint.live_file.resolve() if riffer.is_live and checkpoint.live_file is not None else None
    live = ".live()" if riffer.is_live else ""
    added = "".join(f".with_lora({str(path)!r}, {scale!r})" for path, scale in loras if path != twin)
    return f"import riffkit\n\nriffer = riffkit.load({name}){live}{added}\n"
