"""Compiled loops of the inversion, each built on those before: build simd radix fft threads frames work loops."""
