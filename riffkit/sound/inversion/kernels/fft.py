"""FFT of eight real frames side by side, compiled.

Each frame has one lane of a vector for itself, so that every butterfly works on eight frames at once, none is ever
turned around in memory, and what else lies in the vector does not change a bit of it. A row holds two samples of each
frame, the even one as real part and the odd one as imaginary part of a complex signal of half the length: eight real
parts, eight imaginary ones, 64 bytes, one cache line. `spectrum` makes the spectrum of the frames from that of this
signal, `signal` goes back.

A transform of length rows * columns is made of short ones (Bailey's four steps): each column of the matrix, which
reaches over the whole, then each row. A short one fits the first-level cache and goes through it in passes of 5, 4, 3
or 2 (radix.py). What comes out lies column by column: `plan.order` says where. Lengths with other prime factors are
made of longer ones (Bluestein).
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from riffkit.sound.inversion.kernels.build import compiled, inlined
from riffkit.sound.inversion.kernels.radix import (
    ROW,
    Rows,
    Turns,
    last_2,
    last_3,
    last_4,
    last_5,
    pass_3,
    pass_4,
    pass_5,
    turned,
)
from riffkit.sound.inversion.kernels.simd import WIDTH, Complex, address, fill, load, read, store


class Plan(NamedTuple):
    """How a transform of one length is done; made by `plan_for`.

    Parameters
    ----------
    n : int
        Length of the transform: frames of 2 n samples.
    size : int
        Rows needed for the data.
    rows, columns : int
        Their product is the length of the transform inside.
    row_factors, row_turns, column_factors, column_turns : np.ndarray
        Factors of the short transforms, and the turns between their passes, one after the other.
    turns : np.ndarray [float32]
        Between columns and rows.
    order : np.ndarray [shape=(n,), int]
        Frequency k is in row order[k].
    split : np.ndarray [float32]
        exp(-i pi k / n), for `spectrum` and `signal`.
    chirp, response : np.ndarray [float32]
        For Bluestein's way, otherwise empty.
    """

    n: int
    size: int
    rows: int
    columns: int
    row_factors: np.ndarray
    row_turns: np.ndarray
    column_factors: np.ndarray
    column_turns: np.ndarray
    turns: np.ndarray
    order: np.ndarray
    split: np.ndarray
    chirp: np.ndarray
    response: np.ndarray


def factors_of(n: int) -> list[int] | None:
    """`n` as a product of 5, 4, 3 and 2 in as few factors as possible, the largest first, or None."""
    found = []
    for factor in (5, 3):
        while n % factor == 0:
            found.append(factor)
            n //= factor
    twos = n.bit_length() - 1
    if n != 1 << twos:
        return None
    return sorted(found + [4] * (twos // 2) + [2] * (twos % 2), reverse=True)


def _circle(n: int, steps: np.ndarray) -> np.ndarray:
    """exp(-2 pi i steps / n) as cosines and sines in turn."""
    angle = -2 * np.pi * (steps.reshape(-1) % n) / n
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1).reshape(-1).astype(np.float32)


def _short(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Factors of a short transform, and the turns between its passes, one after the other."""
    factors, turns, rest = factors_of(n) or [], [], n
    for factor in factors:
        turns.append(_circle(rest, np.outer(np.arange(rest // factor), np.arange(factor))))
        rest //= factor
    return np.array(factors), np.concatenate(turns)


def _split(n: int) -> tuple[int, int] | None:
    """(rows, columns), rows * columns = n: as few passes as possible, then nearly square; None if n is not smooth."""
    found = []
    for rows in range(2, n // 2 + 1):
        if n % rows == 0 and (down := factors_of(rows)) and (across := factors_of(n // rows)):
            found.append((len(down) + len(across), max(rows, n // rows), rows))
    return (min(found)[2], n // min(found)[2]) if found else None


@lru_cache(maxsize=16)
def plan_for(n: int) -> Plan:
    """The `Plan` of transforms of `n` rows, 1 or more: frames of 2 n samples."""
    nothing, split = np.empty(0, np.float32), _circle(2 * n, np.arange(n // 2 + 1))
    if (parted := _split(n)) is not None:
        rows, columns = parted
        order = np.arange(n) % rows * columns + np.arange(n) // rows
        turns = _circle(n, np.outer(np.arange(rows), np.arange(columns)))
        return Plan(n, n, rows, columns, *_short(columns), *_short(rows), turns, order, split, nothing, nothing)
    size = next(m for m in range(max(2 * n - 1, 4), 8 * n + 8) if _split(m))
    inside = plan_for(size)
    steps = np.arange(n) ** 2 % (2 * n)
    chirp = np.exp(-1j * np.pi * steps / n)
    response = np.zeros(size, complex)
    response[:n] = chirp.conj()
    response[size - n + 1 :] = chirp[:0:-1].conj()
    response = np.fft.fft(response) / size
    there = np.empty_like(response)
    there[inside.order] = response

    def flat(z: np.ndarray) -> np.ndarray:
        return np.stack([z.real, z.imag], axis=-1).reshape(-1).astype(np.float32)

    return inside._replace(n=n, order=np.arange(n), split=split, chirp=flat(chirp), response=flat(there))


def scratch_size(plan: Plan) -> int:
    """How many float32 of memory for its own use `transform` needs with this `plan`."""
    return 2 * max(plan.rows, plan.columns, 4) * ROW


@inlined
def spectrum(x: int, at: int, mirrored: int, split: int, k: int) -> tuple[Complex, Complex]:
    """Spectra of the frames at frequencies k and n - k.

    Parameters
    ----------
    x : int
        Address of the rows.
    at, mirrored : int
        Where in them rows order[k] and order[-k] begin.
    split : int
        Address of `plan.split`.
    k : int [0..n // 2]
    """
    a, b, c, d = load(x, at), load(x, at + WIDTH), load(x, mirrored), load(x, mirrored + WIDTH)
    half = np.float32(0.5)
    even, odd = ((a + c) * half, (b - d) * half), ((b + d) * half, (c - a) * half)
    odd = turned(odd, split, k)
    return (even[0] + odd[0], even[1] + odd[1]), (even[0] - odd[0], odd[1] - even[1])


@inlined
def signal(x: int, at: int, mirrored: int, split: int, k: int, here: Complex, there: Complex) -> None:
    """Put spectra at frequencies k and n - k back into the rows, the inverse of `spectrum`.

    Parameters
    ----------
    x, at, mirrored, split, k
        As in `spectrum`.
    here, there : (vector, vector)
        Spectra at frequencies k and n - k.
    """
    half, cos, sin = np.float32(0.5), read(split, 2 * k), read(split, 2 * k + 1)
    even = (here[0] + there[0]) * half, (here[1] - there[1]) * half
    a, b = (here[0] - there[0]) * half, (here[1] + there[1]) * half
    odd = a * cos + b * sin, b * cos - a * sin
    store(x, mirrored, even[0] + odd[1])
    store(x, mirrored + WIDTH, odd[0] - even[1])
    store(x, at, even[0] - odd[1])
    store(x, at + WIDTH, even[1] + odd[0])


@compiled
def _multiply(x: int, n: int, factors: int, sign: np.float32) -> None:
    """Row q times factors[q], or with sign -1 times its conjugate."""
    for q in range(n):
        c, s = read(factors, 2 * q), read(factors, 2 * q + 1) * sign
        a, b = load(x, ROW * q), load(x, ROW * q + WIDTH)
        store(x, ROW * q, a * c - b * s)
        store(x, ROW * q + WIDTH, a * s + b * c)


@compiled
def _clear(x: int, first: int, last: int) -> None:
    """Rows of zeros."""
    for at in range(ROW * first, ROW * last, WIDTH):
        store(x, at, fill(np.float32(0)))


@compiled
def _swap(x: int, n: int) -> None:
    """Real parts in place of imaginary ones."""
    for q in range(n):
        a, b = load(x, ROW * q), load(x, ROW * q + WIDTH)
        store(x, ROW * q, b)
        store(x, ROW * q + WIDTH, a)


@compiled
def rows_in(plan: Plan, n_in: int) -> int:
    """How many rows of this `plan` must hold data, or zeros, where those from `n_in` on are zero."""
    if len(plan.chirp):
        return plan.size
    if len(plan.column_factors) == 1:
        return plan.n
    first = plan.rows // plan.column_factors[0]  # the first pass reads so many of each column in any case
    return max(-(-n_in // plan.columns), first) * plan.columns


@inlined
def _inner_pass(factor: int, x: Rows, y: int, rest: int, done: int, turns: int, n_in: int) -> None:
    if factor == 5:
        pass_5(x, y, rest, done, turns, n_in)
    elif factor == 4:
        pass_4(x, y, rest, done, turns, n_in)
    else:
        pass_3(x, y, rest, done, turns, n_in)


@inlined
def _last_pass(factor: int, x: Rows, y: Rows, done: int, turns: Turns, n_out: int) -> None:
    if factor == 5:
        last_5(x, y, done, turns, n_out)
    elif factor == 4:
        last_4(x, y, done, turns, n_out)
    elif factor == 3:
        last_3(x, y, done, turns, n_out)
    else:
        last_2(x, y, done, turns, n_out)


@compiled
def transform(x: int, plan: Plan, inverse: int, n_in: int, n_out: int, scratch: int) -> None:
    """Transform the rows in place (FFT).

    Parameters
    ----------
    x : int
        Address of `plan.size` rows. Forward, row t is time t; backward, row plan.order[k] is frequency k.
    plan : Plan
    inverse : int
        0: to frequencies. 1: back, and times n.
    n_in : int
        Forward: rows from here on are zero; up to `rows_in` they must be so in x.
    n_out : int
        Backward: rows from here on are not wanted.
    scratch : int
        Address of `scratch_size(plan)` float32.
    """
    rows, columns, turns, size = plan.rows, plan.columns, address(plan.turns), plan.size
    origin, chirped = 0 * rows, len(plan.chirp) > 0
    chirp, response, sign = address(plan.chirp), address(plan.response), np.float32(1 - 2 * inverse)
    backward = inverse
    if chirped:
        _multiply(x, plan.n, chirp, sign)
        if inverse:  # the response to the conjugate chirp is that to the chirp, with both parts swapped
            _clear(x, plan.n, size)
            _swap(x, size)
        n_in = n_out = size
        backward = origin
    for stage in range(2 if chirped else 1):
        if stage == 1:
            _multiply(x, size, response, np.float32(1))
            backward = origin + 1
        flip = WIDTH * backward
        # columns, then rows; backward: rows, then columns, real and imaginary parts swapped, which needs no other turns
        for step in range(2):
            if step == backward:
                n, count, apart, next_one, factors, short_turns = (
                    rows, columns, columns * ROW, origin + ROW, plan.column_factors, address(plan.column_turns)
                )  # fmt: skip
                used, wanted = (rows, -(-n_out // columns)) if backward else (-(-n_in // columns), rows)
            else:
                n, count, apart, next_one, factors, short_turns = (
                    columns, rows, origin + ROW, columns * ROW, plan.row_factors, address(plan.row_turns)
                )  # fmt: skip
                used, wanted = columns, columns
            # between both steps, frequency k1 of column c is turned by turns[k1 * columns + c]
            t_step, u = (0, 0) if step == 1 else (columns, 1) if backward else (1, columns)
            last = len(factors) - 1
            for i in range(count):
                at = i * next_one
                here, here_used = (x, at, apart, flip), used
                done, rest, short = origin + 1, n, short_turns
                for k in range(last):
                    rest //= factors[k]
                    there = scratch + 4 * ROW * n * (k % 2)
                    _inner_pass(factors[k], here, there, rest, done, short, here_used)
                    here, here_used = (there, origin, origin + ROW, origin), n
                    short += 8 * factors[k] * rest  # bytes
                    done *= factors[k]
                _last_pass(factors[last], here, (x, at, apart, flip), done, (turns, i * t_step, u), wanted)
    if chirped:
        if inverse:
            _swap(x, size)
        _multiply(x, plan.n, chirp, sign)
