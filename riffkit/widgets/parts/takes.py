"""Takes: a shelf of riffs as small pictures, to choose from, star, and set against each other."""

from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from riffkit.riffing.riff import Riff
from riffkit.riffing.riffer import Riffer
from riffkit.widgets.parts.calls import Call, Source, loading_code
from riffkit.widgets.parts.pictures import thumbnail
from riffkit.widgets.parts.scripts import script, style


@dataclass(frozen=True, eq=False)
class Take:
    """One riff on the shelf.

    Parameters
    ----------
    number : int
        From 1.
    riff : Riff
    call : Call
        That made it.
    code : str
        Python that makes it again as `riff_<number>`.
    """

    number: int
    riff: Riff
    call: Call
    code: str

    def as_source(self) -> Source:
        """Return the take as the beginning of another call."""
        return Source(f"take {self.number}", self.riff, f"riff_{self.number}", self.code)


class Takes(anywidget.AnyWidget):
    """A history of riffs: small pictures in a row, the newest first, to choose from, star and compare.

    Changes of its traits are all that it says.

    Parameters
    ----------
    riffer : Riffer
        What makes the riffs; the code to copy begins with loading it.
    **traits
        Any of the attributes.

    Attributes
    ----------
    shown : int
        Number of the chosen one, from 1; 0 is none.
    a, b : int
        Those to compare.
    starred : list of int
    """

    _esm = script("takes.js")
    _css = style("takes.css")

    labels = traitlets.List(traitlets.Dict()).tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)
    a = traitlets.Int(0).tag(sync=True)
    b = traitlets.Int(0).tag(sync=True)
    starred = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, riffer: Riffer, **traits: Any) -> None:
        super().__init__(**traits)
        self._riffer = riffer
        self._takes: list[Take] = []

    @property
    def newest(self) -> Take | None:
        """The last take, or None."""
        return self._takes[-1] if self._takes else None

    def find(self, number: int) -> Take:
        """Return the take of a `number`.

        Raises
        ------
        IndexError
            If there is none.
        """
        if not 1 <= number <= len(self._takes):
            raise IndexError(f"no take {number!r}; there are {len(self._takes)}")
        return self._takes[number - 1]

    def add(self, riff: Riff, call: Call) -> Take:
        """Put a riff on the shelf.

        Parameters
        ----------
        riff : Riff
        call : Call
            That made it.

        Returns
        -------
        Take
        """
        number = len(self._takes) + 1
        take = Take(number, riff, call, call.code(self._riffer, f"riff_{number}"))
        self._takes.append(take)
        arguments = call.arguments
        label = {
            "number": number,
            "words": arguments.get("prompt") or "(no words)",
            "note": " · ".join([*([call.operation] if call.source else []), f"seed {arguments.get('seed')}",
                                f"{riff.clip.duration:.1f} s{' loop' if riff.loop else ''}"]),
            "thumb": thumbnail(riff.image),
            "code": loading_code(self._riffer) + take.code,
        }  # fmt: skip
        self.labels = [*self.labels, label]
        return take
