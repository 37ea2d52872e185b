r"""Emphasis: the weights inside a prompt, as the web interfaces people know write them, and what else they write there.

`(loud:1.4)`, `[quiet]` and `\(live\)` are read; `<lora:x:0.8>`, `AND` and `[a:b:0.5]` mean something elsewhere and are
words here, which is said.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

EMPHASIS = 1.1  # what one pair of brackets is worth, as in the web interfaces people know
MAX_WEIGHT = 10.0
MAX_PRODUCT = 1e4  # of nested weights; beyond it embeddings are no numbers any more
DEEPEST = 100  # brackets inside each other
LONGEST = 100_000  # letters; every 75 tokens are a chunk that the UNet attends to as a whole


def parse_prompt(prompt: str) -> list[tuple[str, float]]:
    r"""Split a prompt into fragments and the weight of each.

    `(loud)` weighs 1.1, `(loud:1.4)` weighs 1.4, `[quiet]` weighs 1 / 1.1; brackets nest and multiply. A backslash
    takes the meaning away from the character behind it: `\(live\)`.

    Parameters
    ----------
    prompt : str
        May be empty.

    Returns
    -------
    list of (str, float)
        Neighbours of equal weight are joined; a prompt without brackets is one fragment of weight 1.

    Raises
    ------
    ValueError
        On an unclosed or unopened bracket, a weight that is no number in 0..10, more than 100 brackets inside each
        other, or weights that multiply to more than 10000; the message points at the position.
    """
    if not isinstance(prompt, str):
        raise TypeError(f"prompt is {type(prompt).__name__}, expected str")
    fragments = [_Fragment()]
    opened: list[tuple[int, str, int]] = []  # (position, bracket, index of its first fragment)
    position = 0
    while position < len(prompt):
        character = prompt[position]
        if character == "\\" and position + 1 < len(prompt):
            fragments[-1].letters.append(prompt[position + 1])
            position += 1
        elif character in "([":
            if len(opened) == DEEPEST:
                raise _syntax_error(prompt, position, f"more than {DEEPEST} brackets stand inside each other")
            opened.append((position, character, len(fragments)))
            fragments.append(_Fragment())
        elif character in ")]" or (character == ":" and opened and opened[-1][1] == "("):
            if not opened or (character != ":" and "([".index(opened[-1][1]) != ")]".index(character)):
                raise _syntax_error(prompt, position, f"'{character}' closes nothing")
            begin, bracket, first = opened.pop()
            weight = EMPHASIS if bracket == "(" else 1 / EMPHASIS
            if character == ":":
                weight, position = _read_weight(prompt, position)
            _weigh(fragments, first, weight, prompt, begin)
        else:
            fragments[-1].letters.append(character)
        position += 1
    if opened:
        raise _syntax_error(prompt, opened[-1][0], f"'{opened[-1][1]}' is never closed")
    return _joined(fragments)


@dataclass
class _Fragment:
    letters: list[str] = field(default_factory=list)
    weight: float = 1.0


def _weigh(fragments: list[_Fragment], first: int, weight: float, prompt: str, begin: int) -> None:
    """Multiply the fragments of a bracket that closes by its weight; the empty ones go, and a new one begins."""
    inside = [fragment for fragment in fragments[first:] if fragment.letters]
    for fragment in inside:
        fragment.weight *= weight
        if fragment.weight > MAX_PRODUCT:
            raise _syntax_error(prompt, begin, f"the weights of nested brackets multiply to more than {MAX_PRODUCT:g}")
    fragments[first:] = [*inside, _Fragment()]


def _read_weight(prompt: str, colon: int) -> tuple[float, int]:
    """The number between a colon and the closing bracket, and the bracket's position."""
    end = prompt.find(")", colon)
    if end < 0:
        raise _syntax_error(prompt, colon, "the bracket with this weight is never closed")
    text = prompt[colon + 1 : end].strip()
    if not re.fullmatch(r"[0-9]+(\.[0-9]*)?|\.[0-9]+", text) or not 0 <= float(text) <= MAX_WEIGHT:
        told = text if len(text) <= 40 else f"{text[:40]}..."
        raise _syntax_error(
            prompt, colon + 1, f"weight {told!r} is not a number in 0..{MAX_WEIGHT:g} (a plain colon is written '\\:')"
        )
    return float(text), end


