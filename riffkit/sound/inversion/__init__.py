"""Mel inversion: from mel magnitudes to samples, phase found again. Outside this folder only these names are used."""

from riffkit.sound.inversion.options import ITERATIONS, Inversion
from riffkit.sound.inversion.pipeline import InversionKeywords, check_mel, clip_from_mel, invert

__all__ = ["ITERATIONS", "Inversion", "InversionKeywords", "check_mel", "clip_from_mel", "invert"]
