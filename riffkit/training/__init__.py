"""Training: data sets of recordings, fine-tuning a checkpoint, and a small model from nothing."""