def _syntax_error(prompt: str, position: int, what: str) -> ValueError:
    begin, end = max(position - 60, 0), position + 60  # of a prompt that fills pages only the place
    shown = f"{'...' if begin else ''}{prompt[begin:end]}{'...' if end < len(prompt) else ''}"
    arrow = position - begin + (3 if begin else 0)
    return ValueError(
        f"prompt, position {position}: {what}; a plain bracket is written '\\(' or '\\['\n  {shown}\n  {' ' * arrow}^"
    )


def _joined(fragments: Iterable[_Fragment]) -> list[tuple[str, float]]:
    joined: list[tuple[str, float]] = []
    for fragment in fragments:
        text = "".join(fragment.letters)
        if joined and joined[-1][1] == fragment.weight:
            joined[-1] = (joined[-1][0] + text, fragment.weight)
        elif text.strip():
            joined.append((text, fragment.weight))
    return joined or [("", 1.0)]


def escape(text: str) -> str:
    """Escape the brackets and backslashes of `text`, so that `parse_prompt` takes it as it stands."""
    return re.sub(r"([()\[\]\\])", r"\\\1", text)


def check_prompt(prompt: str, name: str = "prompt") -> None:
    """Raise the error that painting this `prompt` would end in, before any work; `name` is what it is called.

    Raises
    ------
    TypeError, ValueError
        As in `parse_prompt`; and if a letter is half of one, which no tokenizer takes.
    """
    if not isinstance(prompt, str):
        raise TypeError(f"{name} is {'None' if prompt is None else type(prompt).__name__}, expected str ('' for none)")
    if len(prompt) > LONGEST:
        raise ValueError(f"{name} has {len(prompt)} letters, expected up to {LONGEST}; begin with its first sentence")
    check_letters(prompt, name)
    parse_prompt(prompt)


def check_letters(text: str, name: str = "prompt") -> None:
    """Raise the ValueError that says where `text`, called `name`, holds half a letter (a lone surrogate)."""
    half = re.search("[\ud800-\udfff]", text)
    if half:
        raise ValueError(
            f"{name}, position {half.start()}: {half[0]!r} is half a letter (a lone surrogate), from a text that was"
            " cut or is not UTF-8; write it again"
        )


FOREIGN_LOOKED_AT = 2000  # letters; the patterns look far ahead
# what other programs understand in a prompt: pattern, what it does there, how it is done here
_FOREIGN = (
    (r"<(?:lora|lyco):([^<>:]+)(?::([^<>]*))?>", "loads a LoRA elsewhere", "riffer.with_lora(path, scale)"),
    (r"<hypernet:[^<>]+>", "loads a hypernetwork elsewhere", "nothing: riffkit has none"),
    (r"(?<!\S)AND(?!\S)", "joins two prompts elsewhere", "riffer.interpolate(a, b, 0.5)"),
    (r"(?<!\S)BREAK(?!\S)", "begins a new chunk elsewhere", "nothing: long prompts are cut by themselves"),
    (r"\[[^\[\]]*:[^\[\]]*:\s*[0-9.]+\s*\]", "changes words during the steps elsewhere", "riffer.story(...)"),
    (r"\[[^\[\]|]+(?:\|[^\[\]|]+)+\]", "alternates words from step to step elsewhere", "riffer.interpolate(a, b, 0.5)"),
)


def foreign_syntax(prompt: str) -> dict[str, str]:
    """Find what other programs would not take for words in `prompt`: each with a sentence about it."""
    return {
        found[0]: f"{found[0][:60]!r} {does}; here it is read as words like any others ({instead} does that)"
        for pattern, does, instead in _FOREIGN
        for found in re.finditer(pattern, prompt[:FOREIGN_LOOKED_AT])
    }
