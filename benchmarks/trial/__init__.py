"""What `python -m benchmarks.model` is made of: prompts, clips, and the figures that are printed of them."""
