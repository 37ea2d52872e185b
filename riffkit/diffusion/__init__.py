"""Right of the picture: weights, words, one visible denoising loop, and what is built on it."""
