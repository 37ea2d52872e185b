"""A text-to-spectrogram model from nothing: autoencoder, text encoder, denoiser, and its few-step twin."""
