"""One word changed, the same seed: does the sound go the way of the word? `python -m benchmarks.pairs`

No judge is needed: pairs are compared by what can be counted. By chance one pair in two goes the right way. Some words
say little by themselves, so a figure near a half may lie in the corpus: `--real` plays pairs of pieces that differ in
the same fact and in nothing else, through the soundfont.
"""

import argparse
import dataclasses
import warnings

import numpy as np

import riffkit
from benchmarks.first.hearing import pitch_of
from benchmarks.first.judge import is_solo
from riffkit.compose.instruments import INSTRUMENTS
from riffkit.compose.score import WIDE, compose
from riffkit.compose.soundfont import Player, picture_from_loop
from riffkit.listening.music import chroma_of, onset_strength, onset_times
from riffkit.listening.statistics import wilson

PLAYERS = ("piano", "marimba", "harp", "nylon guitar", "organ", "violin", "clarinet", "synth lead", "harpsichord",
           "accordion", "vibraphone", "choir")  # fmt: skip
FIRST_SEED = 46_000_000  # no training piece, and no other benchmark's, has these


def height(samples):
    """Mean octave of what sounds between C2 and B6, from 0."""
    strength = pitch_of(picture_from_loop(samples))[0].sum(axis=1)
    return float((strength * np.arange(len(strength))).sum() / (strength.sum() + 1e-9))


def majority(samples):
    """Share of the C major scale's third, sixth and seventh in the energy of both kinds of these."""
    chroma = chroma_of(riffkit.Clip(samples, 44100))
    major, minor = chroma[[4, 9, 11]].sum(), chroma[[3, 8, 10]].sum()
    return float(major / (major + minor + 1e-9))


def onsets(samples):
    """How many notes begin."""
    return len(onset_times(onset_strength(riffkit.Clip(samples, 44100))))


# question: words for less and for more of it, how much there is, and the same facts of a piece
PAIRS = {
    "low or high": ("low {} melody", "high {} melody", height),
    "minor or major": ("{} chords in c minor", "{} chords in c major", majority),
    "sparse or busy": ("sparse {} melody", "busy {} melody", onsets),
    "slow or fast": ("slow {} arpeggio", "fast {} arpeggio", onsets),
}


def facts_changed(question, piece):
    """The piece twice: with less of it, and with more."""
    if question == "low or high":
        ways = ({"parts": (dataclasses.replace(piece.parts[0], register=name),)} for name in ("low", "high"))
    elif question == "minor or major":
        ways = ({"mode": mode, "key": 0} for mode in ("minor", "major"))
    elif question == "sparse or busy":
        ways = ({"density": density} for density in ("sparse", "busy"))
    else:
        ways = ({"tempo": "slow", "beats": 6, "beats_per_bar": 6}, {"tempo": "fast", "beats": 12, "beats_per_bar": 4})
    return [dataclasses.replace(piece, **way) for way in ways]


def verdict(pairs):
    """Share of pairs (less, more) in which more is more; ties count half."""
    right = sum(1.0 if more > less else 0.5 if more == less else 0.0 for less, more in pairs)
    share, low, high, n = wilson(right, len(pairs))
    return f"{100 * share:5.1f} % [{100 * low:5.1f}, {100 * high:5.1f}] n={n}"


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", default="mini", help="a folder, or mini for the embedded model")
    parser.add_argument("--seeds", type=int, default=4, help="of each instrument")
    parser.add_argument("--real", action="store_true", help="real renders beside it (needs the soundfont)")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    riffer = riffkit.load(options.model)
    seeds = list(range(options.seeds))
    for question, (less, more, amount) in PAIRS.items():
        found = []
        for player in PLAYERS:
            sides = [riffer.riff([words.format(player)] * len(seeds), seeds, progress=False) for words in (less, more)]
            found += [tuple(amount(riff.clip.mono().samples[0]) for riff in pair) for pair in zip(*sides, strict=True)]
        line = f"{question:16s} generated {verdict(found)}"
        if options.real:
            line += f"   real {verdict(real_pairs(question, amount, len(found)))}"
        print(line, flush=True)


def real_pairs(question, amount, count):
    """As many pairs of solo renders that differ in one fact."""
    player, pairs, seed = Player(), [], FIRST_SEED
    while len(pairs) < count:
        piece = compose(seed, WIDE)
        seed += 1
        if is_solo(piece) and not piece.genre and INSTRUMENTS[piece.parts[0].instrument].family != "bass":
            pairs.append(tuple(amount(player.play(one)) for one in facts_changed(question, piece)))
    return pairs


if __name__ == "__main__":
    main()
