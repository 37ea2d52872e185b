"""Rows of the table: right or wrong by question, for real renders, for clips, and for the same clips shuffled."""

import numpy as np

from benchmarks.judging.network import chosen
from benchmarks.judging.questions import HEARD, QUESTIONS
from riffkit.listening.music import tempo_agrees
from riffkit.listening.statistics import wilson

TITLES = {
    "instrument": "instrument of solos",
    "family": "family of solos",
    "named": "player or sound named, among 8 likeliest",
    "sound": "sounds that are no music, alone",
    "percussion": "percussion alone",
    "drums": "drums or none",
    "genre": "genre",
    "style": "family of genres",
    "mood": "scale family",
    "root": "root of the key",
    "tempo": "tempo word or number",
    "beats": "beats in the loop",
    "bpm": "BPM within 4 %, beat tracker",
    "bpm or relative": "the same, half or double",
    "density": "sparse or busy",
    "register": "low or high",
    "side": "left, right, wide, narrow",
    "effect": "production",
}
LIKELIEST = 8  # as many as four players, their drums and a sound may be, and two to be taken for them


def asks_of(prompt, row):
    """What would be right in a row; None where the prompt does not say."""
    if row == "named":
        return prompt.named or None
    return prompt.asks.get("beats" if row.startswith("bpm") else row)


def hits(said, bpm, prompts, rows=tuple(TITLES)):
    """Which clips do what is asked.

    Parameters
    ----------
    said : dict of str to torch.Tensor
        What the judge answers, clip by clip.
    bpm : np.ndarray [shape=(n,)]
        By the beat tracker.
    prompts : list of Prompt
        One for each clip.
    rows : sequence of str
        Of `TITLES`.

    Returns
    -------
    dict of str to list of (bool or None)
        None where the prompt does not say.
    """
    found = {}
    for row in rows:
        asked = [asks_of(prompt, row) for prompt in prompts]
        if row.startswith("bpm"):
            agree = [
                tempo_agrees(one, _bpm_of(right)) if right else None for one, right in zip(bpm, asked, strict=True)
            ]
            found[row] = [None if pair is None else pair[row != "bpm"] for pair in agree]
        elif row == "named":
            found[row] = _named(said["heard"], asked)
        else:
            options = chosen(said, row)
            found[row] = [option in right if right else None for option, right in zip(options, asked, strict=True)]
    return found


def shuffled(said, bpm, prompts, rows=tuple(TITLES), seed=0):
    """The same with each clip judged by another's prompt that asks in the same row: what ignoring words would get."""
    rng, found = np.random.default_rng(seed), {}
    for row in rows:
        asked = np.array([i for i, prompt in enumerate(prompts) if asks_of(prompt, row)], int)
        if len(asked) > 1:
            others = [prompts[i] for i in np.roll(asked, int(rng.integers(1, len(asked))))]
            some = {name: answers[asked] for name, answers in said.items()}
            found |= hits(some, bpm[asked], others, (row,))
    return found


def columns_of(judge, real, clips, prompts):
    """Real, generated and shuffled, by row."""
    heard, said = judge.hear(real.views), judge.hear(clips.views)
    return {
        "real": hits(heard, real.bpm, prompts),
        "generated": hits(said, clips.bpm, prompts),
        "shuffled": shuffled(said, clips.bpm, prompts),
    }


def cell(answers):
    """Share with its 95 % interval and number of cases, as text."""
    answers = [answer for answer in answers if answer is not None]
    if not answers:
        return "-"
    share, low, high, n = wilson(sum(answers), len(answers))
    return f"{100 * share:5.1f} % [{100 * low:5.1f}, {100 * high:5.1f}] n={n}"


def print_table(title, columns, rows=tuple(TITLES)):
    """One line a row that anything is asked in; the last column is generated over real."""
    print(f"\n{title:46s}" + "".join(f"{name:>32s}" for name in columns) + f"{'of real':>10s}")
    for row in rows:
        if any(answer is not None for answers in columns.values() for answer in answers.get(row, [])):
            ways = f", {len(QUESTIONS[row].options)}-way" if row in QUESTIONS else ""
            cells = "".join(f"{cell(answers.get(row, [])):>32s}" for answers in columns.values())
            print(f"{TITLES[row] + ways:46s}{cells}{_ratio(columns, row):>10s}")


def worst(columns, prompts, row, count=8):
    """Names that were asked for and not heard in clips, though heard in real renders."""
    missed = [
        ", ".join(sorted(fact.partition(" ")[2] for fact in asks_of(prompt, row)))
        for prompt, real, ours in zip(prompts, columns["real"][row], columns["generated"][row], strict=True)
        if real and ours is False
    ]
    return missed[:count]


def _ratio(columns, row):
    shares = []
    for name in ("generated", "real"):
        answers = [answer for answer in columns.get(name, {}).get(row, []) if answer is not None]
        shares.append(np.mean(answers) if answers else np.nan)
    return f"{100 * shares[0] / shares[1]:.0f} %" if shares[1] > 0 else "-"


def _bpm_of(right):
    return int(next(iter(right)).split()[1]) * 60 / 5.12


def _named(heard, asked):
    players = [place for place, fact in enumerate(HEARD) if fact.startswith(("instrument ", "sound "))]
    likely = heard[:, players].topk(LIKELIEST, dim=1).indices.tolist()
    names = [{HEARD[players[place]] for place in row} for row in likely]
    return [right <= found if right else None for right, found in zip(asked, names, strict=True)]
