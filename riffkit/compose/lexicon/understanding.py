"""What is heard in a prompt: `understand` and the table that it gives."""

from dataclasses import dataclass
from functools import lru_cache
from html import escape

from riffkit.compose.lexicon.entries import lexicon
from riffkit.compose.lexicon.matching import Span, spans_of
from riffkit.compose.pieces.facts import PLAIN

_GUESSES = ("spelled", "compound", "ending", "near")


@dataclass(frozen=True)
class Understanding:
    """A prompt span by span: its words, how they were read, and the facts heard. Shows itself as a table.

    Parameters
    ----------
    text : str
        The prompt.
    spans : tuple of Span
        In the prompt's order.
    """

    text: str
    spans: tuple[Span, ...]

    @property
    def facts(self) -> tuple[str, ...]:
        """All facts heard, in order and without repetition; "no ..." is one that shall be absent."""
        return tuple(dict.fromkeys(fact for span in self.spans for fact in span.facts))

    @property
    def unknown(self) -> tuple[str, ...]:
        """Words of which nothing could be made."""
        return tuple(span.words for span in self.spans if span.reading == "unknown")

    def news(self) -> list[str]:
        """A line for every word that was new, saying what it was heard as: what a warning tells."""
        lines = []
        for span in self.spans:
            if span.reading in _GUESSES:
                lines.append(f'"{span.words}" (new to me): heard as {span.known}')
            elif span.reading == "unknown":
                lines.append(f'"{span.words}" (new to me): not understood')
        return lines

    def as_known_words(self) -> str:
        """The prompt in words that the lexicon holds: what a text encoder that learnt from it is given.

        Words that say nothing stay, so that the order of a sentence stays; unknown ones go.
        """
        kept = []
        for span in self.spans:
            if span.reading == "unknown":
                continue
            same = span.reading in ("known", "rule", "empty", "not") or (span.reading == "form" and _plural(span))
            kept.append(span.words if same else span.known.replace(", ", " "))
        return " ".join(kept)

    def __str__(self) -> str:
        """A table in plain text."""
        rows = [("words", "heard as", "facts"), *self._rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(2)]
        return "\n".join(f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}".rstrip() for row in rows)

    def _repr_html_(self) -> str:
        """A table for a notebook."""
        body = "".join(
            "<tr>" + "".join(f"<td style='text-align: left'>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._rows()
        )
        head = "<tr><th>words</th><th>heard as</th><th>facts</th></tr>"
        return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"

    def _rows(self) -> list[tuple[str, str, str]]:
        return [(span.words, _how(span), facts_in_words(span.groups)) for span in self.spans if span.reading != "empty"]


@lru_cache(maxsize=500)
def understand(text: str) -> Understanding:
    """Hear what a prompt says of music.

    Parameters
    ----------
    text : str
        Anything people type; at most the first 2,000 letters are read.

    Raises
    ------
    TypeError
        If it is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"text is {type(text).__name__}, expected str")
    return Understanding(text, tuple(spans_of(text[:2000])))


def facts_in_words(groups: tuple[tuple[str, ...], ...]) -> str:
    """Facts in short: "son, salsa or mambo; slow".

    Parameters
    ----------
    groups : tuple of tuple of str
        As in `Entry`.
    """
    return "; ".join(" or ".join(dict.fromkeys(_name(fact) for fact in group)) for group in groups)


def _name(fact: str) -> str:
    if fact in PLAIN:
        return fact
    absent, fact = ("no ", fact[3:]) if fact.startswith("no ") else ("", fact)
    kind, _, name = fact.partition(" ")
    return f"{absent}{fact if kind in ('key', 'beats', 'meter', 'mood', 'tempo') or not name else name}"


def _how(span: Span) -> str:
    if span.reading in ("known", "not"):
        return span.reading
    if span.reading == "unknown":
        return "new to me"
    names = {"form": "form of", "rule": "read as", "spelled": "new, spelled like", "compound": "new, made of"}
    return f"{names.get(span.reading, 'new, like')} {span.known}" + (f" ({span.sure:.0%})" if span.sure < 0.9 else "")


def _plural(span: Span) -> bool:
    return span.known in lexicon() and span.words.removesuffix("s") == span.known
