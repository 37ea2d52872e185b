"""Rhythms of Africa, of India, and of dances of the village."""

from riffkit.compose.pieces.patterns.pattern import Pattern, written

WORLD: dict[str, Pattern] = {
    "afrobeat": written("""
        kick:  X..x..x.X.....x.
        snare: ....o..x.x..X..o
        hat:   xxx.xxx.xxx.xxx.
        agogo: x..x..x...x.x...
        shaker: xoxoxoxoxoxoxoxo"""),
    "amapiano": written("""
        kick:  X...X...X...X...
        shaker: xXxxxXxxxXxxxXxx
        low:   ...x..X...x..X.x
        rim:   ...x..x....x..x.
        clap:  ............x..."""),
    "gqom": written("""
        kick:  X..X..X...X..X..
        clap:  ...x......x..x..
        low:   ......x.....x.xx
        hat:   ..x...x...x...x."""),
    "highlife": written("""
        kick:  X...x...X...x...
        agogo: X.x..x.x.x..X.x.
        rim:   ..x.x...x.x.x...
        shaker: x.xxx.xxx.xxx.xx
        conga: ......xx......xx"""),
    "bhangra": written("""
        kick:  X....x..X....x..
        low:   X..x.xX.x..x.xX.
        rim:   x.xx.xx.x.xx.xx.
        clap:  ....X.......X..."""),
    "tribal": written("""
        floor: X..X..X.X..X..X.
        low:   ..x..x....x..x.x
        mid:   ....x..x....x..x
        low conga: x..x..x.x..x..x.
        shaker: xoxoxoxoxoxoxoxo"""),
    "polka": written("""
        kick:  X...X...X...X...
        snare: ..X...X...X...X.
        hat:   ..x...x...x...x."""),
    "waltz": written(
        """
        kick:  X...........
        snare: ....x...x...
        hat:   x...X...X...""",
        meter=3,
    ),
    "jig": written(
        """
        kick:  X..x..X..x..
        low:   x.xX.xx.xX.x
        tambourine: x..x..x..x..""",
        steps=3,
    ),
    "soukous": written("""
        kick:  X...X...X...X...
        snare: ...x..xx..x.x..x
        hat:   x.xxx.xxx.xxx.xx
        conga: ..xx..xx..xx..xx"""),
    "country waltz": written(
        """
        kick:  X.....|X....o
        rim:   ..x.x.|..x.xo
        hat:   x.x.x.|x.x.xx""",
        steps=2,
        meter=3,
    ),
}
"""A drum set's patterns by name."""
