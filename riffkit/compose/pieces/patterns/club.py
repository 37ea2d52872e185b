"""Rhythms of clubs: house, techno, trance and what is faster."""

from riffkit.compose.pieces.patterns.pattern import Pattern, written

CLUB: dict[str, Pattern] = {
    "four on the floor": written("""
        kick:  X...X...X...X...
        hat:   ..x...x...x...x."""),
    "house": written(
        """
        kick:  X...X...X...X...
        clap:  ....X.......X...
        open:  ..X...X...X...X.
        shaker: xoxxxoxxxoxxxoxx""",
        sixteenths=True,
    ),
    "techno": written("""
        kick:  X...X...X...X...
        hat:   oxXxoxXxoxXxoxXx
        clap:  ............X...
        rim:   ...x..x....x..x."""),
    "trance": written("""
        kick:  X...X...X...X...
        open:  ..X...X...X...X.
        clap:  ....X.......X...
        hat:   xxxxxxxxxxxxxxxx
        snare: ..............oo"""),
    "minimal": written("""
        kick:  X...X...X...X...
        rim:   ......x....x....
        hat:   ..o...o...o...oo
        block: .x.......x....x."""),
    "hardstyle": written("""
        kick:  X...X...X...X...
        low:   ..x...x...x...x.
        clap:  X...X...X...X...
        open:  ..X...X...X...X."""),
    "gabber": written("""
        kick:  X.x.X.x.X.x.X.xx
        open:  ..X...X...X...X.
        clap:  ....X.......X..."""),
    "electro": written("""
        kick:  X.....x...x.....
        snare: ....X.......X...
        hat:   xxxxxxxxxxxxxxxx
        cowbell: x..x..x...x..x..
        clap:  ............X..."""),
    "synthwave": written("""
        kick:  X...X...X...X...
        snare: ....X.......X...
        hat:   x.x.x.x.x.x.x.x.
        high:  .............x..
        low:   ..............xx"""),
    "new beat": written("""
        kick:  X...X...X...X.x.
        snare: ....X.......X...
        hat:   x.xxx.xxx.xxx.xx
        low:   ...x......x.....
        clap:  ..........x..x.."""),
    "industrial": written("""
        kick:  X.x.X...X.x.X...
        snare: ....X.......X..x
        china: x.......x.......
        low:   ..x..x..x.x..x.x
        block: xx.xxx.xxx.xxx.x"""),
    "two step": written(
        """
        kick:  X.........x.....
        snare: ....X.......X...
        hat:   x.xox.xxx.xox.xx
        rim:   ...x.....x.x...x""",
        sixteenths=True,
    ),
    "breakbeat": written("""
        kick:  X.x.......x..x..
        snare: ....X..o.o..X...
        hat:   x.x.x.x.x.x.x.x.
        open:  ..............x."""),
    "amen": written("""
        kick:  X.X.......XX....|X.X.......X.....
        snare: ....X..x.x..X..x|....X..x.x....X.
        ride:  x.x.x.x.x.x.x.x.|x.x.x.x.x.x...x.
        crash: ................|..........x....."""),
    "jungle": written("""
        kick:  X.X......xX.....
        snare: ....X..x.x..X.xx
        hat:   xxxxxxxxxxxxxxxx
        high:  ......x........x
        crash: X..............."""),
    "drum and bass": written("""
        kick:  X.........X.....
        snare: ....X.......X...
        hat:   x.xxx.xxx.xxx.xx
        ride:  ..x...x...x...x."""),
    "jersey club": written("""
        kick:  X...X...X..X..X.
        clap:  ....X.......X...
        snare: x..x..x...x..x..
        hat:   ..x...x...x...x."""),
    "footwork": written("""
        kick:  X..X..X.X..X..X.|X..X..XXX..X..XX
        clap:  ........X.......|........X.......
        hat:   ..x...x...x...x.|..x...x...x...x.
        low:   .x..x..x.x..x...|.x..x..x.x..x.xx"""),
}
"""A drum set's patterns by name."""
