"""Our own synthesis: instruments and drums that no General MIDI soundfont has."""
