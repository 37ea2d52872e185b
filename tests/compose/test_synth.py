"""Laws of the arithmetic orchestra: tones at their pitch, loops without a seam, the same piece the same sound."""

from dataclasses import replace

import numpy as np
import pytest

from riffkit.compose import synth
from riffkit.compose.instruments import FAMILIES, INSTRUMENTS
from riffkit.compose.score import Corpus, Part, compose
from riffkit.compose.soundfont import LOOP_SAMPLES, SAMPLE_RATE

CORPUS = Corpus("test", tuple(synth.TIMBRES), tempi=("medium",), keys=(0,), max_parts=2, textures=(), articulations=())


def test_every_family_has_a_timbre():
    assert {INSTRUMENTS[name].family for name in synth.TIMBRES} == set(FAMILIES)


@pytest.mark.parametrize("name", [name for name in synth.TIMBRES if name not in ("tubular bells", "choir")])
def test_a_note_sounds_at_its_pitch(name):
    pitch = 57 if INSTRUMENTS[name].high > 57 else 45  # A3 or A2
    tone = synth._tone(synth.TIMBRES[name], pitch, 1.0, np.random.default_rng(0))
    assert np.isfinite(tone).all() and tone.dtype == np.float32
    spectrum = np.abs(np.fft.rfft(tone[:SAMPLE_RATE] * np.hanning(len(tone[:SAMPLE_RATE]))))
    hertz = np.fft.rfftfreq(len(tone[:SAMPLE_RATE]), 1 / SAMPLE_RATE)
    loudest = hertz[spectrum.argmax()]
    fundamental = 440 * 2 ** ((pitch - 69) / 12)
    ratio = loudest / fundamental
    assert abs(ratio - round(ratio)) < 0.03 * ratio and ratio < 12, (
        f"{loudest:.0f} Hz is no partial of {fundamental:.0f}"
    )


def test_the_same_piece_gives_the_same_loop_without_a_seam():
    for seed in range(6):
        piece = compose(seed, CORPUS)
        loop = synth.play(piece)
        assert loop.shape == (LOOP_SAMPLES,) and np.isfinite(loop).all() and 0.01 < np.abs(loop).max() < 3
        assert np.array_equal(loop, synth.play(piece))


def test_an_unknown_instrument_is_named():
    piece = compose(0, CORPUS)
    with pytest.raises(ValueError, match="'sitar' is not among"):
        synth.play(replace(piece, parts=(Part("m", "sitar"),)))


def test_pictures_come_in_the_order_of_the_pieces():
    pieces = [compose(seed, CORPUS) for seed in range(3)]
    assert np.array_equal(synth.draw_pieces(pieces, processes=1), synth.draw_pieces(pieces, processes=2))
