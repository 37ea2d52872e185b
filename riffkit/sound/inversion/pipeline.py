"""Mel magnitudes to sound: magnitudes, phase, and iterations that better both together.

1. The smallest magnitudes that give the mel, by a tridiagonal solve (grid.py).
2. Phase by integrating its gradient (phase.py, guess.py); at hard ends, partials are turned until they agree with their
   mirror image there (mirror.py).
3. Iterations (rounds.py): make the spectrogram consistent (to sound and back, with momentum), and correct its
   magnitudes by one step towards the mel. Plain Griffin-Lim keeps the magnitudes of step 1 instead.
   The lower quarter of the frequencies holds most of the energy of music, and costs a quarter of the work at a quarter
   of the rate: it goes through steps 1 to 3 for itself first, while another core integrates the phase above.
4. The inner 20 kHz sound to the clip's rate, through the bins both grids share.

Long clips go through in chunks that overlap by as much as the iterations reach: the samples are those of one go.
"""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from riffkit.progress import report
from riffkit.sound.clip import LOUDEST, Clip
from riffkit.sound.inversion.iterations import BLOCK, Rounds, blocks_of, n_parts
from riffkit.sound.inversion.operators import grid_for, lower_rows
from riffkit.sound.inversion.phase import Guess
from riffkit.sound.inversion.transients import HALO
from riffkit.sound.mel import n_workers

ITERATIONS = {"fast": 2, "default": 4, "best": 14, "griffin-lim": 32, "pghi": 0}
CHUNK = 16  # blocks of 256 frames inverted together: 41 s
QUIETEST = 1e-30  # magnitudes below are silence
UNINTERRUPTED = 16  # iterations at most, while nobody asks for progress
SHARED = 3  # bins below the top of the lower part that are left to the upper one


def clip_from_mel(
    mel, params, *, periodic=False, quality="default", seed=0, iterations=None, device="cpu", progress=None
):
    """Find a sound whose mel magnitudes are these.

    Lossy: the mel says nothing about phase and little about what lies between its bands.

    Parameters
    ----------
    mel : np.ndarray [shape=(channels, n_mels, n_frames) or (n_mels, n_frames), >= 0]
        As from `mel_from_clip`.
    params : SpectrogramParams
        What the mel was made with.
    periodic : bool
        Time is a circle: the clip has n_frames * hop_length samples and repeats without a seam. Otherwise it has
        (n_frames - 1) * hop_length.
    quality : str
        "fast", "default" or "best": 2, 4 or 14 joint iterations (and 6, 10 or 30 for the lower quarter of the
        frequencies). For comparison: "pghi" (phase integration alone) and
        "griffin-lim" (32 iterations from random phase with fixed magnitudes, the way of Riffusion).
    seed : int
        For the phase of what is too quiet to matter (all of it with "griffin-lim"). Same seed, same samples.
    iterations : int or None
        Another number of iterations than the quality's own; 0 stops after the first phase.
    device : str
        "cpu" (all cores, scipy and numba), or where torch should iterate, such as "cuda" (not tried on a GPU yet; the
        same code runs under torch on the CPU in the tests).
    progress : callable or None
        Gets `(step, total, None)`; return False to stop with `Cancelled`.

    Returns
    -------
    Clip

    Raises
    ------
    ValueError
        If the mel has another shape than `params` says, holds NaN, infinity or negative values.
    riffkit.progress.Cancelled
        If `progress` returned False.

    References
    ----------
    Prusa et al., IEEE TASLP 2017 (phase); Perraudin et al., WASPAA 2013 (momentum); Masuyama et al., arXiv 2307.12232
    (magnitudes and phase together). Taught in notebooks/01_spectrogram_encoding.ipynb.
    """
    mel = check_mel(mel, params)

    def columns(channel):
        return lambda first, last: mel[channel, :, first:last]

    return invert(
        [columns(c) for c in range(mel.shape[0])],
        mel.shape[2],
        params,
        periodic=periodic,
        quality=quality,
        seed=seed,
        iterations=iterations,
        device=device,
        progress=progress,
    )


