"""The judge's arithmetic: perfect answers are all right, shuffled ones at chance; a loop may begin anywhere."""

import random

import numpy as np
import pytest
import torch

from benchmarks.first import judge as judging
from benchmarks.first.hearing import Views, pitch_of, rhythm_of
from benchmarks.first.model import ROWS, right_answers, shuffled_answers
from benchmarks.first.prompts import combination_prompts, genre_prompts, held_out_prompts, questions_of
from riffkit.compose.captions import KEY_NAMES, caption
from riffkit.compose.score import WIDE, Corpus, compose
from riffkit.compose.soundfont import picture_from_loop
from riffkit.compose.synth import TIMBRES, draw_pieces, play

PIECES = [compose(seed, WIDE) for seed in range(300)]


def perfect_answers(pieces):
    """Logits that say exactly what is true."""
    truth = judging.truth_of(pieces)
    answers = {"heard": 8 * truth["heard"] - 4, "embedding": torch.zeros(len(pieces), 224)}
    for name, options in {**judging.CHOICES, "key": range(24)}.items():
        answers[name] = torch.nn.functional.one_hot(truth[name].clamp(min=0), len(options)).float() * 8
    return answers


class Oracle:
    """Answers as if it had read the score, whatever it is given to hear."""

    def __init__(self, pieces):
        self.pieces = pieces

    def hear(self, views):
        return perfect_answers([self.pieces[i] for i in views])


class Clips:
    """Numbers of pieces in place of sounds."""

    def __init__(self, numbers):
        self.views = np.asarray(numbers)
        self.bpm = np.full(len(self.views), 93.75)
        self.chroma = np.tile(np.arange(12) / 66, (len(self.views), 1))

    def __getitem__(self, chosen):
        return Clips(self.views[np.asarray(chosen, int)])


def test_perfect_answers_are_all_right():
    for question, right in judging.hits(perfect_answers(PIECES), PIECES).items():
        assert set(right) <= {True, None}, question


@pytest.mark.slow
def test_answers_about_other_pieces_are_at_chance():
    prompts = held_out_prompts(300)
    oracle, clips = Oracle([prompt.piece for prompt in prompts]), Clips(range(300))
    right, shuffled = right_answers(oracle, clips, prompts), shuffled_answers(oracle, clips, prompts)
    learnt = [row for row in ROWS if "bpm" not in row and row != "root by profile"]
    for row in learnt:
        asked = [hit for hit in right[row] if hit is not None]
        assert asked and all(asked), row
    share = {row: np.mean([hit for hit in shuffled[row] if hit is not None]) for row in learnt}
    assert share["family"] < 0.35 and share["instrument"] < 0.2 and share["root"] < 0.35 and share["drums"] < 0.75, (
        share
    )


def test_a_caption_is_asked_only_for_what_it_says():
    for piece in PIECES:
        words = caption(piece, random.Random(piece.seed))
        asks = questions_of(piece, words)
        assert ("tempo" in asks) <= (piece.tempo != "waltz")
        assert ("no drums" in asks) <= (piece.pattern is None)
        assert ("register" in asks) <= judging.is_solo(piece)
        assert ("texture" in asks) <= (piece.texture is not None)
    piece = next(p for p in PIECES if judging.is_solo(p) and not p.genre and p.density == "busy")
    name = piece.parts[0].instrument
    assert questions_of(piece, name) == {"drums", "ensemble", "bass", "family", "instrument"}
    said = f"busy {name}, no drums, 94 bpm, in {KEY_NAMES[piece.key][0]} {piece.mode}"
    wanted = {"density", "no drums", "root", "mode"} | ({"tempo", "bpm"} if piece.tempo != "waltz" else set())
    assert wanted <= questions_of(piece, said)


def test_prompts_of_each_kind():
    assert all(prompt.piece.held_out for prompt in combination_prompts(20))
    assert not any(prompt.piece.held_out for prompt in held_out_prompts(20))
    named = genre_prompts(40)
    assert len({prompt.words for prompt in named}) > 25 and all(prompt.asks == {"genre"} for prompt in named)


def test_views_do_not_mind_where_a_loop_begins():
    corpus = Corpus("test", tuple(TIMBRES), tempi=("medium",), keys=(0,), max_parts=2, textures=(), articulations=())
    picture = picture_from_loop(play(compose(1, corpus)))
    turned = np.roll(picture, 200, axis=1)
    assert np.allclose(rhythm_of(picture), rhythm_of(turned), atol=1e-3)
    assert np.allclose(pitch_of(picture), pitch_of(turned), atol=0.05)
    assert rhythm_of(np.full((512, 512), 255, np.uint8)).shape == (4, 65)


def test_a_tone_is_the_strongest_semitone():
    time = np.arange(225_792) / 44100
    picture = picture_from_loop(np.sin(2 * np.pi * 440 * time).astype(np.float32))
    octave, pitch_class = np.unravel_index(pitch_of(picture)[0].argmax(), (5, 12))
    assert (octave, pitch_class) == (2, 9)  # the lowest is C2, A4 lies in the third octave


def test_the_ear_for_keys_moves_with_the_key():
    judge = judging.Judge().eval()
    pitch = torch.rand(3, 2, 5, 12)
    zeros = torch.zeros(3, 1, 128, 128), torch.zeros(3, 4, 65)
    with torch.no_grad():
        here, moved = judge(*zeros, pitch)["key"], judge(*zeros, pitch.roll(2, dims=-1))["key"]
    assert torch.allclose(here.unflatten(1, (2, 12)).roll(2, dims=-1).flatten(1), moved, atol=1e-5)


@pytest.mark.slow
def test_a_judge_learns_what_a_few_pieces_sound_like():
    corpus = Corpus("test", ("organ", "marimba"), ("medium",), (0,), max_parts=1, textures=(), articulations=())
    pieces = [compose(seed, corpus) for seed in range(40)]
    views = Views.of(draw_pieces(pieces, processes=1))
    judge = judging.train(views, pieces, epochs=12, batch=8)
    right = judging.hits(judge.hear(views), pieces)
    family = [hit for hit in right["family"] if hit is not None]
    assert np.mean(family) > 0.8
    assert judging.area_under_curve(np.arange(10), [0] * 5 + [1] * 5) == 1
    assert judging.area_under_curve(np.zeros(10), [0] * 5 + [1] * 5) == 0.5
