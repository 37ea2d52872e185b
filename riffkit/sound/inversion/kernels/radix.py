"""Radix-5, 4, 3 and 2 passes of a short Fourier transform over rows of eight complex numbers, compiled.

A pass joins 5, 4, 3 or 2 rows at a time (butterflies), each vector of one row doing so for eight signals at once. It
reads from one place and writes to another, sorted as it goes (Stockham); fft.py puts passes together.
"""

import math

import numpy as np

from riffkit.sound.inversion.kernels.build import compiled, inlined
from riffkit.sound.inversion.kernels.simd import WIDTH, Complex, fill, load, read, store

ROW = 2 * WIDTH  # float32 of one row
Rows = tuple[int, int, int, int]  # address, where in it the rows begin, how far apart they are, and `flip`
Turns = tuple[int, int, int]  # address, first one, and how far from one row's to the next's


@inlined
def _get(x: int, at: int, flip: int) -> Complex:
    return load(x, at + flip), load(x, at + WIDTH - flip)


@inlined
def _put(y: int, at: int, flip: int, z: Complex) -> None:
    store(y, at + flip, z[0])
    store(y, at + WIDTH - flip, z[1])


@inlined
def turned(z: Complex, turns: int, t: int) -> Complex:
    """Complex numbers `z` times the `t`-th of some `turns` (address of cosines and sines, one after the other)."""
    c, s = read(turns, 2 * t), read(turns, 2 * t + 1)
    return z[0] * c - z[1] * s, z[0] * s + z[1] * c


HALF, SIN_3 = np.float32(0.5), np.float32(math.sin(2 * math.pi / 3))
COS_5, SIN_5 = np.float32(math.cos(2 * math.pi / 5)), np.float32(math.sin(2 * math.pi / 5))
COS_5_2, SIN_5_2 = np.float32(math.cos(4 * math.pi / 5)), np.float32(math.sin(4 * math.pi / 5))


@inlined
def _of_2(a: Complex, b: Complex) -> tuple[Complex, Complex]:
    return (a[0] + b[0], a[1] + b[1]), (a[0] - b[0], a[1] - b[1])


@inlined
def _of_3(a: Complex, b: Complex, c: Complex) -> tuple[Complex, Complex, Complex]:
    p, q = _of_2(b, c)
    middle = a[0] - p[0] * HALF, a[1] - p[1] * HALF
    aside = q[1] * SIN_3, q[0] * SIN_3
    return (
        (a[0] + p[0], a[1] + p[1]),
        (middle[0] + aside[0], middle[1] - aside[1]),
        (middle[0] - aside[0], middle[1] + aside[1]),
    )


@inlined
def _of_4(a: Complex, b: Complex, c: Complex, d: Complex) -> tuple[Complex, Complex, Complex, Complex]:
    e, f = _of_2(a, c)
    g, h = _of_2(b, d)
    return (
        (e[0] + g[0], e[1] + g[1]),
        (f[0] + h[1], f[1] - h[0]),
        (e[0] - g[0], e[1] - g[1]),
        (f[0] - h[1], f[1] + h[0]),
    )


@inlined
def _of_5(
    a: Complex, b: Complex, c: Complex, d: Complex, e: Complex
) -> tuple[Complex, Complex, Complex, Complex, Complex]:
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


@compiled
def pass_3(x: Rows, y: int, rest: int, done: int, turns: int, n_in: int) -> None:
    """Radix-3 pass, one that is not the last.

    Parameters
    ----------
    x : Rows
        Where it reads. A `flip` of WIDTH swaps real and imaginary parts.
    y : int
        Address of the rows it writes, one after the other.
    rest, done : int
        Products of the factors after and before this one.
    turns : int
        Address of the turns between this pass and the next.
    n_in : int
        Rows of x from here on count as zero.
    """
    start, xa, xs, flip = x
    zero = fill(np.float32(0)), fill(np.float32(0))
    n = done * rest
    a, b = xs * n, ROW * done
    for p in range(rest):
        for q in range(done):
            i = q + done * p
            at = xa + xs * i
            z = _of_3(
                _get(start, at, flip),
                _get(start, at + a, flip) if i + n < n_in else zero,
                _get(start, at + 2 * a, flip) if i + 2 * n < n_in else zero,
            )
            at = ROW * (q + 3 * done * p)
            _put(y, at, 0, z[0])
            _put(y, at + b, 0, turned(z[1], turns, 3 * p + 1))
            _put(y, at + 2 * b, 0, turned(z[2], turns, 3 * p + 2))


@compiled
def pass_4(x: Rows, y: int, rest: int, done: int, turns: int, n_in: int) -> None:
    """Radix-4 pass, one that is not the last; `x`, `y`, `rest`, `done`, `turns` and `n_in` as in `pass_3`."""
    start, xa, xs, flip = x
    zero = fill(np.float32(0)), fill(np.float32(0))
    n = done * rest
    a, b = xs * n, ROW * done
    for p in range(rest):
        for q in range(done):
            i = q + done * p
            at = xa + xs * i
            z = _of_4(
                _get(start, at, flip),
                _get(start, at + a, flip) if i + n < n_in else zero,
                _get(start, at + 2 * a, flip) if i + 2 * n < n_in else zero,
                _get(start, at + 3 * a, flip) if i + 3 * n < n_in else zero,
            )
            at = ROW * (q + 4 * done * p)
            _put(y, at, 0, z[0])
            _put(y, at + b, 0, turned(z[1], turns, 4 * p + 1))
            _put(y, at + 2 * b, 0, turned(z[2], turns, 4 * p + 2))
            _put(y, at + 3 * b, 0, turned(z[3], turns, 4 * p + 3))


