"""Recordings to learn from, what of them is left out, and which columns of a table are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from riffkit.training.data.tables import CAPTION_COLUMNS, small
from riffkit.training.data.texts import clean, shown

KEPT_COLUMNS = ("bpm", "key", "license", "source")
SPLITS_BY_NAME = {"train": "train", **dict.fromkeys(("validation", "valid", "val", "dev", "test"), "validation")}


@dataclass(frozen=True)
class Recording:
    """One file to learn from.

    Parameters
    ----------
    path : Path
    captions : tuple of str
        Used in turn where a file gives several pictures.
    track : str
        Names what must not be torn apart between training and validation.
    columns : dict
        More columns of the metadata: see `columns_of`.
    start : float [s]
        Where the part begins that the captions are about.
    end : float or None [s]
        Where it ends; None is the file's end.
    split : str or None
        "train" or "validation"; None is chosen by lot.
    loop : bool
        The end joins the beginning.
    """

    path: Path
    captions: tuple[str, ...]
    track: str
    columns: dict[str, Any] = field(default_factory=dict)
    start: float = 0.0
    end: float | None = None
    split: str | None = None
    loop: bool = False


@dataclass(frozen=True)
class Skipped:
    """A file, or a part of one, that is not in the data set, and why.

    Parameters
    ----------
    file, reason : str
    start : float or None [s]
        Of the part; None is the whole file.
    """

    file: str
    reason: str
    start: float | None = None

    def __str__(self) -> str:
        place = "" if self.start is None else f" from {self.start:.2f} s"
        return shown(f"{self.file}{place}: {self.reason}")


@dataclass
class Found:
    """What a reader found.

    Parameters
    ----------
    recordings : list of Recording
    skipped : list of Skipped
        What is left out, and why.
    notes : list of str
        What is odd but no reason to skip.
    """

    recordings: list[Recording] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def columns_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Select the columns of a `row` that a data set keeps: bpm (a number in 20..400), key, license and source (text).

    Other usual spellings are understood: "tempo", "licence", capitals.
    """
    row = {name.replace("licence", "license"): value for name, value in small(row).items()}
    kept: dict[str, Any] = {}
    for name in KEPT_COLUMNS:
        value = row.get({"bpm": "bpm" if "bpm" in row else "tempo"}.get(name, name))
        if value in (None, "", [], {}):
            continue
        if name == "bpm":
            try:
                value = float(value)
            except (TypeError, ValueError, OverflowError):
                continue
            if not 20 <= value <= 400:
                continue
        kept[name] = value if name == "bpm" else clean(str(value))
    return kept


def recording_of(path: Path, name: str, captions: list[str], row: Mapping[Any, Any]) -> Recording:
    """Make the recording at `path`, called `name`, with its `captions` and what else a `row` of a table says of it."""
    row = small(row)
    return Recording(
        path=path,
        captions=tuple(captions),
        track=clean(str(row.get("track") or row.get("track_id") or "")) or name,
        columns=columns_of(row),
        split=SPLITS_BY_NAME.get(str(row.get("split", "")).strip().lower()),
        loop=str(row.get("loop", "")).strip().lower() in ("true", "1", "yes"),
    )


def caption_of(row: Mapping[Any, Any]) -> str:
    """Find the caption in a `row`, on one line; empty if there is none."""
    row = small(row)
    for name in CAPTION_COLUMNS:
        value = row.get(name)
        if isinstance(value, (list, tuple)):
            value = ", ".join(str(one) for one in value)
        if value and clean(str(value)):
            return clean(str(value))
    return ""
