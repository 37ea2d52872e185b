"""Passes of a short Fourier transform over rows of eight complex numbers, compiled.

A pass joins 5, 4, 3 or 2 rows at a time (butterflies), each vector of one row doing so for eight signals at once. It
reads from one place and writes to another, sorted as it goes (Stockham); `fourier.py` puts passes together.
"""

import math

import numba
import numpy as np

from riffkit.sound.inversion.kernels.simd import WIDTH, fill, load, read, store

ROW = 2 * WIDTH  # float32 of one row

compiled = numba.njit(cache=True, nogil=True, error_model="numpy")
inlined = numba.njit(nogil=True, error_model="numpy", forceinline=True)


@inlined
def _get(x, at, flip):
    return load(x, at + flip), load(x, at + WIDTH - flip)


@inlined
def _put(y, at, flip, z):
    store(y, at + flip, z[0])
    store(y, at + WIDTH - flip, z[1])


@inlined
def turned(z, turns, t):
    """Complex numbers times the `t`-th of some turns, cosines and sines in turn."""
    c, s = read(turns, 2 * t), read(turns, 2 * t + 1)
    return z[0] * c - z[1] * s, z[0] * s + z[1] * c


HALF, SIN_3 = np.float32(0.5), np.float32(math.sin(2 * math.pi / 3))
COS_5, SIN_5 = np.float32(math.cos(2 * math.pi / 5)), np.float32(math.sin(2 * math.pi / 5))
COS_5_2, SIN_5_2 = np.float32(math.cos(4 * math.pi / 5)), np.float32(math.sin(4 * math.pi / 5))


@inlined
def _of_2(a, b):
    return (a[0] + b[0], a[1] + b[1]), (a[0] - b[0], a[1] - b[1])


@inlined
def _of_3(a, b, c):
    p, q = _of_2(b, c)
    middle = a[0] - p[0] * HALF, a[1] - p[1] * HALF
    aside = q[1] * SIN_3, q[0] * SIN_3
    return (
        (a[0] + p[0], a[1] + p[1]),
        (middle[0] + aside[0], middle[1] - aside[1]),
        (middle[0] - aside[0], middle[1] + aside[1]),
    )


@inlined
def _of_4(a, b, c, d):
    e, f = _of_2(a, c)
    g, h = _of_2(b, d)
    return (
        (e[0] + g[0], e[1] + g[1]),
        (f[0] + h[1], f[1] - h[0]),
        (e[0] - g[0], e[1] - g[1]),
        (f[0] - h[1], f[1] + h[0]),
    )


@inlined
def _of_5(a, b, c, d, e):
    p, f = _of_2(b, e)
    q, g = _of_2(c, d)
    near = a[0] + p[0] * COS_5 + q[0] * COS_5_2, a[1] + p[1] * COS_5 + q[1] * COS_5_2
    far = a[0] + p[0] * COS_5_2 + q[0] * COS_5, a[1] + p[1] * COS_5_2 + q[1] * COS_5
    beside_near = f[0] * SIN_5 + g[0] * SIN_5_2, f[1] * SIN_5 + g[1] * SIN_5_2
    beside_far = f[0] * SIN_5_2 - g[0] * SIN_5, f[1] * SIN_5_2 - g[1] * SIN_5
    return (
        (a[0] + p[0] + q[0], a[1] + p[1] + q[1]),
        (near[0] + beside_near[1], near[1] - beside_near[0]),
        (far[0] + beside_far[1], far[1] - beside_far[0]),
        (far[0] - beside_far[1], far[1] + beside_far[0]),
        (near[0] - beside_near[1], near[1] + beside_near[0]),
    )


# A pass that is not the last (a 2 always is): `rest` and `done` are the products of the factors after and before it.
# Rows of x from `n_in` on count as zero. xa, xs: where x begins and how far apart its rows are; flip = WIDTH swaps real
# and imaginary parts.


@compiled
def pass_3(x, xa, xs, flip, y, rest, done, turns, n_in):
    zero = fill(np.float32(0)), fill(np.float32(0))
    n = done * rest
    a, b = xs * n, ROW * done
    for p in range(rest):
        for q in range(done):
            i = q + done * p
            at = xa + xs * i
            z = _of_3(
                _get(x, at, flip),
                _get(x, at + a, flip) if i + n < n_in else zero,
                _get(x, at + 2 * a, flip) if i + 2 * n < n_in else zero,
            )
            at = ROW * (q + 3 * done * p)
            _put(y, at, 0, z[0])
            _put(y, at + b, 0, turned(z[1], turns, 3 * p + 1))
            _put(y, at + 2 * b, 0, turned(z[2], turns, 3 * p + 2))


