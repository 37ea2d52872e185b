"""Prompts of any kind: embedded to finite numbers, or refused in a short message; quickly.

Seeded: a few hundred cases, thousands with RIFFKIT_FAULTS=1.
"""

import random

import torch

from tests.faults.mutation import count, run

PIECES = [
    "(",
    ")",
    "[",
    "]",
    ":",
    "\\",
    ":1.2)",
    "(a:",
    "((((",
    "]]]]",
    "1e999",
    "nan",
    "-1",
    "10",
    "(" * 50,
    "a" * 500,
]
PIECES += ["AND", "BREAK", "<lora:x:1>", "[a:b:0.5]", "[a|b]", "piano", " ", "\n", "\0", "<|endoftext|>", "</w>"]
PIECES += [
    "\u2028",
    "\ud800",
    "\udcff",
    "\U0001f3b9",
    "é",
    "e\u0301",
    "ß",
    "١",
    "\u200b",
    "\ufeff",
    "(:)",
    "()",
    "(x:٣)",
]


def test_prompts_are_embedded_or_refused(mini):
    def one(seed):
        choose = random.Random(seed)
        prompt = "".join(choose.choice(PIECES) for _ in range(choose.choice((1, 3, 10, 60))))
        try:
            embedding = mini.embed(prompt)
        except (ValueError, TypeError) as error:
            raise ValueError(f"case: {error}") from error
        return bool(torch.isfinite(embedding).all())

    n = count(400, 5000)
    assert 0 < run("prompts", 1, n, one) < n
