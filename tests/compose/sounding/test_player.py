"""Laws of playing whole pieces; what plays the soundfont needs one, which not every machine has."""

import numpy as np
import pytest

from riffkit.compose.pieces.note import Note
from riffkit.compose.sounding.instruments import INSTRUMENTS
from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, Tone, hertz_of
from riffkit.compose.sounding.mixing import MASTER, at_level, loudness, mastered, shaded
from riffkit.compose.sounding.percussion import KITS, PERCUSSION
from riffkit.compose.sounding.soundfont import check_soundfont
from riffkit.compose.sounding.stereo import SIDES, panned, sided
from riffkit.compose.sounding.touches import part_of
from tests.compose.sounding.laws import cents_off, nearest_pairs, seam

# Whose pitch is a matter of taste: struck wood and skins, tutti, and sections whose players differ.
UNSURE = (
    "taiko",
    "woodblocks",
    "agogo bells",
    "melodic toms",
    "synth toms",
    "orchestra hit",
    "choir",
    "pizzicato strings",
)


def power(loop):
    return 10 * np.log10((loop**2).mean(axis=-1) + 1e-12)


def test_every_instrument_of_the_soundfont_sounds_and_is_itself(player):
    sounds = {}
    for name, one in INSTRUMENTS.items():
        if one.program is not None:
            pitch = (one.low + one.high) // 2
            sounds[name] = part_of(player.font, name, [Tone(3000, SAMPLE_RATE, pitch, 100)])
            assert np.isfinite(sounds[name]).all() and np.abs(sounds[name]).max() > 0.003, name
            if name not in UNSURE:
                assert abs(cents_off(sounds[name][..., 6000:42_000], hertz_of(pitch))) < 20, name
    distance, one, other = nearest_pairs(sounds)
    assert distance > 0.09, f"{one} and {other} differ by {distance:.3f} only"


def test_a_slide_reaches_its_note_from_below(player):
    slid = part_of(player.font, "slide guitar", [Tone(0, 40_000, 60, 100)])
    assert cents_off(slid[:1500], hertz_of(60)) < -25
    assert abs(cents_off(slid[8000:36_000], hertz_of(60))) < 15


def test_a_quartet_is_spread_out(player):
    loop = part_of(player.font, "string quartet", [Tone(0, 80_000, pitch, 100) for pitch in (43, 60, 72)])
    low, high = (power(part_of(player.font, "string quartet", [Tone(0, 80_000, pitch, 100)])) for pitch in (43, 72))
    assert loop.shape == (2, LOOP_SAMPLES) and low[1] - low[0] > 3 and high[0] - high[1] > 3


def test_a_long_note_goes_on_round_the_seam_and_what_rings_is_not_cut_off(player):
    loop = player.font.part([Tone(LOOP_SAMPLES - 20_000, 60_000, 60, 100)], 19)  # a church organ
    levels = np.sqrt((loop[: 44_100 * 2].reshape(-1, 2100) ** 2).mean(axis=1))
    assert levels[:15].min() > 0.3 * levels.max()
    ringing = player.font.part([Tone(LOOP_SAMPLES - 3000, 2000, 60, 110)], 14, 8)[80_000:95_000]  # a church bell
    assert np.abs(np.diff(ringing)).max() < 4 * np.abs(np.diff(ringing[:7000])).max()
    assert np.abs(ringing[9000:]).max() < 1e-4


def test_bends_move_the_pitch_of_their_note_only(player):
    bent = Tone(0, 80_000, 60, 100, ((0, 0.0), (8000, 2.0)))
    assert abs(cents_off(player.font.part([bent], 73)[30_000:70_000], hertz_of(62))) < 15
    both = player.font.part([bent, Tone(0, 80_000, 48, 100)], 19)[30_000:70_000]
    alone = player.font.part([Tone(0, 80_000, 48, 100)], 19)[30_000:70_000]
    assert cents_off(both, hertz_of(48)) == pytest.approx(cents_off(alone, hertz_of(48)), abs=5)
    # and a wheel that was turned is straight again for the next part
    assert abs(cents_off(player.font.part([bent._replace(bend=())], 73)[30_000:70_000], hertz_of(60))) < 15


