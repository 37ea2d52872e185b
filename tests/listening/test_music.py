"""What can be counted in music: known tempi, pitches, keys and rhythms come back, noise and shuffled ones do not."""

import numpy as np
import pytest

import riffkit
from riffkit.compose.score import LOOP_SECONDS, Corpus, compose
from riffkit.compose.synth import play
from riffkit.listening import music

N = round(LOOP_SECONDS * music.SAMPLE_RATE)
TIME = np.arange(N) / music.SAMPLE_RATE


def clicks(beats):
    """A loop with a short tone on every beat."""
    loop = np.zeros(N, np.float32)
    stroke = (np.sin(2 * np.pi * 880 * TIME[:2000]) * np.exp(-TIME[:2000] * 200)).astype(np.float32)
    for beat in range(beats):
        start = round(beat * N / beats)
        loop[start : start + len(stroke)] += stroke[: N - start]
    return riffkit.Clip(loop, music.SAMPLE_RATE)


def tones(semitones):
    """Long tones, one after the other."""
    hertz = 440 * 2 ** ((np.repeat(semitones, -(-N // len(semitones)))[:N] - 69) / 12)
    return riffkit.Clip(np.sin(2 * np.pi * np.cumsum(hertz) / music.SAMPLE_RATE), music.SAMPLE_RATE)


def pieces(count, **choice):
    """Pieces of plain instruments with harmony in them."""
    instruments = ("piano", "organ", "strings", "nylon guitar")
    corpus = Corpus("test", instruments, max_parts=2, textures=(), articulations=(), **choice)
    found = (compose(seed, corpus) for seed in range(100 * count))
    return [piece for piece in found if piece.genre is None and piece.parts and piece.pattern is None][:count]


def played(piece):
    return riffkit.Clip(play(piece), music.SAMPLE_RATE)


@pytest.mark.slow
@pytest.mark.parametrize("beats", [8, 12])
def test_clicks_come_back_at_their_tempo(beats):
    wanted = 60 * beats / LOOP_SECONDS
    assert music.tempo_agrees(music.tracked_bpm(music.onset_strength(clicks(beats))), wanted)[1]


@pytest.mark.slow
@pytest.mark.parametrize("beats", [8, 12])
def test_beats_of_a_recording_are_where_they_sound(beats):
    recording = riffkit.Clip(np.tile(clicks(beats).samples, 3), music.SAMPLE_RATE)
    bpm, times = music.find_beats(recording)
    assert music.tempo_agrees(bpm, 60 * beats / LOOP_SECONDS)[1]
    off = (np.asarray(times) * beats / LOOP_SECONDS * 2 + 0.5) % 1 - 0.5  # half beats: one may tap twice as often
    assert np.abs(off).mean() < 0.15
    for nothing in (np.zeros(N), 0.1 * np.sin(2 * np.pi * 200 * TIME[:4000])):
        with pytest.raises(ValueError, match="no tempo"):
            music.find_beats(riffkit.Clip(nothing, music.SAMPLE_RATE))


@pytest.mark.parametrize("beats", [8, 12])
def test_a_picture_shows_its_beat(beats):
    pixels = np.asarray(riffkit.encode(clicks(beats), periodic=True).convert("L"))
    found = music.beat_columns(pixels, riffkit.SpectrogramParams())
    assert music.tempo_agrees(6000 / found, 60 * beats / LOOP_SECONDS)[1]
    with pytest.raises(ValueError, match="no tempo"):
        music.beat_columns(np.full((512, 512), 255, np.uint8), riffkit.SpectrogramParams())


@pytest.mark.parametrize("root, name", [(60, "C major"), (63, "E flat major"), (66, "F sharp major")])
def test_a_scale_that_rests_on_its_chord_is_in_its_key(root, name):
    notes = root + np.array([0, 4, 7, 0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0])
    assert music.find_key(tones(notes)) == name
    assert music.find_key(riffkit.Clip(np.zeros(N), music.SAMPLE_RATE)) is None


def test_relatives_of_a_tempo_are_told_from_it():
    assert music.tempo_agrees(100, 103) == (True, True)
    assert music.tempo_agrees(50, 100) == (False, True)
    assert music.tempo_agrees(85, 100) == (False, False)


def test_onsets_are_on_their_grid_and_not_on_another():
    onsets = music.onset_times(music.onset_strength(clicks(8)))
    assert len(onsets) == 8
    share, chance = music.share_on_grid(onsets, LOOP_SECONDS / 32)
    assert share == 1 and 0 < chance < 0.5
    assert music.share_on_grid(onsets, LOOP_SECONDS / 28)[0] < 0.7
    assert np.isnan(music.share_on_grid(np.zeros(0), 0.1)[0])


def test_a_scale_lies_on_itself():
    chroma = music.chroma_of(tones(62 + np.array([0, 2, 4, 5, 7, 9, 11, 12])))  # D major
    assert music.share_on_scale(chroma, 2, "major") > 0.95
    assert music.share_on_scale(chroma, 8, "major") < 0.5
    assert music.best_share_on_scale(chroma) == pytest.approx(music.share_on_scale(chroma, 2, "major"))
    assert chroma.sum() == pytest.approx(1)


@pytest.mark.slow
def test_keys_of_composed_pieces_come_back_and_shuffled_ones_are_at_chance():
    made = pieces(24)
    found = [music.key_of(music.chroma_of(played(piece))) for piece in made]
    right = np.mean([root == piece.key for (root, _), piece in zip(found, made, strict=True)])
    shuffled = np.mean([root == other.key for (root, _) in found for other in made])
    assert right > 0.4 and shuffled < 0.2, (right, shuffled)
    on, off = (
        np.mean([music.share_on_scale(music.chroma_of(played(p)), p.key + turn, p.mode) for p in made[:8]])
        for turn in (0, 6)
    )
    assert on > 0.85 and off < 0.55


@pytest.mark.parametrize("rate", [22050, 44100, 48000])
def test_a_tone_is_heard_at_its_pitch_at_any_rate_and_in_any_channel(rate):
    tone = 0.5 * np.sin(2 * np.pi * 440 * 2 ** (-9 / 12) * np.arange(2 * rate) / rate)  # the middle C
    clip = riffkit.Clip(np.stack([tone, np.zeros_like(tone)]), rate)
    assert music.pitches_of(clip).argmax() == 60 and music.pitch_height(clip) == pytest.approx(60, abs=0.5)
    assert music.chroma_of(clip).argmax() == 0
    octave = riffkit.Clip(tone[::2], rate)
    assert music.pitch_height(octave) - music.pitch_height(clip) == pytest.approx(12, abs=0.5)


@pytest.mark.parametrize("n", [1, 300, 44100])
def test_silence_and_snippets_have_figures_too(n):
    silence = riffkit.Clip(np.zeros(n), 44100)
    assert music.chroma_of(silence).sum() == 0 and np.isnan(music.pitch_height(silence))
    strength = music.onset_strength(silence)
    assert len(strength) == max(n // 2 // music.HOP, 1) and not strength.any()
    assert music.tracked_bpm(strength) == 0 and len(music.onset_times(strength)) == 0
    assert music.key_of(music.chroma_of(silence))[1] in ("major", "minor")
