"""Words that people use of music, and what they say of a piece: captions one way, understanding the other."""
