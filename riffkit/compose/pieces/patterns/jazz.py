"""Rhythms of jazz and of the blues: most of them in triplets."""

from riffkit.compose.pieces.patterns.pattern import Pattern, written

JAZZ: dict[str, Pattern] = {
    "swing": written(
        """
        ride:  X..X.xX..X.x
        pedal: ...x.....x..
        kick:  o..o..o..o..""",
        steps=3,
    ),
    "bebop": written(
        """
        ride:  X..X.xX..X.x|X..X.xX..X.x
        pedal: ...x.....x..|...x.....x..
        snare: ..o..x..o...|.....o..x..o
        kick:  ........x...|..x.........""",
        steps=3,
    ),
    "shuffle": written(
        """
        kick:  X..x..X..x..
        snare: ..oX.o..oX.o
        hat:   X.xX.xX.xX.x""",
        steps=3,
    ),
    "twelve eight": written(
        """
        kick:  X.....x.x...
        snare: ...X.....X..
        hat:   XxxXxxXxxXxx""",
        steps=3,
    ),
    "jazz waltz": written(
        """
        ride:  X..X.xX..
        pedal: ...x..x..
        kick:  X........
        snare: .....o..o""",
        steps=3,
        meter=3,
    ),
    "brushes": written(
        """
        snare: xoxXoxxoxXox
        pedal: ...x.....x..
        kick:  x.....x.....""",
        steps=3,
    ),
    "gospel": written(
        """
        kick:  X..x.xX.....
        clap:  ...X.....X..
        tambourine: xxXxxXxxXxxX
        snare: ...x.....x.o""",
        steps=3,
    ),
    "second line": written(
        """
        kick:  X.....X..X..
        snare: XoxXoxXoxXxx
        bell:  x..x.xx..x.x""",
        steps=3,
    ),
}
"""A drum set's patterns by name."""
