"""The first embedded models' benchmark: one channel up to 10 kHz, the first composer, and a judge that heard it."""
