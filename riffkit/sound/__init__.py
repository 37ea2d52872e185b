"""The ground floor: clip <-> mel <-> picture. Signal processing only; nothing here knows about diffusion."""

from riffkit.sound.compiling import keep_code

keep_code()
