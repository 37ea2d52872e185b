"""Files of anybody's and of ours: outside this folder only these names are used."""

from riffkit.sound.files.comments import read_metadata
from riffkit.sound.files.kinds import PICTURE_SUFFIXES, is_picture
from riffkit.sound.files.left_over import is_left_over
from riffkit.sound.files.opening import existing, names_file, opened, quoted
from riffkit.sound.files.pictures import KEY, image_of, open_image, text_in
from riffkit.sound.files.placing import fitting, replacing, replacing_folder
from riffkit.sound.files.reading import LONGEST, SoundReader, check_span, duration_of, read_samples
from riffkit.sound.files.texts import ROOM, dict_of
from riffkit.sound.files.writing import FORMATS, MP3_RATES, check_fits, write_bytes, write_samples

__all__ = [
    "FORMATS",
    "KEY",
    "LONGEST",
    "MP3_RATES",
    "PICTURE_SUFFIXES",
    "ROOM",
    "SoundReader",
    "check_fits",
    "check_span",
    "dict_of",
    "duration_of",
    "existing",
    "fitting",
    "image_of",
    "is_left_over",
    "is_picture",
    "names_file",
    "open_image",
    "opened",
    "quoted",
    "read_metadata",
    "read_samples",
    "replacing",
    "replacing_folder",
    "text_in",
    "write_bytes",
    "write_samples",
]
