"""The rounds of the inversion, compiled: eight frames at a time out of the sound, their spectra corrected, and back.

Rounds take eight frames at a time through window, FFT, correction and inverse FFT, side by side in the lanes of fft.py,
so that every filter weight meets whole vectors; all cores do so together (threads.py).
"""

import numpy as np

from riffkit.sound.inversion.kernels.build import compiled, inlined
from riffkit.sound.inversion.kernels.fft import rows_in, signal, spectrum, transform
from riffkit.sound.inversion.kernels.radix import ROW
from riffkit.sound.inversion.kernels.simd import (
    WIDTH,
    Complex,
    Vector,
    address,
    fill,
    larger,
    load,
    read,
    root,
    smaller,
    store,
    write,
)
from riffkit.sound.inversion.kernels.threads import meet, take
from riffkit.sound.inversion.kernels.work import N_BANDS, Sparse, Work

STRETCH = 16  # samples of a frame at a time: of all lanes they fit eight cache lines
PIECE = 4096  # samples that one thread adds up at a time
LOUDER = np.float32(100)  # no magnitude grows more at once
TINY = np.float32(1e-30)


@compiled
def _gather_lanes(sound: np.ndarray, frames: np.ndarray, hop: int, window: np.ndarray, n_rows: int, x: int) -> None:
    """Windowed frames into the rows of x, one lane each; zeros below, up to row `n_rows`."""
    n_window, n_samples = len(window), len(sound)
    start, weights, zero = address(sound), address(window), fill(np.float32(0))
    for row in range(n_window // 2, n_rows):
        store(x, ROW * row, zero)
        store(x, ROW * row + WIDTH, zero)
    for first in range(0, n_window, STRETCH):
        n, into = min(STRETCH, n_window - first), WIDTH * first
        for lane in range(WIDTH):
            a = frames[lane] * hop + first
            for i in range(n):
                if a + i >= n_samples:  # round the end, which is later than any window is long
                    a -= n_samples
                write(x, into + WIDTH * i + lane, read(start, a + i) * read(weights, first + i))


@compiled
def _overlap_lanes(
    x: int,
    frames: np.ndarray,
    count: int,
    hop: int,
    window: np.ndarray,
    scale: np.float32,
    piece: np.ndarray,
    length: int,
) -> None:
    """The rows of x, windowed, scaled and added, each lane at the place of its frame."""
    n_window, weights, out = len(window), address(window), address(piece)
    for i in range(length):
        piece[i] = 0
    for first in range(0, n_window, STRETCH):
        n = min(STRETCH, n_window - first)
        for lane in range(count):
            a = (frames[lane] - frames[0]) * hop + first
            for i in range(n):
                value = read(x, WIDTH * (first + i) + lane) * (read(weights, first + i) * scale)
                write(out, a + i, read(out, a + i) + value)


@compiled
def _weigh(x: int, n: int, order: np.ndarray, split: int, sizes: int) -> None:
    """Magnitudes of the spectra, bin by bin."""
    for k in range(n // 2 + 1):
        here, there = spectrum(x, ROW * order[k], ROW * order[-k], split, k)
        store(sizes, WIDTH * k, root(here[0] * here[0] + here[1] * here[1]))
        store(sizes, WIDTH * (n - k), root(there[0] * there[0] + there[1] * there[1]))


@inlined
def _weighted_sum(starts: np.ndarray, columns: np.ndarray, weights: np.ndarray, row: int, values: int) -> Vector:
    """One row of a sparse matrix times values."""
    total = fill(np.float32(0))
    for e in range(starts[row], starts[row + 1]):
        total = total + load(values, WIDTH * columns[e]) * weights[e]
    return total


@compiled
def _compare(
    sizes: int, mel: int, filters: Sparse, floor: np.float32, bands: np.ndarray, corrections: int, energies: int
) -> None:
    """How much louder each mel should be, and wanted and present energy in each of the bands of transients.py."""
    lowest, zero, loudest = fill(floor), fill(np.float32(0)), fill(LOUDER)
    starts, columns, weights = filters
    for b in range(2 * N_BANDS):
        store(energies, WIDTH * b, lowest * lowest)
    for j in range(len(bands)):
        now = larger(_weighted_sum(starts, columns, weights, j, sizes), zero)
        wanted = load(mel, WIDTH * j)
        store(corrections, WIDTH * j, smaller((wanted + lowest) / (now + lowest), loudest))
        now, wanted = now * now, wanted * wanted
        for b in range(N_BANDS):
            part, at = bands[j, b], 2 * WIDTH * b
            store(energies, at, load(energies, at) + wanted * part)
            store(energies, at + WIDTH, load(energies, at + WIDTH) + now * part)


@compiled
def _correct(sizes: int, corrections: int, back: Sparse, least: int, prior: Sparse, pulls: np.ndarray) -> None:
    """Magnitudes one step nearer to the mel.

    The step is multiplicative (Kullback-Leibler, Lee & Seung 2001): |R| A'(mel / A|R|) / A'1. Where filters are wide,
    it is then drawn towards the smallest magnitudes that give the mel (`pulls`: how much of the way).
    """
    zero, one = fill(np.float32(0)), np.float32(1)
    starts, columns, weights = back
    prior_starts, prior_columns, prior_weights = prior
    for k in range(len(pulls)):
        pull, at = pulls[k], WIDTH * k
        size = load(sizes, at) * _weighted_sum(starts, columns, weights, k, corrections)
        if pull > 0:
            smallest = larger(_weighted_sum(prior_starts, prior_columns, prior_weights, k, least), zero)
            size = size * (one - pull) + smallest * pull
        store(sizes, at, size)


@inlined
def _ahead(x: int, previous: int, at: int, momentum: np.float32) -> None:
    """A row with momentum, in its place; `previous` gets it without."""
    for half in range(2):
        now, before = load(x, at + WIDTH * half), load(previous, at + WIDTH * half)
        store(previous, at + WIDTH * half, now)
        store(x, at + WIDTH * half, now + (now - before) * momentum)


@inlined
def _sized(z: Complex, size: Vector) -> Complex:
    """Complex numbers of this size."""
    scale = size / root(z[0] * z[0] + z[1] * z[1] + fill(TINY))
    return z[0] * scale, z[1] * scale


@compiled
def _advance(x: int, n: int, order: np.ndarray, split: int, sizes: int, previous: int, momentum: np.float32) -> None:
    """These magnitudes, with the phase of the spectra with momentum."""
    for k in range(n // 2 + 1):
        at, mirrored = ROW * order[k], ROW * order[-k]
        _ahead(x, previous, at, momentum)
        if mirrored != at:
            _ahead(x, previous, mirrored, momentum)
        here, there = spectrum(x, at, mirrored, split, k)
        here, there = _sized(here, load(sizes, WIDTH * k)), _sized(there, load(sizes, WIDTH * (n - k)))
        signal(x, at, mirrored, split, k, here, there)


@compiled
def _mirror(sound: np.ndarray, front: np.ndarray, back: np.ndarray, whole: int, weights: np.ndarray) -> None:
    """Beyond its ends the sound is mirrored, as it was for the windows of the forward transform."""
    for i in range(len(front)):
        sound[i] = sound[front[i]]
    n = len(back)
    for i in range(n):  # what is read lies before what is written
        place, total = back[i] - whole, np.float32(0)
        for tap in range(4):
            if weights[tap] != 0:
                total += weights[tap] * sound[place + tap - 1]
        sound[len(sound) - n + i] = total


@compiled
def _add_up(
    pieces: np.ndarray,
    places: np.ndarray,
    lengths: np.ndarray,
    period: int,
    gain: np.ndarray,
    stays: np.ndarray,
    first: int,
    last: int,
    before: np.ndarray,
    after: np.ndarray,
) -> None:
    """Samples first to last: all pieces that reach there in the order of time, then gain, then what stays."""
    for i in range(first, last):
        after[i] = 0
    for turn in range(1 if period else 0, -1, -1):  # what comes round from the end is earlier
        for group in range(len(places)):
            place = places[group] - turn * period
            a, b = max(first, place), min(last, place + lengths[group])
            for i in range(a, b):
                after[i] += pieces[group, i - place]
    for i in range(first, last):
        after[i] = after[i] * gain[i] + stays[i] * before[i]


@compiled
def play_rounds(me: int, n_threads: int, counters: np.ndarray, work: Work, n_rounds: int, begun: bool) -> None:
    """Iterate on all threads, see `Rounds.iterate`; the rounds go from sounds[0] to sounds[1] and so on.

    Parameters
    ----------
    me, n_threads : int
        Which thread this is, of how many.
    counters : np.ndarray
        Every part of every round takes two stages of them.
    work : Work
    n_rounds : int
    begun : bool
        False: the first round has no momentum.
    """
    n_parts, n_samples, n_window = len(work.part_starts) - 1, work.sounds.shape[1], len(work.window)
    plan, window, hop = work.plan, work.window, work.hop
    rows = (n_window + 1) // 2
    n_rows, split, scale = rows_in(plan, rows), address(plan.split), np.float32(1 / plan.n)
    x, scratch, corrections = address(work.spectra[me]), address(work.scratch[me]), address(work.corrections[me])
    forward, now = 0 * rows, 0 * rows  # as variables: numba would compile everything anew for a constant
    if me == 0:
        _mirror(work.sounds[0], work.mirror_front, work.mirror_back, work.back_whole, work.back_weights)
    if not meet(counters, n_threads):
        return
    for r in range(n_rounds):
        momentum = work.momentum if begun or r > 0 else np.float32(0)
        for part in range(n_parts):
            before, after = work.sounds[now], work.sounds[1 - now]
            stage = 2 * (r * n_parts + part)
            first, last = work.part_starts[part], work.part_starts[part + 1]
            while True:
                group = first + take(counters, stage)
                if group >= last:
                    break
                frames, count = work.frames[group], work.counts[group]
                _gather_lanes(before, frames, hop, window, n_rows, x)
                transform(x, plan, forward, rows, plan.n, scratch)
                if len(work.mel):
                    sizes = address(work.sizes[me])
                    _weigh(x, plan.n, plan.order, split, sizes)
                    mel, least = address(work.mel[group]), address(work.least[group])
                    _compare(sizes, mel, work.filters, work.floor, work.bands, corrections, scratch)
                    for lane in range(count):
                        for b in range(N_BANDS):
                            at = 2 * WIDTH * b + lane
                            work.ratios[frames[lane], b] = read(scratch, at) / read(scratch, at + WIDTH)
                    _correct(sizes, corrections, work.back, least, work.prior, work.pull)
                else:
                    sizes = address(work.magnitudes[group])
                _advance(x, plan.n, plan.order, split, sizes, address(work.previous[group]), momentum)
                transform(x, plan, forward + 1, plan.n, rows, scratch)
                _overlap_lanes(x, frames, count, hop, window, scale, work.pieces[group - first], work.lengths[group])
            if not meet(counters, n_threads):
                return
            places, lengths = work.places[first:last], work.lengths[first:last]
            while True:
                sample = PIECE * take(counters, stage + 1)
                if sample >= n_samples:
                    break
                end = min(sample + PIECE, n_samples)
                gain, stays = work.gains[part], work.stays[part]
                _add_up(work.pieces, places, lengths, work.period, gain, stays, sample, end, before, after)
            if not meet(counters, n_threads):
                return
            now = 1 - now
            if me == 0 and stage + 2 < 2 * n_rounds * n_parts:
                _mirror(after, work.mirror_front, work.mirror_back, work.back_whole, work.back_weights)
            if not meet(counters, n_threads):
                return