@compiled
def pass_4(x, xa, xs, flip, y, rest, done, turns, n_in):
    zero = fill(np.float32(0)), fill(np.float32(0))
    n = done * rest
    a, b = xs * n, ROW * done
    for p in range(rest):
        for q in range(done):
            i = q + done * p
            at = xa + xs * i
            z = _of_4(
                _get(x, at, flip),
                _get(x, at + a, flip) if i + n < n_in else zero,
                _get(x, at + 2 * a, flip) if i + 2 * n < n_in else zero,
                _get(x, at + 3 * a, flip) if i + 3 * n < n_in else zero,
            )
            at = ROW * (q + 4 * done * p)
            _put(y, at, 0, z[0])
            _put(y, at + b, 0, turned(z[1], turns, 4 * p + 1))
            _put(y, at + 2 * b, 0, turned(z[2], turns, 4 * p + 2))
            _put(y, at + 3 * b, 0, turned(z[3], turns, 4 * p + 3))


@compiled
def pass_5(x, xa, xs, flip, y, rest, done, turns, n_in):
    zero = fill(np.float32(0)), fill(np.float32(0))
    n = done * rest
    a, b = xs * n, ROW * done
    for p in range(rest):
        for q in range(done):
            i = q + done * p
            at = xa + xs * i
            z = _of_5(
                _get(x, at, flip),
                _get(x, at + a, flip) if i + n < n_in else zero,
                _get(x, at + 2 * a, flip) if i + 2 * n < n_in else zero,
                _get(x, at + 3 * a, flip) if i + 3 * n < n_in else zero,
                _get(x, at + 4 * a, flip) if i + 4 * n < n_in else zero,
            )
            at = ROW * (q + 5 * done * p)
            _put(y, at, 0, z[0])
            _put(y, at + b, 0, turned(z[1], turns, 5 * p + 1))
            _put(y, at + 2 * b, 0, turned(z[2], turns, 5 * p + 2))
            _put(y, at + 3 * b, 0, turned(z[3], turns, 5 * p + 3))
            _put(y, at + 4 * b, 0, turned(z[4], turns, 5 * p + 4))


# The last pass: row q of what comes out is turned by turns[t + u * q], and left out from `n_out` on.


@compiled
def last_2(x, xa, xs, x_flip, y, ya, ys, flip, done, turns, t, u, n_out):
    a, b = xs * done, ys * done
    for q in range(done):
        at = xa + xs * q
        z = _of_2(_get(x, at, x_flip), _get(x, at + a, x_flip))
        at, w = ya + ys * q, t + u * q
        _put(y, at, flip, turned(z[0], turns, w))
        if q + done < n_out:
            _put(y, at + b, flip, turned(z[1], turns, w + u * done))


@compiled
def last_3(x, xa, xs, x_flip, y, ya, ys, flip, done, turns, t, u, n_out):
    a, b = xs * done, ys * done
    for q in range(done):
        at = xa + xs * q
        z = _of_3(_get(x, at, x_flip), _get(x, at + a, x_flip), _get(x, at + 2 * a, x_flip))
        at, w = ya + ys * q, t + u * q
        _put(y, at, flip, turned(z[0], turns, w))
        if q + done < n_out:
            _put(y, at + b, flip, turned(z[1], turns, w + u * done))
        if q + 2 * done < n_out:
            _put(y, at + 2 * b, flip, turned(z[2], turns, w + 2 * u * done))


@compiled
def last_4(x, xa, xs, x_flip, y, ya, ys, flip, done, turns, t, u, n_out):
    a, b = xs * done, ys * done
    for q in range(done):
        at = xa + xs * q
        z = _of_4(
            _get(x, at, x_flip), _get(x, at + a, x_flip), _get(x, at + 2 * a, x_flip), _get(x, at + 3 * a, x_flip)
        )
        at, w = ya + ys * q, t + u * q
        _put(y, at, flip, turned(z[0], turns, w))
        if q + done < n_out:
            _put(y, at + b, flip, turned(z[1], turns, w + u * done))
        if q + 2 * done < n_out:
            _put(y, at + 2 * b, flip, turned(z[2], turns, w + 2 * u * done))
        if q + 3 * done < n_out:
            _put(y, at + 3 * b, flip, turned(z[3], turns, w + 3 * u * done))


@compiled
def last_5(x, xa, xs, x_flip, y, ya, ys, flip, done, turns, t, u, n_out):
    a, b = xs * done, ys * done
    for q in range(done):
        at = xa + xs * q
        z = _of_5(
            _get(x, at, x_flip),
            _get(x, at + a, x_flip),
            _get(x, at + 2 * a, x_flip),
            _get(x, at + 3 * a, x_flip),
            _get(x, at + 4 * a, x_flip),
        )
        at, w = ya + ys * q, t + u * q
        _put(y, at, flip, turned(z[0], turns, w))
        if q + done < n_out:
            _put(y, at + b, flip, turned(z[1], turns, w + u * done))
        if q + 2 * done < n_out:
            _put(y, at + 2 * b, flip, turned(z[2], turns, w + 2 * u * done))
        if q + 3 * done < n_out:
            _put(y, at + 3 * b, flip, turned(z[3], turns, w + 3 * u * done))
        if q + 4 * done < n_out:
            _put(y, at + 4 * b, flip, turned(z[4], turns, w + 4 * u * done))
