"""What a user does: riff, vary, inpaint, extend, story, interpolate, walk, plane, stream; and the riff it gives."""
