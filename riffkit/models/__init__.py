"""What is loaded: checkpoints and their folders, memory, prompts to embeddings, LoRA and textual inversion files."""