def check_mel(mel, params):
    """`mel` as float32 (channels, n_mels, n_frames), or the ValueError that says what is wrong with it."""
    mel = np.asarray(mel)
    if mel.dtype.kind not in "fiu":
        raise TypeError(f"mel has type {mel.dtype}; expected real numbers")
    mel = mel[None] if mel.ndim == 2 else mel
    if mel.ndim != 3 or mel.shape[1] != params.n_mels or 0 in mel.shape:
        raise ValueError(f"mel has shape {mel.shape}; expected (channels, {params.n_mels}, n_frames), none of them 0")
    with np.errstate(over="ignore"):
        mel = mel.astype(np.float32, copy=False)
    low, high = float(mel.min()), float(mel.max())
    if not (low >= 0 and high < 1e12):  # NaN fails both
        raise ValueError(f"mel goes from {low} to {high}; expected finite magnitudes from 0 to 1e12, without NaN")
    return mel


def invert(sources, n_frames, params, *, periodic, quality, seed, iterations, device, progress, ceiling=LOUDEST):
    """`clip_from_mel` for mels that need not lie in memory: one `columns(first, last)` callable per channel.

    A `ceiling` turns down what is louder; None sets the peak to -1 dBFS.
    """
    if quality not in ITERATIONS:
        raise ValueError(f"quality is {quality!r}; expected one of {', '.join(ITERATIONS)}")
    iterations = ITERATIONS[quality] if iterations is None else iterations
    if not 0 <= iterations <= 10000:
        raise ValueError(f"iterations is {iterations}; expected 0 to 10000")
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool):
        raise TypeError(f"seed is {seed!r}; expected a whole number")
    n_samples = n_frames * params.hop_length if periodic else max(n_frames - 1, 1) * params.hop_length
    samples = np.zeros((len(sources), n_samples), np.float32)
    for channel, columns in enumerate(sources):
        _Inversion(columns, n_frames, params, periodic, quality, int(seed), iterations, device).run(
            samples[channel], progress, channel, len(sources)
        )
    for first in range(0, n_samples, 1 << 22):  # a part at a time: the masks of an hour would take half a gigabyte
        np.nan_to_num(samples[:, first : first + (1 << 22)], copy=False, posinf=0, neginf=0)
    peak = max(float(samples.max()), -float(samples.min()))
    wanted = 10 ** (-1 / 20) if ceiling is None else min(peak, ceiling)
    if peak > 0 and peak != wanted:
        samples *= np.float32(wanted / peak)
    return Clip(samples, params.sample_rate)


