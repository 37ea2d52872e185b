"""Compiled loops of the inversion, each built on those before it: simd, radix, fft, threads, loops."""
