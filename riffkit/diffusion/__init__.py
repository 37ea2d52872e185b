"""The algorithm, readable beside the papers: sampling loop, latents, joint windows, mixing, and one run."""
