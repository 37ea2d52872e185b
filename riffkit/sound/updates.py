"""The inner loops of the inversion, compiled: frames out of the sound and back into it, and what happens to their spectra.

Rounds take eight frames at a time through window, FFT, correction and inverse FFT, side by side in the lanes of
`fourier.py`, so that every filter weight meets whole vectors; all cores do so together (`crew.py`).
"""

from collections import namedtuple

import numba
import numpy as np

from .attacks import N_BANDS
from .crew import meet, take
from .fourier import ROW, compiled, inlined, rows_in, signal, spectrum, transform
from .lanes import WIDTH, address, fill, larger, load, read, root, smaller, store, write

STRETCH = 16  # samples of a frame at a time: of all lanes they fit eight cache lines
PIECE = 4096  # samples that one thread adds up at a time
LOUDER = np.float32(100)  # no magnitude grows more at once
TINY = np.float32(1e-30)

# All that rounds need, for compiled code. Groups of up to 8 frames, those of part p from part_starts[p] on: numbers of
# their frames (the last repeated), how many, first sample, samples reached. sounds: two, in turn, the one of now first.
# gains, stays (n_parts, n_samples): what the overlapped windows of a part are multiplied by, and how much of the sound
# before stays. mel, least (n_groups, n_mels, 8): wanted magnitudes, and what `prior` makes the smallest from; if empty,
# magnitudes (n_groups, n_bins, 8) are fixed. previous (n_groups, rows, 16): spectra of the round before.
# front, back: samples that mirror others, the latter read `back_whole` earlier with `back_weights`.
Work = namedtuple(
    "Work",
    "plan hop window part_starts frames counts places lengths sounds period gains stays mel least magnitudes previous "
    "momentum floor filters back prior pull bands ratios mirror_front mirror_back back_whole back_weights pieces "
    "spectra sizes corrections scratch",
)


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def gather(sound, places, window, frames):
    """frames[t] = window * sound from places[t] on, going round at the end."""
    period = len(sound)
    for t in range(len(places)):
        a = places[t] % period
        n = min(len(window), period - a)
        for i in range(n):
            frames[t, i] = sound[a + i] * window[i]
        for i in range(n, len(window)):
            frames[t, i] = sound[a + i - period] * window[i]


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def overlap(frames, places, window):
    """The frames, windowed and added, each at its place; the first sample of the sum belongs to places[0]."""
    out = np.zeros(places[-1] - places[0] + len(window), np.float32)
    for t in range(len(places)):
        a = places[t] - places[0]
        for i in range(len(window)):
            out[a + i] += frames[t, i] * window[i]
    return out


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def add_round(sound, start, piece):
    """sound[start:] += piece, going round at the end."""
    period, done = len(sound), 0
    a = start % period
    while done < len(piece):
        n = min(len(piece) - done, period - a)
        for i in range(n):
            sound[a + i] += piece[done + i]
        done += n
        a = 0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def window_gain(places, squared, usual, length, period):
    """1 / the sum of squared windows at all places; with a period, those that reach over the end come round.

    Every sample adds its windows in the order of time, so that equal surroundings give equal bits. Where the sum is
    less than a twentieth of the `usual`, the gain falls to zero; the second array says what is then missing from 1.
    """
    total = np.zeros(length)
    for turn in range(1 if period == 0 else 2):
        shift = 0 if period == 0 else (turn - 1) * period
        for place in places:
            a = place + shift
            start = max(-a, 0)
            n = min(len(squared), length - a) - start
            if n > 0:
                into, window = total[a + start : a + start + n], squared[start : start + n]
                for i in range(n):
                    into[i] += window[i]
    gain, missing = np.empty(length, np.float32), np.empty(length, np.float32)
    for i in range(length):
        covered = min(total[i] / (0.05 * usual), 1.0)
        gain[i] = covered / max(total[i], 1e-3 * usual)
        missing[i] = 1.0 - covered
    return gain, missing


