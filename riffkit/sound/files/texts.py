"""Texts of our own inside files of anybody's: JSON that is read with care, and how long it may be where."""

import json
from typing import Any

from riffkit.progress import notice

LONGEST_TEXT = 256 << 20  # bytes of one text that are read
DEEPEST = 60  # levels of lists and dicts inside each other; a recipe has about six
# What a file of this kind can carry [bytes]; FLAC's blocks of metadata have 24 bits for their length.
ROOM = {".flac": (1 << 24) - 4096, ".png": (64 << 20) - 65536, ".mp3": LONGEST_TEXT, ".ogg": LONGEST_TEXT}
ROOM[".wav"] = LONGEST_TEXT


def dict_of(text: str | bytes | None) -> dict[str, Any] | None:
    """Read JSON that stands for a dict.

    Parameters
    ----------
    text : str, bytes or None

    Returns
    -------
    dict or None
        None if it is no JSON, no dict, or nested deeper than 60 levels (which is said).
    """
    if text is None or len(text) > LONGEST_TEXT or text.lstrip()[:1] not in ("{", b"{"):
        return None
    try:
        found = json.loads(text)
    except RecursionError:
        found, too_deep = None, True
    except (ValueError, TypeError):  # no JSON, or no letters
        return None
    else:
        too_deep = _deeper(found, DEEPEST)
    if too_deep:
        notice(f"the text inside the file is nested deeper than {DEEPEST} levels; it is taken as if there were none")
        return None
    return found if isinstance(found, dict) else None


def _deeper(value: Any, levels: int) -> bool:
    """True if lists and dicts lie inside each other deeper than so many levels; looked at without recursion."""
    layer = [value]
    for _ in range(levels):
        inner: list[Any] = []
        for one in layer:
            inner += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        layer = [one for one in inner if isinstance(one, (dict, list))]
        if not layer:
            return False
    return True
