"""Packing: pictures and clips as JSON values, so that a recipe carries what its riff was made from; each only once.

What comes out of a recipe comes from a stranger: it is opened as PNG or FLAC and as nothing else, and no longer than
riffing takes.
"""

import base64
import hashlib
import io
import json
import math
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from riffkit.progress import notice
from riffkit.riffing.timeline import LONGEST
from riffkit.sound.clip import Clip
from riffkit.sound.files import open_image
from riffkit.sound.metadata import extra_of, recipe_fits

LONGEST_PACKED = 60.0  # seconds of a source recording that a recipe carries; longer ones are named by their hash
LARGEST_PICTURE = 1 << 30  # bytes in memory: 600 s at a hundred columns a second and 4096 rows
SHARED = "carried"  # where a recipe that is written keeps what stands in it several times
LONG = 1000  # letters from which on a text is kept there


def pack(value: Any) -> Any:
    """Return a picture or clip as JSON values, so that a recipe can carry its source; any other `value` as it is.

    Pictures travel as PNG, clips as 16-bit FLAC (`unpack(pack(clip))` is what riffkit works on from then on, so that a
    replay meets the same bits). Clips beyond a minute are named by hash and length only.
    """
    if isinstance(value, Image.Image):
        buffer = io.BytesIO()
        save_options = {"exif": value.getexif()} if len(value.getexif()) else {}
        plain = value.convert("RGB")
        red, green, blue = plain.split()
        grey = red.tobytes() == green.tobytes() == blue.tobytes()
        info = PngInfo()
        if "riffkit" in value.info:
            extra = {k: v for k, v in extra_of(value).items() if k == "rounding"}
            info.add_itxt("riffkit", json.dumps(extra))
        (red if grey else plain).save(buffer, "PNG", pnginfo=info, **save_options)
        return {"png": base64.b64encode(buffer.getvalue()).decode()}
    if isinstance(value, Clip):
        if value.duration > LONGEST_PACKED:
            digest = hashlib.sha256(value.samples.tobytes()).hexdigest()
            return {"clip_hash": digest, "duration": value.duration}
        return {"flac": base64.b64encode(value.to_bytes("flac")).decode()}
    return value


def unpack(value: Any) -> Any:
    """Return the picture or clip behind what `pack` gave; any other `value` as it is.

    Raises
    ------
    ValueError
        If it is damaged or larger than riffing takes, or only named.
    """
    if isinstance(value, dict) and "png" in value:
        content = _bytes(value["png"], "picture")
        if content[:8] != b"\x89PNG\r\n\x1a\n":
            raise ValueError("the picture that this recipe carries is no PNG")
        return open_image(io.BytesIO(content), largest=LARGEST_PICTURE)
    if isinstance(value, dict) and "flac" in value:
        return _clip(_bytes(value["flac"], "recording"))
    if isinstance(value, dict) and "clip_hash" in value:
        raise ValueError(
            f"this recipe was made from a recording of {float(value.get('duration') or math.nan):.1f} s, too long to"
            " travel inside; pass it: riffer.replay(path, source=clip)"
        )
    return value


def _bytes(text: Any, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise ValueError(f"the {what} that this recipe carries is damaged ({error})") from None


def _clip(content: bytes) -> Clip:
    import soundfile

    if content[:4] != b"fLaC":
        raise ValueError("the recording that this recipe carries is no FLAC")
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            most = (LONGEST_PACKED + 1) * file.samplerate
            if file.samplerate > 192000 or not 0 < file.frames <= most:
                raise ValueError(
                    f"the recording that this recipe carries has {file.frames} samples at {file.samplerate} Hz,"
                    f" expected up to {LONGEST_PACKED:g} s"
                )
            samples = file.read(dtype="float32", always_2d=True)
            return Clip(np.ascontiguousarray(samples.T), file.samplerate)
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise ValueError(f"the recording that this recipe carries is damaged ({error})") from None


def compact(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return a `recipe` as it is written: a source that stands in it several times is carried once."""
    count: dict[str, int] = {}

    def look(value: Any) -> None:
        if isinstance(value, str) and len(value) >= LONG:
            count[value] = count.get(value, 0) + 1
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
            look(inner)

    look(recipe)
    carried = {text: str(i) for i, text in enumerate(text for text, times in count.items() if times > 1)}
    if not carried:
        return recipe

    def put(value: Any) -> Any:
        if isinstance(value, str):
            return {SHARED: carried[value]} if value in carried else value
        if isinstance(value, dict):
            return {key: put(inner) for key, inner in value.items()}
        return [put(inner) for inner in value] if isinstance(value, (list, tuple)) else value

    return {**put(recipe), SHARED: {number: text for text, number in carried.items()}}


def expanded(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return what `compact` was given, of what it gave; a `recipe` without shared parts as it is.

    Raises
    ------
    ValueError
        If it names a part that it does not carry.
    """
    carried = recipe.get(SHARED)
    if carried is None:
        return recipe
    if not isinstance(carried, dict) or not all(isinstance(text, str) for text in carried.values()):
        raise ValueError("the recipe is damaged: what it carries several times is no list of texts")

    def get(value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {SHARED}:
            number = value[SHARED]
            if not isinstance(number, str) or number not in carried:
                raise ValueError(f"the recipe is damaged: it names part {number!r}, which it does not carry")
            return carried[number]
        if isinstance(value, dict):
            return {key: get(inner) for key, inner in value.items()}
        return [get(inner) for inner in value] if isinstance(value, list) else value

    return get({key: value for key, value in recipe.items() if key != SHARED})


def tell_room(*packed: Any) -> None:
    """Say before painting which kinds of file cannot carry what `packed` sources weigh, each counted once."""
    texts = set()

    def look(value: Any) -> None:
        if isinstance(value, str):
            texts.add(value)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
            look(inner)

    look(packed)
    size = sum(len(text) for text in texts) + 10_000  # and the rest of a recipe
    full = [suffix for suffix in (".png", ".wav", ".flac", ".ogg", ".mp3") if not recipe_fits(size, suffix)]
    if full:
        notice(
            f"the recipe of this will carry {size / 2**20:.0f} MiB of what it is made from, more than"
            f" {', '.join(full)} can hold; save as .wav to keep it, or start from a shorter source. {LONGEST:g} s are"
            " the most that riffing takes"
        )
