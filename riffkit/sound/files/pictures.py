"""Picture files of anybody's: opened within limits of our own, and refused in words that name the file."""

import io
import warnings
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from riffkit.progress import notice
from riffkit.sound.files.kinds import head_of, kind_of
from riffkit.sound.files.opening import Spliced, opened, quoted
from riffkit.sound.files.png_texts import without_texts

LARGEST = 768 << 20  # bytes in memory: an hour of stereo, four of mono, and whatever Pillow itself opens
KEY = "riffkit"  # under which JSON of ours travels
RUN_PROGRAMS = ("EPS", "WMF")  # read by other programs, which nobody asked for


def open_image(path: str | Path | BinaryIO, *, largest: int = LARGEST) -> Image.Image:
    """Open a picture of any kind that Pillow reads, and read it at once.

    Parameters
    ----------
    path : str, Path or binary file
    largest : int [bytes]
        What it may take in memory. Pictures of an hour of sound are beyond Pillow's own limit and within this one.

    Returns
    -------
    PIL.Image.Image

    Raises
    ------
    FileNotFoundError, IsADirectoryError
    ValueError
        If it is no picture, a damaged one, or larger than `largest`.
    """
    if not isinstance(path, (str, Path)):
        return _loaded(_opened(path, "the picture", largest), "the picture")
    with opened(path, "a picture") as file:
        return _loaded(_opened(file, quoted(path), largest), quoted(path))


def text_in(path: str | Path) -> Any:
    """What the picture at `path` carries under "riffkit", its pixels unread; errors as `open_image`."""
    with opened(path, "a picture") as file:
        return _opened(file, quoted(path), LARGEST).info.get(KEY)


def image_of(value: Image.Image | str | Path) -> Image.Image:
    """A picture as it is, or the one in a file.

    Parameters
    ----------
    value : PIL.Image.Image, str or Path

    Raises
    ------
    TypeError
        If it is neither; otherwise as `open_image`.
    """
    if isinstance(value, Image.Image):
        return value
    if isinstance(value, (str, Path)):
        return open_image(value)
    raise TypeError(f"expected a picture (PIL.Image.open(path)) or the path of one, got {type(value).__name__}")


def _opened(file: BinaryIO, name: str, largest: int) -> Image.Image:
    head = head_of(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's advice is for programmers
        try:
            image = _identified(file, head)
        except ValueError as error:
            if "text" not in str(error).lower():
                raise ValueError(f"{name} is a damaged picture ({error})") from None
            image = _without_texts(file, name, head)
        if image is None:
            raise ValueError(_no_picture(name, head))
        n_bytes = image.width * image.height * (1 if image.mode in ("1", "L", "P") else 4)
        if n_bytes > largest:
            raise ValueError(
                f"{name} has {image.width} x {image.height} pixels, {n_bytes:,} bytes in memory; the limit is "
                f"{largest:,}. If it is yours, riffkit.sound.files.open_image(path, largest={n_bytes})"
            )
    return image


def _loaded(image: Image.Image, name: str) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image.load()
        except Exception as error:  # Pillow raises many kinds on damaged files
            raise ValueError(f"{name} is a damaged or cut picture ({error or type(error).__name__})") from None
    return image


def _identified(file: BinaryIO, head: bytes) -> Image.Image | None:
    """What `Image.open` does, but for its limit on pixels, which is the same for all threads of a process."""
    refused: Exception | None = None
    for prepare in (Image.preinit, Image.init):
        prepare()
        for kind in list(Image.ID):
            factory, accept = Image.OPEN[kind]
            file.seek(0)
            try:
                if kind not in RUN_PROGRAMS and (accept is None or accept(head[:16]) is True):
                    return factory(file, "")
            except ValueError as error:
                refused = error
            except Exception:  # of another kind, or damaged
                continue
    if refused is not None:
        raise ValueError(str(refused))
    return None


def _without_texts(file: BinaryIO, name: str, head: bytes) -> Image.Image | None:
    stretches, text = without_texts(file, KEY)
    if not stretches:
        return None
    image = _identified(io.BufferedReader(Spliced(file, stretches)), head)
    if image is not None:
        image.load()
        if text is not None:
            image.info[KEY] = text
        else:
            notice(f"{name} carries more text than is read; the picture is taken without it")
    return image


def _no_picture(name: str, head: bytes) -> str:
    kind, what = kind_of(head)
    if kind == "sound":
        return f"{name} is no picture but sound ({what}); riffkit.encode(path), or `riffkit encode`, draws it"
    if kind == "picture":
        return f"{name} begins as {what}, but is damaged or cut"
    return f"{name} is no picture that can be read: it is {what}"
