"""Fine-tuning on a data set of one's own: LoRA, all weights of the UNet, or a textual inversion."""
