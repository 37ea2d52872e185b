"""Music made here to learn from: pieces as notes, their captions, and instruments to play them. No torch."""

import riffkit.sound  # noqa: F401  (names a place for compiled code, where there is none)
