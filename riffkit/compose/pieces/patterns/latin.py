"""Rhythms of Latin America and of Spain."""

from riffkit.compose.pieces.patterns.pattern import Pattern, written

LATIN: dict[str, Pattern] = {
    "bossa nova": written("""
        kick:  X..xX..xX..xX..x
        rim:   X..X..X...X..X..
        hat:   xxxxxxxxxxxxxxxx"""),
    "samba": written("""
        kick:  o..xX..xo..xX..x
        snare: x.oxx.ox.xoxx.ox
        shaker: XooxXooxXooxXoox
        agogo: x.x...x.x...x...
        low agogo: ....xx...xx...xx"""),
    "mambo": written("""
        kick:  ...X..x....X..x.
        cowbell: X.x.X.xxX.x.X.xx
        timbale: ..x...xx..x...xx
        conga: ..x...xx..x...xx
        mute conga: xx.xxx..xx.xxx.."""),
    "salsa": written("""
        claves: x..x..x...x.x...
        kick:  ...X..x....X..x.
        cowbell: X...X.x.X...X.x.
        conga: ......xx......xx
        mute conga: x.x.X...x.x.X...
        maracas: x.xxx.xxx.xxx.xx"""),
    "cha cha": written("""
        kick:  ....x.......x...
        cowbell: X...X...X...X...
        guiro: ..xx..xx..xx..xx
        long guiro: x...x...x...x...
        conga: ............x.x.
        mute conga: x.x.X...x.x....."""),
    "son": written("""
        claves: X..X..X...X.X...
        maracas: x.xxx.xxx.xxx.xx
        conga: ......xx......xx
        low conga: ..............x.
        rim:   x.o.x.o.x.o.x.o."""),
    "cumbia": written("""
        kick:  X...X...X...X...
        guiro: x.xxx.xxx.xxx.xx
        conga: ..x...x...x...xx
        rim:   ....x.......x...
        low:   ......x.......x."""),
    "merengue": written("""
        kick:  X...X...X...X...
        guiro: xoxxxoxxxoxxxoxx
        conga: ..xx..xx..xx..xx
        snare: X..xx.x.X.xxxxx.
        low:   ..............x."""),
    "tango": written("""
        kick:  X...............
        rim:   X.....xxX...X...
        snare: ..............oX"""),
    "flamenco": written(
        """
        clap:  ..X..X.X.X.X ..x..x.x.x.x
        kick:  X..X..X.X.X. X..X..X.X.X.
        rim:   oxoxxoxoxoxo oxoxxoxoxoxx""",
        steps=2,
        meter=6,
    ),
    "rumba": written("""
        claves: X..X...X..X.X...
        block: x.xxx.x.xx.xx.x.
        conga: ...x..xx...x..xx
        low conga: x.......x.......
        mute conga: ..x.x.....x.x..."""),
    "reggaeton": written("""
        kick:  X...X...X...X...
        clap:  ...X..X....X..X.
        rim:   ...x..x....x..x.
        hat:   ..x...x...x...x."""),
    "baiao": written("""
        kick:  X..X....X..X....
        triangle: xxXxxxXxxxXxxxXx
        rim:   ......x.......x.
        clap:  ....x.......x..."""),
}
"""A drum set's patterns by name."""
