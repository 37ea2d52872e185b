"""How much of what people type is understood?

    python -m benchmarks.understanding                 # benchmarks/prompts_people.txt
    python -m benchmarks.understanding --file mine.txt --words

The last 100 prompts of the list were never looked at while the lexicon grew: they are told apart.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

from riffkit.compose.lexicon.entries import lexicon
from riffkit.compose.lexicon.understanding import understand

PROMPTS = Path(__file__).with_name("prompts_people.txt")
HELD_OUT = 100
EMPTY = ("empty", "not")


def measured(prompts):
    """Counts over prompts: words by reading, function words left out, and prompts with at least one musical fact.

    A word that is known to say nothing of music ("beautiful", "please") counts as filler: neither understood nor not.
    """
    counts, prompts_heard, unknown = Counter(), 0, Counter()
    for prompt in prompts:
        heard = understand(prompt)
        prompts_heard += bool(heard.facts)
        for span in heard.spans:
            words = [word for word in span.words.split() if not is_function_word(word)]
            if span.reading in EMPTY:
                counts["filler"] += len(words)
            elif span.groups:
                counts[span.reading] += max(1, len(words))
            else:
                counts["unknown"] += max(1, len(words))
                unknown[span.words] += 1
    return counts, prompts_heard, unknown


def is_function_word(word):
    return word in lexicon() and lexicon()[word].kind == "stopwords"


def report(name, prompts):
    counts, heard, unknown = measured(prompts)
    known = sum(counts[reading] for reading in ("known", "form", "rule"))
    guessed = sum(counts[reading] for reading in ("spelled", "compound", "ending", "near"))
    content = known + guessed + counts["unknown"]
    strict = (known + guessed) / (content + counts["filler"])
    print(
        f"{name:20} {len(prompts):4} prompts | content words {content}: understood {(known + guessed) / content:6.1%} "
        f"(known {known / content:.1%}, guessed {guessed / content:.1%}) | fillers counted as not understood "
        f"{strict:6.1%} | prompts with a musical fact {heard / len(prompts):6.1%}"
    )
    return unknown


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, default=PROMPTS, help="one prompt a line")
    parser.add_argument("--words", action="store_true", help="say which words were guessed or not understood")
    options = parser.parse_args()
    prompts = [line.strip() for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    understand("warm up: riser, wobbl, xyz")
    if options.file == PROMPTS:
        seen, held_out = prompts[:-HELD_OUT], prompts[-HELD_OUT:]
        report("seen while it grew", seen)
        report("held out", held_out)
    else:
        seen = prompts
        report(options.file.name, seen)
    began = time.perf_counter()
    for prompt in prompts:
        understand.__wrapped__(prompt)
    print(f"{(time.perf_counter() - began) / len(prompts) * 1000:.2f} ms a prompt")
    if options.words:
        for prompt in seen:
            for line in understand(prompt).news():
                print(f"  {line}   [{prompt}]")


if __name__ == "__main__":
    main()