def test_the_same_piece_gives_the_same_samples_whatever_was_played_before(player, written):
    pieces = [
        written(("m", "violin"), ("b", "acid bass"), kit="standard"),
        written(("c", "strings"), ("m", "singer"), kit="808", effects=("hall", "chorus")),
        written(("a", "sitar"), sounds=("rain",), side="wide"),
    ]
    first = [player.perform(*piece) for piece in pieces]
    again = [player.perform(*piece) for piece in reversed(pieces)][::-1]
    for a, b in zip(first, again, strict=True):
        assert np.array_equal(a, b)


def test_a_piece_is_a_stereo_loop_at_its_level(player, written):
    piece = written(("c", "piano"), ("m", "flute"), ("b", "electric bass"), kit="room", pans=(0.3, -0.4, 0.0))
    loop = player.perform(*piece)
    assert loop.shape == (2, LOOP_SAMPLES) and loop.dtype == np.float32 and np.isfinite(loop).all()
    assert 0.2 < np.abs(loop).max() <= 1 and seam(loop) <= 1
    assert abs(loudness(loop) - MASTER) < 1
    assert 0.3 < np.corrcoef(loop)[0, 1] < 0.97


def test_cymbals_are_heard_above_ten_kilohertz(player, written):
    for kit in KITS:
        loop = player.perform(*written(kit=kit))
        spectrum = np.abs(np.fft.rfft(loop)) ** 2
        share = spectrum[:, round(10_000 * 5.12) : round(16_000 * 5.12)].sum() / spectrum.sum()
        assert share > (1e-9 if kit == "lo-fi" else 1e-5), kit


def test_every_kind_of_percussion_plays(player, written):
    for name, one in PERCUSSION.items():
        piece, _ = written(("x", name))
        loop = player.perform(piece, [Note(float(k), 0.5, 0, one.keys[k % len(one.keys)], 100) for k in range(0, 8, 2)])
        assert np.abs(loop).max() > 0.1, name


def test_sides_are_sides(player, written):
    piece = (("c", "piano"), ("b", "electric bass"))
    loops = {side: player.perform(*written(*piece, kit="standard", side=side, pans=(0.4, 0.0))) for side in SIDES}
    balance = {side: float(np.diff(power(loop))[0]) for side, loop in loops.items()}
    assert balance["left"] < -8 and balance["right"] > 8
    assert all(abs(balance[side]) < 4 for side in ("centre", "wide", "narrow"))
    alike = {side: np.corrcoef(loop)[0, 1] for side, loop in loops.items()}
    assert alike["wide"] < alike["centre"] - 0.1 < alike["narrow"] - 0.1 and alike["narrow"] > 0.97


def test_panning_keeps_the_power():
    loop = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    for pan in (-1.0, -0.3, 0.0, 0.8):
        left, right = panned(loop, pan)
        assert (left**2 + right**2).mean() == pytest.approx((loop**2).mean(), rel=1e-4)
    left, right = panned(loop, -0.5)
    assert np.allclose(panned(loop, 0.5), [right, left])
    with pytest.raises(ValueError, match="side is 'above'; expected one of centre, left"):
        sided(np.zeros((2, 10), np.float32), "above")


def test_levels_are_levels():
    loop = np.random.default_rng(1).standard_normal(LOOP_SAMPLES).astype(np.float32) * np.float32(0.01)
    assert loudness(at_level(loop, -23.0)) == pytest.approx(-23, abs=0.05)
    loop[50_000:] = 0  # few notes are as loud as many
    assert loudness(at_level(loop, -23.0)) == pytest.approx(-23, abs=0.05)
    silence = np.zeros(LOOP_SAMPLES, np.float32)
    assert loudness(silence) == -np.inf and not at_level(silence, -20.0).any()
    assert np.abs(mastered(np.stack([loop * 100, loop * 90]))).max() <= 0.97


def test_dynamics_are_heard_as_timbre():
    loop = np.random.default_rng(1).standard_normal(LOOP_SAMPLES).astype(np.float32)
    treble = [np.abs(np.fft.rfft(shaded(loop, how)))[30_000:].mean() for how in ("soft", "normal", "loud")]
    assert treble[0] < 0.5 * treble[1] < 0.5 * treble[2]


def test_a_file_that_is_no_soundfont_is_refused(tmp_path):
    path = tmp_path / "font.sf2"
    path.write_bytes(b"RIFFxxxxWAVE")
    with pytest.raises(ValueError, match="is no soundfont"):
        check_soundfont(path)
    with pytest.raises(FileNotFoundError, match="does not exist; get FluidR3"):
        check_soundfont(tmp_path / "none.sf2")