@compiled
def _gather_group(sound, work, group, x):
    """Windowed frames of a group into the rows of x, one lane each; zeros below where the transform expects them."""
    window, n_samples, hop, frames = len(work.window), len(sound), work.hop, work.frames
    start, weights, zero = address(sound), address(work.window), fill(np.float32(0))
    for row in range(window // 2, rows_in(work.plan, (window + 1) // 2)):
        store(x, ROW * row, zero)
        store(x, ROW * row + WIDTH, zero)
    for first in range(0, window, STRETCH):
        n, into = min(STRETCH, window - first), WIDTH * first
        for lane in range(WIDTH):
            a = frames[group, lane] * hop + first
            if a + n <= n_samples:
                for i in range(n):
                    write(x, into + WIDTH * i + lane, read(start, a + i) * read(weights, first + i))
            else:
                for i in range(n):
                    write(x, into + WIDTH * i + lane, read(start, (a + i) % n_samples) * read(weights, first + i))


@compiled
def _overlap_group(work, group, x, piece):
    """The rows of x, windowed and added, each lane at the place of its frame."""
    window, n, scale = len(work.window), work.counts[group], np.float32(1 / work.plan.n)
    hop, frames = work.hop, work.frames
    weights, out = address(work.window), address(piece)
    for i in range(work.lengths[group]):
        piece[i] = 0
    for first in range(0, window, STRETCH):
        m = min(STRETCH, window - first)
        for lane in range(n):
            a = (frames[group, lane] - frames[group, 0]) * hop + first
            for i in range(m):
                value = read(x, WIDTH * (first + i) + lane) * (read(weights, first + i) * scale)
                write(out, a + i, read(out, a + i) + value)


@compiled
def _weigh(x, plan, sizes):
    """Magnitudes of the spectra, bin by bin."""
    order, split = plan.order, address(plan.split)
    for k in range(plan.n // 2 + 1):
        here, there = spectrum(x, ROW * order[k], ROW * order[-k], split, k)
        store(sizes, WIDTH * k, root(here[0] * here[0] + here[1] * here[1]))
        store(sizes, WIDTH * (plan.n - k), root(there[0] * there[0] + there[1] * there[1]))


@inlined
def _weighted_sum(starts, columns, weights, row, values):
    """One row of a sparse matrix times values."""
    total = fill(np.float32(0))
    for e in range(starts[row], starts[row + 1]):
        total = total + load(values, WIDTH * columns[e]) * weights[e]
    return total


@compiled
def _compare(work, group, sizes, corrections, energies):
    """How much louder each mel should be, and wanted over present energy in the bands of attacks.py."""
    floor, zero, loudest = fill(work.floor), fill(np.float32(0)), fill(LOUDER)
    mel, bands = address(work.mel[group]), work.bands
    starts, columns, weights = work.filters
    for b in range(2 * N_BANDS):
        store(energies, WIDTH * b, floor * floor)
    for j in range(len(bands)):
        now = larger(_weighted_sum(starts, columns, weights, j, sizes), zero)
        wanted = load(mel, WIDTH * j)
        store(corrections, WIDTH * j, smaller((wanted + floor) / (now + floor), loudest))
        now, wanted = now * now, wanted * wanted
        for b in range(N_BANDS):
            part, at = bands[j, b], 2 * WIDTH * b
            store(energies, at, load(energies, at) + wanted * part)
            store(energies, at + WIDTH, load(energies, at + WIDTH) + now * part)
    for lane in range(work.counts[group]):
        for b in range(N_BANDS):
            at = 2 * WIDTH * b + lane
            work.ratios[work.frames[group, lane], b] = read(energies, at) / read(energies, at + WIDTH)


@compiled
def _correct(work, group, sizes, corrections):
    """Magnitudes one step nearer to the mel.

    The step is multiplicative (Kullback-Leibler, Lee & Seung 2001): |R| A'(mel / A|R|) / A'1. Where filters are wide,
    it is then drawn towards the smallest magnitudes that give the mel (`pull` of the way).
    """
    least, pulls, zero, one = address(work.least[group]), work.pull, fill(np.float32(0)), np.float32(1)
    starts, columns, weights = work.back
    prior_starts, prior_columns, prior_weights = work.prior
    for k in range(len(pulls)):
        pull, at = pulls[k], WIDTH * k
        size = load(sizes, at) * _weighted_sum(starts, columns, weights, k, corrections)
        if pull > 0:
            smallest = larger(_weighted_sum(prior_starts, prior_columns, prior_weights, k, least), zero)
            size = size * (one - pull) + smallest * pull
        store(sizes, at, size)


@inlined
def _ahead(x, previous, at, momentum):
    """A row with momentum, in its place; `previous` gets it without."""
    for half in range(2):
        now, before = load(x, at + WIDTH * half), load(previous, at + WIDTH * half)
        store(previous, at + WIDTH * half, now)
        store(x, at + WIDTH * half, now + (now - before) * momentum)


@inlined
def _sized(z, size):
    """Complex numbers of this size."""
    scale = size / root(z[0] * z[0] + z[1] * z[1] + fill(TINY))
    return z[0] * scale, z[1] * scale


@compiled
def _advance(x, plan, sizes, previous, momentum):
    """These magnitudes, with the phase of the spectra with momentum."""
    order, split, n = plan.order, address(plan.split), plan.n
    for k in range(n // 2 + 1):
        at, mirrored = ROW * order[k], ROW * order[-k]
        _ahead(x, previous, at, momentum)
        if mirrored != at:
            _ahead(x, previous, mirrored, momentum)
        here, there = spectrum(x, at, mirrored, split, k)
        here, there = _sized(here, load(sizes, WIDTH * k)), _sized(there, load(sizes, WIDTH * (n - k)))
        signal(x, at, mirrored, split, k, here, there)


@compiled
def _visit(work, group, sound, momentum, piece, me):
    """Take the frames of a group out of the sound, correct them, and lay them into `piece`."""
    plan, rows = work.plan, (len(work.window) + 1) // 2
    x, sizes, corrections = address(work.spectra[me]), address(work.sizes[me]), address(work.corrections[me])
    scratch = address(work.scratch[me])
    forward = 0 * rows  # as a variable: numba would compile everything anew for a constant
    _gather_group(sound, work, group, x)
    transform(x, plan, forward, rows, plan.n, scratch)
    if len(work.mel):
        _weigh(x, plan, sizes)
        _compare(work, group, sizes, corrections, scratch)
        _correct(work, group, sizes, corrections)
    else:
        sizes = address(work.magnitudes[group])
    _advance(x, plan, sizes, address(work.previous[group]), momentum)
    transform(x, plan, forward + 1, plan.n, rows, scratch)
    _overlap_group(work, group, x, piece)


@compiled
def _mirror(sound, work):
    """Beyond its ends the sound is mirrored, as it was for the windows of the forward transform."""
    for i in range(len(work.mirror_front)):
        sound[i] = sound[work.mirror_front[i]]
    n = len(work.mirror_back)
    for i in range(n):  # what is read lies before what is written
        place, total = work.mirror_back[i] - work.back_whole, np.float32(0)
        for tap in range(4):
            if work.back_weights[tap] != 0:
                total += work.back_weights[tap] * sound[place + tap - 1]
        sound[len(sound) - n + i] = total


@compiled
def _add_up(work, part, first, last, before, after):
    """Samples first to last: all pieces that reach there in the order of time, then gain, then what stays."""
    for i in range(first, last):
        after[i] = 0
    begin, end = work.part_starts[part], work.part_starts[part + 1]
    for turn in range(1 if work.period else 0, -1, -1):  # what comes round from the end is earlier
        for group in range(begin, end):
            place = work.places[group] - turn * work.period
            a, b = max(first, place), min(last, place + work.lengths[group])
            if a < b:
                piece = work.pieces[group - begin, a - place : b - place]
                for i in range(b - a):
                    after[a + i] += piece[i]
    gain, stays = work.gains[part], work.stays[part]
    for i in range(first, last):
        after[i] = after[i] * gain[i] + stays[i] * before[i]


@compiled
def play_rounds(me, n_threads, counters, work, n_rounds, now, begun):
    """Rounds on all threads, see `Rounds.iterate`; each goes from sounds[now] to the other and so on.

    Of counters every part of every round takes two stages. Without `begun` the first round has no momentum.
    """
    n_parts = len(work.part_starts) - 1
    n_samples = work.sounds.shape[1]
    if me == 0:
        _mirror(work.sounds[now], work)
    if not meet(counters, n_threads):
        return
    for r in range(n_rounds):
        for part in range(n_parts):
            before, after = work.sounds[now], work.sounds[1 - now]
            stage = 2 * (r * n_parts + part)
            first, last = work.part_starts[part], work.part_starts[part + 1]
            while True:
                group = first + take(counters, stage)
                if group >= last:
                    break
                momentum = work.momentum if begun or r > 0 else np.float32(0)
                _visit(work, group, before, momentum, work.pieces[group - first], me)
            if not meet(counters, n_threads):
                return
            while True:
                sample = PIECE * take(counters, stage + 1)
                if sample >= n_samples:
                    break
                _add_up(work, part, sample, min(sample + PIECE, n_samples), before, after)
            if not meet(counters, n_threads):
                return
            now = 1 - now
            if me == 0 and not (r == n_rounds - 1 and part == n_parts - 1):
                _mirror(work.sounds[now], work)
            if not meet(counters, n_threads):
                return
