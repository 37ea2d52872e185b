"""A recipe: what makes a piece sound like its genre."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Seat:
    """A place in the band.

    Parameters
    ----------
    role : str
        c a m b or p.
    figures : tuple of (str or None)
        Ways of playing to choose from; None is plain.
    who : tuple of str
        Instruments to choose from.
    """

    role: str
    figures: tuple[str | None, ...]
    who: tuple[str, ...]


@dataclass(frozen=True)
class Genre:
    """A recipe. Where it leaves a choice, each is as likely.

    Parameters
    ----------
    style : str
        Its family.
    beats : tuple of int [5..20]
        In the loop: its tempi.
    seats : tuple of Seat
        The band, who matters most first; the first is never missing.
    scales, harmonies : tuple of str
    patterns, kits : tuple of str
        Of the drum set; empty where there is none.
    percussion : tuple of str
        One or two of them play along.
    effects, sounds : tuple of str
        One of them is heard more often than not; sounds in every third piece.
    feel : str
        Of `Piece.feel`, or free: without drums it hurries and waits.
    meter : int
    dynamics, density : tuple of str
    progressions : tuple of tuple of int
        Empty takes those of the scale.
    """

    style: str
    beats: tuple[int, ...]
    seats: tuple[Seat, ...]
    scales: tuple[str, ...] = ("major", "minor")
    harmonies: tuple[str, ...] = ("triads",)
    patterns: tuple[str, ...] = ()
    kits: tuple[str, ...] = ()
    percussion: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    feel: str = "straight"
    meter: int = 4
    dynamics: tuple[str, ...] = ("soft", "normal", "normal", "loud")
    density: tuple[str, ...] = ("sparse", "normal", "normal", "busy")
    progressions: tuple[tuple[int, ...], ...] = ()


def recipe(style: str, text: str) -> Genre:
    """Read a recipe from text.

    Parameters
    ----------
    style : str
    text : str
        A line each: a role with its figures and who plays ("c strum, -: nylon guitar, ukulele", - being plain), or a
        field of `Genre` and its values ("beats: 8 9 10"; "drums: samba, bossa nova @ jazz, brush" are patterns and
        kits; "chords: 0 3 4 0, 0 4" are progressions).

    Returns
    -------
    Genre

    Raises
    ------
    ValueError
        If a line's name is none of these.
    """
    seats: list[Seat] = []
    fields: dict[str, tuple[str, ...]] = {}
    for line in text.strip().splitlines():
        name, _, values = (part.strip() for part in line.partition(":"))
        role, _, figures = name.partition(" ")
        if role in tuple("cambp"):
            played = tuple(None if one == "-" else one for one in _listed(figures)) or (None,)
            seats.append(Seat(role, played, _listed(values)))
        elif name == "drums":
            patterns, _, kits = values.partition("@")
            fields["patterns"], fields["kits"] = _listed(patterns), _listed(kits)
        elif name in ("scales", "harmonies", "percussion", "effects", "sounds", "dynamics", "density"):
            fields[name] = _listed(values)
        elif name in ("beats", "meter", "feel", "chords"):
            fields[name] = (values,)
        else:
            raise ValueError(f"{name!r} is no line of a recipe")
    lists = {key: values for key, values in fields.items() if key not in ("beats", "meter", "feel", "chords")}
    return Genre(
        style=style,
        beats=tuple(int(one) for one in fields["beats"][0].split()),
        seats=tuple(seats),
        feel=fields.get("feel", ("straight",))[0],
        meter=int(fields.get("meter", ("4",))[0]),
        progressions=tuple(tuple(int(one) for one in row.split()) for row in _listed(fields.get("chords", ("",))[0])),
        **lists,
    )


def book(style: str, text: str) -> dict[str, Genre]:
    """Read the recipes of a style from text.

    Parameters
    ----------
    style : str
    text : str
        Each genre's name on a line of its own, its `recipe` under it.

    Returns
    -------
    dict of str to Genre
    """
    recipes: dict[str, list[str]] = {}
    name = ""
    for line in filter(str.strip, text.splitlines()):
        if ":" in line:
            recipes[name].append(line)
        else:
            name = line.strip()
            recipes[name] = []
    return {name: recipe(style, "\n".join(lines)) for name, lines in recipes.items()}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())
