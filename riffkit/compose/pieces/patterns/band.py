"""Rhythms of bands: rock, pop, soul, metal, country."""

from riffkit.compose.pieces.patterns.pattern import Pattern, written

BAND: dict[str, Pattern] = {
    "rock": written("""
        kick:  X.......x.x.....
        snare: ....X.......X...
        hat:   X.x.X.x.X.x.X.x."""),
    "pop": written("""
        kick:  X......xx.......
        snare: ....X.......X..o
        clap:  ....x.......x...
        hat:   x.x.x.x.x.x.x.x.
        open:  ..............x."""),
    "motown": written("""
        kick:  X.....x.X.......
        snare: X...X...X...X...
        tambourine: x.X.x.X.x.X.x.X."""),
    "funk": written(
        """
        kick:  X..x..x...x..x..
        snare: ....X..o.o..X..o
        hat:   X.xxx.xxx.xxX.x.
        open:  ..............x.""",
        sixteenths=True,
    ),
    "new orleans": written(
        """
        kick:  X..x..x.X..x..x.
        snare: x.xoX.oxo.xxX.xo
        hat:   ....x.......x...
        cowbell: x.x.x.x.x.x.x.x.""",
        sixteenths=True,
    ),
    "disco": written("""
        kick:  X...X...X...X...
        snare: ....X.......X...
        hat:   x.x.x.x.x.x.x.x.
        open:  ..X...X...X...X.
        tambourine: xoxxxoxxxoxxxoxx"""),
    "ballad": written("""
        kick:  X.........x.....
        rim:   ........X.......
        hat:   x...x...x...x...
        ride:  ..............x."""),
    "surf": written("""
        kick:  X...x.x.X...x.x.
        snare: ....X.x.....X.x.
        low:   x.x...x.x.x...x.
        ride:  x.x.x.x.x.x.x.x."""),
    "punk": written("""
        kick:  X..xX...X..xX...
        snare: ..X...X...X...X.
        open:  X...X...X...X..."""),
    "metal": written("""
        kick:  XxxxXxxxXxxxXxxx
        snare: ....X.......X...
        china: X...X...X...X..."""),
    "blast beat": written("""
        kick:  X.X.X.X.X.X.X.X.
        snare: .X.X.X.X.X.X.X.X
        ride:  X.X.X.X.X.X.X.X."""),
    "doom": written("""
        kick:  X.....x.........
        snare: ........X.......
        crash: X.......x.......
        floor: ............x.x."""),
    "train beat": written(
        """
        kick:  X...X...X...X...
        snare: oxXooxXooxXooxXx""",
        sixteenths=True,
    ),
    "country": written("""
        kick:  X...x...X...x...
        rim:   ..X...X...X...X.
        hat:   x.x.x.x.x.x.x.x."""),
    "march": written("""
        kick:  X...x...X...x...
        snare: X.xxX.xxX.xxXxxx
        crash: X..............."""),
    "toms": written("""
        kick:  X.......X.......
        floor: X..x..x.X..x..x.
        mid:   ..x..x....x..x..
        high:  ....x.......x.xx"""),
    "five four": written(
        """
        kick:  X.....x.....x.......
        snare: ....X.......X...x...
        hat:   x.x.x.x.x.x.x.x.x.x.""",
        meter=5,
    ),
    "seven eight": written(
        """
        kick:  X...X...X...x.
        snare: ..X...X.....X.
        hat:   xxxxxxxxxxxxxx""",
        steps=2,
        meter=7,
    ),
    "six four": written(
        """
        kick:  X.......x.x.X...........
        snare: ....X.......X.......X..o
        ride:  x.x.x.x.x.x.x.x.x.x.x.x.""",
        meter=6,
    ),
}
"""A drum set's patterns by name."""
