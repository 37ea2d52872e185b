"""Pieces of music as data: what is played, and the notes of it. No sound is made here."""
