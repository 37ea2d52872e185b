"""The ground floor: clip <-> mel <-> picture. Signal processing only; nothing here knows about diffusion."""
