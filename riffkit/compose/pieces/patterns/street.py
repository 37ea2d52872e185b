"""Rhythms of the street: hip hop, bass music, and the sound systems of Jamaica."""

from riffkit.compose.pieces.patterns.pattern import Pattern, written

STREET: dict[str, Pattern] = {
    "boom bap": written(
        """
        kick:  X......x..x..x..
        snare: ....X..o....X...
        hat:   x.x.x.x.x.x.x.x.""",
        sixteenths=True,
    ),
    "lo-fi": written(
        """
        kick:  X.....x..x......
        rim:   ....X.......X..o
        hat:   x.o.x.o.x.o.x.ox
        shaker: ..x...x...x...x.""",
        sixteenths=True,
    ),
    "trap": written("""
        kick:  X.....x....x....|X..x..x.........
        clap:  ........X.......|........X.......
        hat:   x.x.x.x.x.xxx.x.|x.x.xxxxx.x.xxxx
        open:  ................|..........x....."""),
    "drill": written("""
        kick:  X.....x.........|X.........x..x..
        snare: ........X.......|......X.....X...
        hat:   x..x..x.x..x..x.|x..x..xxx..x..x.
        rim:   ...o......o.....|...o......o....."""),
    "dubstep": written("""
        kick:  X.........x.....
        snare: ........X.......
        hat:   x..x..x...x..x..
        open:  ..............x."""),
    "one drop": written(
        """
        kick:  ........X.......
        rim:   ........X.....o.
        hat:   x.x.X.x.x.x.X.xx""",
        sixteenths=True,
    ),
    "steppers": written("""
        kick:  X...X...X...X...
        rim:   ........X..x....
        hat:   ..x.X.x...x.X.xx"""),
    "ska": written("""
        kick:  X...x...X...x...
        rim:   ....X.......X...
        hat:   ..X...X...X...X.
        open:  ..............x."""),
    "dembow": written("""
        kick:  X...X...X...X...
        snare: ...X..X....X..X.
        hat:   x.x.x.x.x.x.x.x."""),
    "soca": written("""
        kick:  X...X...X...X...
        snare: ...X..x....X..x.
        hat:   x.x.x.x.x.x.x.x.
        cowbell: x..x..x.x..x..x.
        timbale: ..............xx"""),
}
"""A drum set's patterns by name."""
