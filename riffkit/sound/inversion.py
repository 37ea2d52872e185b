"""Mel magnitudes to sound: magnitudes, phase, and iterations that better both together.

1. The smallest magnitudes that give the mel, by a tridiagonal solve (grid.py).
2. Phase by integrating its gradient (phase.py).
3. Iterations (rounds.py): make the spectrogram consistent (to sound and back, with momentum), and correct its
   magnitudes by one step towards the mel. Plain Griffin-Lim keeps the magnitudes of step 1 instead.
4. The inner 20 kHz sound to the clip's rate, through the bins both grids share.

Long clips go through in chunks that overlap by as much as the iterations reach: the samples are those of one go.
"""

import math

import numpy as np

from ..progress import report
from .attacks import HALO
from .clip import LOUDEST, Clip
from .grid import grid_for
from .mel import BLOCK
from .phase import integrate_phase
from .rounds import Rounds, blocks_of

ITERATIONS = {"fast": 4, "default": 8, "best": 32, "griffin-lim": 32, "pghi": 0}
CHUNK = 64  # blocks of 64 frames inverted together: 41 s
SEGMENT = 16  # blocks whose phase is integrated together, going on from the segment before
QUIETEST = 1e-30  # magnitudes below are silence
TOLERANCE = 1e-4  # cells quieter than this, next to the loudest mel magnitude, get random phase


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
        "fast", "default" or "best": 4, 8 or 32 joint iterations. For comparison: "pghi" (phase integration alone) and
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
    np.nan_to_num(samples, copy=False, posinf=0, neginf=0)
    peak = max(float(samples.max()), -float(samples.min()))
    wanted = 10 ** (-1 / 20) if ceiling is None else min(peak, ceiling)
    if peak > 0 and peak != wanted:
        samples *= np.float32(wanted / peak)
    return Clip(samples, params.sample_rate)


