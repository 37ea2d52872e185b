"""Transforms of eight frames side by side are those of numpy, whatever the length."""

import numba
import numpy as np
import pytest

from riffkit.sound.inversion.kernels.fft import factors_of, plan_for, rows_in, scratch_size, signal, spectrum, transform
from riffkit.sound.inversion.kernels.simd import (
    WIDTH,
    address,
    aligned,
    fill,
    larger,
    load,
    read,
    root,
    smaller,
    store,
    write,
)

SMOOTH = [4, 6, 16, 30, 36, 225, 500, 1000, 1024, 2000, 2250, 2304]
ROUGH = [1, 2, 3, 5, 7, 17, 49, 121, 331, 1470, 2205]


@numba.njit
def run(x, plan, inverse, n_in, n_out, scratch):
    transform(address(x), plan, inverse, n_in, n_out, address(scratch))


@numba.njit
def both_ways(x, plan, spectra):
    """Spectra of all frames at all frequencies, as (2, n + 1, lanes), and rows anew from them."""
    rows, split, out, n = address(x), address(plan.split), address(spectra), plan.n
    for k in range(n // 2 + 1):
        at, mirrored = 2 * WIDTH * plan.order[k], 2 * WIDTH * plan.order[-k]
        here, there = spectrum(rows, at, mirrored, split, k)
        for part in range(2):
            store(out, WIDTH * (part * (n + 1) + k), here[part])
            store(out, WIDTH * (part * (n + 1) + n - k), there[part])
        signal(rows, at, mirrored, split, k, here, there)


def rows_of(plan, signals, filled):
    """Complex signals (n, lanes) as rows; what nobody may read is NaN."""
    x = aligned(plan.size, 2 * WIDTH)
    x[:] = np.nan
    x[:filled] = 0
    n = min(len(signals), filled)
    x[:n, :WIDTH], x[:n, WIDTH:] = signals[:n].real, signals[:n].imag
    return x


def complex_of(x):
    return x[:, :WIDTH] + 1j * x[:, WIDTH:]


def noise(n, seed=0):
    parts = np.random.default_rng(seed).standard_normal((2, n, WIDTH))
    return (parts[0] + 1j * parts[1]).astype(np.complex64)


def apart(found, wanted):
    return abs(found - wanted).max() / abs(wanted).max()


@pytest.mark.parametrize("n", SMOOTH + ROUGH)
@pytest.mark.parametrize("share", [1.0, 0.5, 0.2])
def test_it_is_the_fourier_transform(n, share):
    plan, used = plan_for(n), max(int(share * n), 1)
    signals = noise(n)
    signals[used:] = 0
    x = rows_of(plan, signals, rows_in(plan, used))
    run(x, plan, 0, used, n, aligned(scratch_size(plan)))
    assert apart(complex_of(x)[plan.order], np.fft.fft(signals.astype(complex), axis=0)) < 1e-6


@pytest.mark.parametrize("n", SMOOTH + ROUGH)
@pytest.mark.parametrize("share", [1.0, 0.5, 0.2])
def test_backwards_only_what_is_wanted(n, share):
    plan, used, spectra = plan_for(n), max(int(share * n), 1), noise(n, seed=1)
    x = rows_of(plan, spectra, 0)
    x[plan.order, :WIDTH], x[plan.order, WIDTH:] = spectra.real, spectra.imag
    run(x, plan, 1, n, used, aligned(scratch_size(plan)))
    assert apart(complex_of(x)[:used], n * np.fft.ifft(spectra.astype(complex), axis=0)[:used]) < 1e-6


@pytest.mark.parametrize("n", [1, 2, 3, 7, 16, 30, 225, 331, 1000, 2000])
def test_spectra_of_real_frames(n):
    plan = plan_for(n)
    frames = np.random.default_rng(2).standard_normal((2 * n, WIDTH)).astype(np.float32)
    x = rows_of(plan, frames[::2] + 1j * frames[1::2], rows_in(plan, n))
    run(x, plan, 0, n, n, aligned(scratch_size(plan)))
    before, spectra = x.copy(), aligned(2, n + 1, WIDTH)
    both_ways(x, plan, spectra)
    assert apart(spectra[0] + 1j * spectra[1], np.fft.rfft(frames.astype(float), axis=0)) < 1e-6
    assert apart(x[plan.order], before[plan.order]) < 1e-6


@pytest.mark.parametrize("n", [2000, 331])
def test_a_lane_does_not_hear_its_neighbours(n):
    plan, signals, others = plan_for(n), noise(n), noise(n, seed=3)
    others[:, 5] = signals[:, 5]
    found = []
    for some in (signals, others):
        x = rows_of(plan, some, rows_in(plan, n))
        run(x, plan, 0, n, n, aligned(scratch_size(plan)))
        found.append(complex_of(x)[plan.order, 5])
    assert np.array_equal(*found)


def test_as_few_factors_as_possible():
    assert factors_of(2000) == [5, 5, 5, 4, 4] and factors_of(96) == [4, 4, 3, 2]
    assert factors_of(1) == [] and factors_of(14) is None
    for n in SMOOTH:
        plan = plan_for(n)
        assert plan.size == n == plan.rows * plan.columns and not len(plan.chirp)
        assert sorted(plan.order) == list(range(n))


def test_vectors_calculate_like_numpy():
    @numba.njit
    def every_operation(a, b, out):
        x, y, w = load(address(a), 0), load(address(b), 0), read(address(b), 3)
        results = (x + y, x - y, x * y, x / y, x * w, w - x, larger(x, y), smaller(x, y), root(y * y), fill(w))
        for i, result in enumerate(numba.literal_unroll(results)):
            store(address(out), WIDTH * i, result)
        write(address(out), WIDTH * 10, w)

    a, b = np.random.default_rng(4).standard_normal((2, WIDTH)).astype(np.float32)
    out = aligned(11, WIDTH)
    every_operation(a, b, out)
    w = np.full(WIDTH, b[3])
    wanted = [a + b, a - b, a * b, a / b, a * w, w - a, np.maximum(a, b), np.minimum(a, b), np.sqrt(b * b), w]
    assert np.array_equal(out[:10], wanted)
    assert out[10, 0] == b[3] and not out[10, 1:].any()
    assert out.ctypes.data % 64 == 0