class _Inversion:
    """One channel on its way from mel to sound; holds what the chunks share."""

    def __init__(self, columns, n_frames, params, periodic, quality, seed, iterations, device):
        self.grid = grid_for(params)
        self.params, self.iterations, self.device = params, iterations, device
        integrated = quality != "griffin-lim"
        self.joint = integrated and self.grid.resolved  # else the corrections swing instead of settling
        repeats = 1
        if periodic:  # the circle must be longer than a window
            repeats = max(1, -(-2 * self.grid.window // (self.grid.hop * n_frames)))
        if repeats > 1:
            one_turn = np.tile(columns(0, n_frames), (1, repeats))
            columns = lambda first, last: one_turn[:, first:last]  # noqa: E731
        self.n_frames, self.periodic = n_frames * repeats, periodic
        self.blocks = blocks_of(self.n_frames)
        top = max(float(columns(*block).max()) for block in self.blocks)
        self.silent = top < QUIETEST
        # inside, the loudest magnitude lies between 1/2 and 1: squares stay far from the ends of float32
        self.scale = 2.0 ** -math.frexp(top)[1] if not self.silent else 1.0
        self.top = top * self.scale
        self.columns = lambda first, last: columns(first, last) * np.float32(self.scale)
        self.margin = self._margin()
        self.low = _LowerPart(self, seed) if self.joint and iterations and _LowerPart.fits(params) else None
        self.guess = Guess(
            self.grid,
            self.columns,
            self.blocks,
            self.top,
            periodic=periodic,
            seed=seed,
            first_bin=self.low.n_bins if self.low else 0,
            ahead=CHUNK + 2 * self.margin,
            integrated=integrated,
        )

    def _margin(self):
        """Blocks on both sides of a chunk that its samples depend on."""
        passes = self.iterations * (n_parts(self.grid) if self.joint else 1) + 2
        if self.joint and self.iterations:
            passes += _LowerPart.rounds_for(self.iterations) * n_parts(self.grid) + 2
        reach = -(-self.grid.window // self.grid.hop) * passes
        reach += len(self._sharpened()) * (BLOCK // 2 + HALO)
        return -(-reach // (BLOCK - 8))  # blocks of long sounds differ by a few frames

    def run(self, out, progress, channel, n_channels):
        n_blocks = len(self.blocks)
        one_go = n_blocks <= CHUNK + 2 * self.margin
        size = n_blocks if one_go else CHUNK
        margin = 0 if one_go else self.margin
        chunks = list(range(0, n_blocks, size))
        if self.periodic and not one_go:  # the first chunk reaches back into the last blocks: invert it at the end
            chunks = [*chunks[1:], chunks[0]]
        steps = self.iterations + 1
        total = len(chunks) * n_channels * steps
        for i, start in enumerate(chunks):
            step = (channel * len(chunks) + i) * steps
            end = min(start + size, n_blocks)
            if self.periodic:
                wanted = [b % n_blocks for b in range(start - margin, end + margin)]
            else:
                wanted = list(range(max(start - margin, 0), min(end + margin, n_blocks)))
            skipped = margin if self.periodic else start - wanted[0]
            tell = None if progress is None else lambda k, s=step: report(progress, s + k, total)
            self._chunk(wanted, skipped, end - start, one_go, out, tell)

    def _chunk(self, wanted, skipped, kept, one_go, out, tell):
        """Invert the blocks `wanted` and write the samples of the `kept` ones after the `skipped` ones into `out`."""
        if tell:
            tell(0)
        first, last = self.blocks[wanted[skipped]][0], self.blocks[wanted[skipped + kept - 1]][1]
        if self.silent:
            return
        place = {
            "circular": self.periodic and one_go,
            "begins": not self.periodic and wanted[0] == 0,
            "ends": not self.periodic and wanted[-1] == len(self.blocks) - 1,
        }
        meet = self.joint and (self.low is None or self.iterations >= ITERATIONS["default"])  # 4 ms for the last .1 dB
        with self.rounds(self.grid, self.params, wanted, joint=self.joint, meet_mirror=meet, **place) as rounds:
            rounds.begin(self._first_spectra(rounds, wanted, place))
            done = 0
            for stop in self._stops(one_by_one=tell is not None):
                rounds.iterate(stop - done, sharpen=self.joint and stop in self._sharpened())
                done = stop
                if tell:
                    tell(done)
            lead = sum(self.blocks[b][1] - self.blocks[b][0] for b in wanted[:skipped])
            rounds.finish(out, lead, first, last, np.float32(1 / self.scale))

    def rounds(self, grid, params, wanted, **options):
        """`Rounds` of the blocks `wanted`, for the lowest rows of the mel."""
        kind = Rounds
        if self.device != "cpu":
            from riffkit.sound.inversion.iterations_torch import TorchRounds

            kind, options["device"] = TorchRounds, self.device
        return kind(
            grid,
            params,
            [self.blocks[b] for b in wanted],
            mel=lambda i: self.columns(*self.blocks[wanted[i]])[: params.n_mels],
            floor=1e-6 * self.top,
            **options,
        )

    def _first_spectra(self, rounds, wanted, place):
        """Block number in the chunk -> its first spectra, from the frames' start, shape (n, bins).

        Integration goes block by block on one core; meanwhile the lower part is inverted on those that are left.
        """

        def upper():
            found = [self.guess.block(b) for b in wanted]
            if self.iterations:
                rounds.prepare()
            return found

        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(upper)
            cores = lambda: max(n_workers() - (not found.done()), 1)  # noqa: E731
            low = self.low.spectra(wanted, place, cores) if self.low else None
            polar = found.result()
        n_bins = self.grid.window // 2 + 1

        def spectra_of(i):
            magnitudes, phase = polar[i]
            polar[i] = None
            spectra = np.empty((len(phase), n_bins), np.complex64)
            first_bin = n_bins - phase.shape[1]
            _from_polar(magnitudes, phase, first_bin, spectra[:, first_bin:])
            if low is not None:
                spectra[:, :first_bin] = low(i)
            return spectra

        return spectra_of

    def _stops(self, one_by_one):
        """Iterations after which the compiled rounds come back."""
        stops = {*range(UNINTERRUPTED, self.iterations, UNINTERRUPTED), *self._sharpened(), self.iterations}
        return range(1, self.iterations + 1) if one_by_one else sorted(stops - {0})

    def _sharpened(self):
        """Iterations after which attacks are sharpened: a few of the last, every third, the last among them."""
        n = self.iterations
        return list(range(n, max(n - 9, 1), -3))


def _from_polar(magnitudes, phase, first_bin, out):
    """Complex spectra about the frame's start, from phase about its centre: every other bin changes its sign."""
    magnitudes = magnitudes * np.where((first_bin + np.arange(phase.shape[1])) % 2, -1, 1).astype(np.float32)
    np.multiply(magnitudes, np.cos(phase), out=out.real)
    np.multiply(magnitudes, np.sin(phase), out=out.imag)
    return out


class _LowerPart:
    """The lower rows of the mel, inverted for themselves at a lower rate: their spectra begin those of the whole."""

    def __init__(self, whole, seed):
        self.whole, self.params = whole, lower_rows(whole.params)
        self.grid = grid_for(self.params)
        self.n_bins = self.grid.window // 2 + 1 - SHARED
        self.guess = Guess(
            self.grid,
            lambda first, last: whole.columns(first, last)[: self.params.n_mels],
            whole.blocks,
            whole.top,
            periodic=whole.periodic,
            seed=seed,
            ahead=CHUNK + 2 * whole.margin,
        )

    @staticmethod
    def fits(params):
        """Whether the picture has lower rows that can be inverted for themselves."""
        lower = lower_rows(params)
        if lower is None:
            return False
        grid, whole = grid_for(lower), grid_for(params)
        return grid.resolved and grid.stretch == whole.stretch and 64 <= grid.window <= whole.window // 2

    @staticmethod
    def rounds_for(iterations):
        return 2 * iterations + 2

    def spectra(self, wanted, place, cores):
        """Block number in the chunk -> spectra of its lowest bins, shape (n, n_bins); `cores` as for `Rounds`."""
        polar = [self.guess.block(b) for b in wanted]

        def first(i):
            magnitudes, phase = polar[i]
            return _from_polar(magnitudes, phase, 0, np.empty(phase.shape, np.complex64))

        options = {"joint": True, "meet_mirror": True, "cores": cores, **place}
        with self.whole.rounds(self.grid, self.params, wanted, **options) as rounds:
            rounds.begin(first)
            left = self.rounds_for(self.whole.iterations)
            while left:  # one by one until the last core is free
                n = 1 if cores() < n_workers() else left
                rounds.iterate(n)
                left -= n
        return lambda i: rounds.spectra(i)[:, : self.n_bins]