class _Inversion:
    """One channel on its way from mel to sound; holds what the chunks share."""

    def __init__(self, columns, n_frames, params, periodic, quality, seed, iterations, device):
        self.grid = grid_for(params)
        self.params, self.seed, self.iterations = params, seed, iterations
        self.integrated = quality != "griffin-lim"
        self.joint = self.integrated and self.grid.resolved  # else the corrections swing instead of settling
        self.device = device
        repeats = 1
        if periodic:  # the circle must be longer than a window
            repeats = max(1, -(-2 * self.grid.window // (self.grid.hop * n_frames)))
        if repeats > 1:
            one_turn = np.tile(columns(0, n_frames), (1, repeats))
            columns = lambda first, last: one_turn[:, first:last]  # noqa: E731
        self.n_frames, self.periodic = n_frames * repeats, periodic
        self.blocks = blocks_of(self.n_frames)
        self.segments = {}
        top = max(float(columns(*block).max()) for block in self.blocks)
        self.silent = top < QUIETEST
        # inside, the loudest magnitude lies between 1/2 and 1: squares stay far from the ends of float32
        self.scale = 2.0 ** -math.frexp(top)[1] if not self.silent else 1.0
        self.top = top * self.scale
        self.columns = lambda first, last: columns(first, last) * np.float32(self.scale)

    def run(self, out, progress, channel, n_channels):
        n_blocks = len(self.blocks)
        reach = -(-self.grid.window // self.grid.hop) * (self.iterations + 2)
        reach += len(self._sharpened()) * (2 * BLOCK + HALO)
        margin = -(-reach // BLOCK)
        one_go = n_blocks <= CHUNK + 2 * margin
        size = n_blocks if one_go else CHUNK
        margin = 0 if one_go else margin
        chunks = list(range(0, n_blocks, size))
        if self.periodic and not one_go:  # the first chunk reaches back into the last segment: invert it at the end
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
            self._chunk(wanted, skipped, end - start, one_go, out, lambda k, s=step: report(progress, s + k, total))

    def _chunk(self, wanted, skipped, kept, one_go, out, tell):
        """Invert the blocks `wanted` and write the samples of the `kept` ones after the `skipped` ones into `out`."""
        tell(0)
        first, last = self.blocks[wanted[skipped]][0], self.blocks[wanted[skipped + kept - 1]][1]
        if self.silent:
            return
        with self._rounds(
            self.grid,
            self.params,
            [self.blocks[b] for b in wanted],
            circular=self.periodic and one_go,
            begins=not self.periodic and wanted[0] == 0,
            ends=not self.periodic and wanted[-1] == len(self.blocks) - 1,
            mel=lambda i: self.columns(*self.blocks[wanted[i]]),
            floor=1e-6 * self.top,
            joint=self.joint,
        ) as rounds:
            rounds.begin(lambda i: self._first_guess(wanted[i]))
            for k in range(self.iterations):
                rounds.iterate(sharpen=self.joint and k + 1 in self._sharpened())
                tell(k + 1)
            lead = sum(self.blocks[b][1] - self.blocks[b][0] for b in wanted[:skipped])
            rounds.finish(out, lead, first, last, np.float32(1 / self.scale))

    def _rounds(self, *args, **options):
        if self.device == "cpu":
            return Rounds(*args, **options)
        from .rounds_torch import TorchRounds

        return TorchRounds(*args, device=self.device, **options)

    def _sharpened(self):
        """Iterations after which attacks are sharpened: a few of the last, every other one, the last among them."""
        n = self.iterations
        return [k for k in range(n, max(n - 8, 1), -2)] if n >= 2 else []

    def _first_guess(self, b):
        """Magnitudes and phase (about the frame's centre) of block `b`, shape (n, bins) each.

        Segments are integrated in order, and forgotten when no chunk can ask for them any more.
        """
        if not self.integrated:
            magnitudes = self.grid.magnitudes(self.columns(*self.blocks[b]))
            return magnitudes, self._random(b).random(magnitudes.shape, np.float32) * np.float32(2 * np.pi)
        n = b // SEGMENT
        if n not in self.segments:
            for s in range(max((k for k in self.segments if k < n), default=-1) + 1, n + 1):
                self._integrate(s)
        magnitudes, phase, first = self.segments[n]
        part = slice(self.blocks[b][0] - first, self.blocks[b][1] - first)
        return magnitudes[part], phase[part]

    def _random(self, part):
        return np.random.default_rng((self.seed % 2**64, part))

    def _integrate(self, s):
        n_segments = -(-len(self.blocks) // SEGMENT)
        inside = self.blocks[s * SEGMENT : (s + 1) * SEGMENT]
        first, last = inside[0][0], inside[-1][1]
        whole_circle = self.periodic and n_segments == 1
        before, after = (first - 1) % self.n_frames, last % self.n_frames
        halo = 0 if whole_circle else 1
        mel = self.columns(first, last)
        if halo:
            edges = [before if self.periodic or first > 0 else first]
            edges.append(after if self.periodic or last < self.n_frames else last - 1)
            mel = np.concatenate([self.columns(edges[0], edges[0] + 1), mel, self.columns(edges[1], edges[1] + 1)], 1)
        magnitudes = self.grid.magnitudes(mel)
        log_s = np.log(magnitudes + np.float32(1e-7 * self.top))
        phase = self._random(s).random(log_s.shape, np.float32) * np.float32(2 * np.pi)
        known = np.zeros(len(log_s), np.uint8)
        if halo:
            known[[0, -1]] = 2
            if s > 0:
                phase[0], known[0] = self.segments[s - 1][1][-1], 1
            if self.periodic and s == n_segments - 1:
                phase[-1], known[-1] = self.segments[0][1][0], 1
        integrate_phase(
            log_s,
            phase,
            known,
            float(self.grid.hop),
            float(self.grid.window),
            float(np.log(self.top)),
            TOLERANCE,
            whole_circle,
        )
        inner = slice(halo, len(phase) - halo)
        self.segments[s] = magnitudes[inner], phase[inner], first
        oldest_needed = s - 2 - CHUNK // SEGMENT
        for old in [k for k in self.segments if k < oldest_needed and not (self.periodic and k <= CHUNK // SEGMENT)]:
            del self.segments[old]
