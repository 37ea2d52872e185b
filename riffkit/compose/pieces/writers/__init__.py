"""Notes for each role: chords, arpeggios, melodies, basses, pads, drums and percussion."""
