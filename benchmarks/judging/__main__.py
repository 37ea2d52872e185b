"""Train the judge again: python -m benchmarks.judging --minutes 8

It renders 12,000 pieces, learns, prints how often it is right on renders of other seeds, and writes its weights to
benchmarks/judging/judge.safetensors. Call it until it has printed the scores; it goes on where it stopped. Needs the
soundfont (`riffkit doctor` says how).
"""

import argparse
from pathlib import Path

from benchmarks.judging import network
from benchmarks.judging.questions import alone
from benchmarks.judging.renders import digest, orchestra, views_of_renders
from benchmarks.judging.training import chances, scores, train
from riffkit.compose.pieces.drawing import WIDE, compose
from riffkit.listening.statistics import wilson

# No corpus that a model is trained on reaches these, and no prompt of a benchmark is made from them.
TRAIN_SEED, ALONE_SEED = 20_000_000, 22_000_000
TEST_SEED, TEST_ALONE_SEED = 30_000_000, 32_000_000


def pieces_from(first_seed, alone_seed, count):
    """Pieces of all kinds; a sixth of them percussion and sounds alone, which are rare and are many to tell apart."""
    rare, seed = [], alone_seed
    while len(rare) < count // 6:
        piece = compose(seed, WIDE)
        rare += [piece] if alone(piece) in ("percussion", "sound") else []
        seed += 1
    return [compose(seed, WIDE) for seed in range(first_seed, first_seed + count - len(rare))] + rare


def main():
    """Render, train, print the scores on held-out renders, and keep the weights."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--pieces", type=int, default=12_000)
    parser.add_argument("--held-out", type=int, default=1200)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--minutes", type=float, help="of rendering, or of learning; call again to go on")
    parser.add_argument("--processes", type=int, help="that render; default: one per core")
    parser.add_argument("--work", type=Path, default=Path("work/judging"))
    parser.add_argument("--output", type=Path, default=network.WEIGHTS)
    options = parser.parse_args()
    learnt = pieces_from(TRAIN_SEED, ALONE_SEED, options.pieces)
    asked = pieces_from(TEST_SEED, TEST_ALONE_SEED, options.held_out)
    views = []
    for name, pieces in (("train", learnt), ("test", asked)):
        some, done = views_of_renders(options.work / name, pieces, minutes=options.minutes, processes=options.processes)
        if some is None:
            return print(f"{name}: {done} of {len(pieces)} are rendered; call again")
        views.append(some)
    state = options.work / f"state-{digest(len(learnt), options.epochs, orchestra())}.pt"
    judge = train(views[0], learnt, epochs=options.epochs, state=state, minutes=options.minutes)
    if judge is None:
        return print("not all is learnt yet; call again")
    network.save(judge, options.output)
    judge, name = network.load(options.output)
    size = options.output.stat().st_size / 1e6
    print(f"judge {name} ({size:.2f} MB) on {len(asked)} held-out renders")
    for question, right in scores(judge, views[1], asked).items():
        if right:
            share, low, high, n = wilson(sum(right), len(right))
            options_told = f"{chances(question)}-way"
            print(
                f"  {question:12s} {options_told:8s} {100 * share:5.1f} %  [{100 * low:.1f}, {100 * high:.1f}]  n={n}"
            )


if __name__ == "__main__":
    main()