@compiled
def pass_5(x: Rows, y: int, rest: int, done: int, turns: int, n_in: int) -> None:
    """Radix-5 pass, one that is not the last; `x`, `y`, `rest`, `done`, `turns` and `n_in` as in `pass_3`."""
    start, xa, xs, flip = x
    zero = fill(np.float32(0)), fill(np.float32(0))
    n = done * rest
    a, b = xs * n, ROW * done
    for p in range(rest):
        for q in range(done):
            i = q + done * p
            at = xa + xs * i
            z = _of_5(
                _get(start, at, flip),
                _get(start, at + a, flip) if i + n < n_in else zero,
                _get(start, at + 2 * a, flip) if i + 2 * n < n_in else zero,
                _get(start, at + 3 * a, flip) if i + 3 * n < n_in else zero,
                _get(start, at + 4 * a, flip) if i + 4 * n < n_in else zero,
            )
            at = ROW * (q + 5 * done * p)
            _put(y, at, 0, z[0])
            _put(y, at + b, 0, turned(z[1], turns, 5 * p + 1))
            _put(y, at + 2 * b, 0, turned(z[2], turns, 5 * p + 2))
            _put(y, at + 3 * b, 0, turned(z[3], turns, 5 * p + 3))
            _put(y, at + 4 * b, 0, turned(z[4], turns, 5 * p + 4))


@compiled
def last_2(x: Rows, y: Rows, done: int, turns: Turns, n_out: int) -> None:
    """Radix-2 pass, the last one: a 2 always is.

    Parameters
    ----------
    x, y : Rows
        Where it reads and writes. A `flip` of WIDTH swaps real and imaginary parts.
    done : int
        Product of the factors before this one.
    turns : Turns
        By which what comes out is turned, row by row.
    n_out : int
        Rows of y from here on are left out.
    """
    (start, xa, xs, x_flip), (end, ya, ys, flip), (turn, t, u) = x, y, turns
    a, b = xs * done, ys * done
    for q in range(done):
        at = xa + xs * q
        z = _of_2(_get(start, at, x_flip), _get(start, at + a, x_flip))
        at, w = ya + ys * q, t + u * q
        _put(end, at, flip, turned(z[0], turn, w))
        if q + done < n_out:
            _put(end, at + b, flip, turned(z[1], turn, w + u * done))


@compiled
def last_3(x: Rows, y: Rows, done: int, turns: Turns, n_out: int) -> None:
    """Radix-3 pass, the last one; `x`, `y`, `done`, `turns` and `n_out` as in `last_2`."""
    (start, xa, xs, x_flip), (end, ya, ys, flip), (turn, t, u) = x, y, turns
    a, b = xs * done, ys * done
    for q in range(done):
        at = xa + xs * q
        z = _of_3(_get(start, at, x_flip), _get(start, at + a, x_flip), _get(start, at + 2 * a, x_flip))
        at, w = ya + ys * q, t + u * q
        _put(end, at, flip, turned(z[0], turn, w))
        if q + done < n_out:
            _put(end, at + b, flip, turned(z[1], turn, w + u * done))
        if q + 2 * done < n_out:
            _put(end, at + 2 * b, flip, turned(z[2], turn, w + 2 * u * done))


@compiled
def last_4(x: Rows, y: Rows, done: int, turns: Turns, n_out: int) -> None:
    """Radix-4 pass, the last one; `x`, `y`, `done`, `turns` and `n_out` as in `last_2`."""
    (start, xa, xs, x_flip), (end, ya, ys, flip), (turn, t, u) = x, y, turns
    a, b = xs * done, ys * done
    for q in range(done):
        at = xa + xs * q
        z = _of_4(
            _get(start, at, x_flip),
            _get(start, at + a, x_flip),
            _get(start, at + 2 * a, x_flip),
            _get(start, at + 3 * a, x_flip),
        )
        at, w = ya + ys * q, t + u * q
        _put(end, at, flip, turned(z[0], turn, w))
        if q + done < n_out:
            _put(end, at + b, flip, turned(z[1], turn, w + u * done))
        if q + 2 * done < n_out:
            _put(end, at + 2 * b, flip, turned(z[2], turn, w + 2 * u * done))
        if q + 3 * done < n_out:
            _put(end, at + 3 * b, flip, turned(z[3], turn, w + 3 * u * done))


@compiled
def last_5(x: Rows, y: Rows, done: int, turns: Turns, n_out: int) -> None:
    """Radix-5 pass, the last one; `x`, `y`, `done`, `turns` and `n_out` as in `last_2`."""
    (start, xa, xs, x_flip), (end, ya, ys, flip), (turn, t, u) = x, y, turns
    a, b = xs * done, ys * done
    for q in range(done):
        at = xa + xs * q
        z = _of_5(
            _get(start, at, x_flip),
            _get(start, at + a, x_flip),
            _get(start, at + 2 * a, x_flip),
            _get(start, at + 3 * a, x_flip),
            _get(start, at + 4 * a, x_flip),
        )
        at, w = ya + ys * q, t + u * q
        _put(end, at, flip, turned(z[0], turn, w))
        if q + done < n_out:
            _put(end, at + b, flip, turned(z[1], turn, w + u * done))
        if q + 2 * done < n_out:
            _put(end, at + 2 * b, flip, turned(z[2], turn, w + 2 * u * done))
        if q + 3 * done < n_out:
            _put(end, at + 3 * b, flip, turned(z[3], turn, w + 3 * u * done))
        if q + 4 * done < n_out:
            _put(end, at + 4 * b, flip, turned(z[4], turn, w + 4 * u * done))
