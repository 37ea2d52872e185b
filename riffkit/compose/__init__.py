"""Music made here to learn from: pieces as notes, their captions, and instruments to play them. No torch."""
