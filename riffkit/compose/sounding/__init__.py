"""Pieces become sound: a soundfont, our own synthesis, sounds that are not music, effects, a stereo picture."""
