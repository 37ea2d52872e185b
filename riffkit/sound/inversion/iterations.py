"""The iterations of the inversion, on all cores.

A round visits every frame once, but only every fourth at a time: the sound has moved on before the next are looked at,
and four small steps go further than a large one (ordered subsets, Hudson & Larkin 1994). Each core takes eight frames
at a time through window, FFT, magnitude update and inverse FFT while they are in its cache (updates.py). What they give
is added up in the order of time, so the number of cores does not change a bit of the result.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import numpy as np
import scipy.fft

from riffkit.sound.inversion import boundaries, transients
from riffkit.sound.inversion.kernels.fft import plan_for, scratch_size
from riffkit.sound.inversion.kernels.loops import Work, add_round, gather, overlap, play_rounds, window_gain
from riffkit.sound.inversion.kernels.radix import ROW
from riffkit.sound.inversion.kernels.simd import WIDTH, aligned
from riffkit.sound.inversion.kernels.threads import run_together
from riffkit.sound.inversion.transients import N_BANDS
from riffkit.sound.mel import hann, n_workers

BLOCK = 256  # frames whose phase is integrated together
MOMENTUM = 0.99  # of plain rounds; 1.3 diverges
STEADY = 0.8  # of rounds in parts, divided by their number; 1.2 diverges slowly
EACH = 2  # groups of a part that make another thread worth its waiting
OVERLAP = 2.5  # windows over each sample that every part of a round must keep
ORDER = {1: (0,), 2: (0, 1), 3: (0, 1, 2), 4: (0, 2, 1, 3)}  # of the parts: neighbours not one after the other


def blocks_of(n_frames):
    """Frames cut into (first, last) blocks of about 256, two or more if there are 128."""
    n = max(round(n_frames / BLOCK), min(n_frames // (BLOCK // 4), 2), 1)
    edges = [i * n_frames // n for i in range(n + 1)]
    return list(zip(edges[:-1], edges[1:], strict=True))


def n_parts(grid):
    """In how many parts a round can visit the frames: up to four."""
    return int(min(max(grid.window / grid.hop / OVERLAP, 1), 4))


class Rounds:
    """Sound and spectra of one chunk (a list of blocks), and the iterations on them.

    Parameters
    ----------
    grid : Grid
    params : SpectrogramParams
    blocks : list of (first, last)
        Frames of the whole, in order; in a loop they may go round its end.
    circular : bool
        The last block is followed by the first.
    begins, ends : bool
        The chunk holds the begin or end of the whole, where windows saw the sound mirrored.
    mel : callable
        Block number in this chunk -> (n_mels, n) magnitudes; asked once, and once more at the ends.
    floor : float
        What is added to mel magnitudes before they are compared.
    joint : bool
        Correct magnitudes towards the mel; otherwise they stay.
    meet_mirror : bool
        Turn the partials of the first sound's ends towards their mirror image (see boundaries.py).
    cores : callable
        How many cores are free now; asked again and again.
    """

    def __init__(
        self, grid, params, blocks, *, circular, begins, ends, mel, floor, joint, meet_mirror, cores=n_workers
    ):
        self.grid, self.params, self.circular = grid, params, circular
        self.sizes = [last - first for first, last in blocks]
        self.offsets = np.concatenate([[0], np.cumsum(self.sizes)]).astype(int)
        self.n_frames = int(self.offsets[-1])
        self.numbers = np.concatenate([np.arange(*block) for block in blocks])
        self.window = hann(grid.window)
        self.mel, self.floor, self.joint = mel, np.float32(floor), joint
        parts = n_parts(grid) if joint and self.n_frames * grid.hop >= 2 * grid.window else 1
        self.momentum = np.float32(MOMENTUM if parts == 1 else STEADY / parts)
        self.n_parts = parts
        visited = (np.flatnonzero(self.numbers % parts == p) for p in ORDER[parts])
        self.parts = [part for part in visited if len(part)]
        self.work, self.begun = None, False  # for the compiled rounds, once they begin
        inside = np.pad(np.arange((self.n_frames - 1) * grid.hop + 1), grid.window // 2, mode="reflect")[:-1]
        half = 0 if circular else grid.window // 2
        self.mirror_front = inside[: half * begins] + half
        self.mirror_back = inside[len(inside) - (half - 1) * ends :] + half if half and ends else inside[:0]
        # the transform mirrors about the last sample, which lies one before the middle of the last frame
        self.lag = 2 * grid.rate / params.sample_rate if (self.n_frames - 1) * grid.hop > half + 4 else 0.0
        self.meets_mirror = meet_mirror and self.n_frames >= boundaries.frames_needed(grid)
        self.sound = np.zeros(self._length(grid.hop, grid.window), np.float32)
        self.bands = transients.bands_of(params, grid.rate)
        self.ratios = np.ones((self.n_frames, N_BANDS), np.float32)
        self.pool = ThreadPoolExecutor(n_workers()) if n_workers() > 1 and len(blocks) > 1 else None
        self.cores = cores

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)

    def _map(self, work, n=None):
        """work(0), work(1), ... for all blocks (or n), in order, on all cores."""
        blocks = range(len(self.sizes) if n is None else n)
        return map(work, blocks) if self.pool is None or self.cores() < 2 else self.pool.map(work, blocks)

    def _length(self, hop, window):
        return self.n_frames * hop if self.circular else (self.n_frames - 1) * hop + window

    @cached_property
    def gains(self):
        """`_gain` of each part."""
        return [self._gain(part, self.grid.hop, self.grid.window, self.n_parts) for part in self.parts]

    def _gain(self, frames, hop, window, parts):
        """For frames (one of `parts`) overlapped and added: gain, samples hardly covered, what stays of them."""
        squared = hann(window).astype(np.float64) ** 2
        length = self._length(hop, window)
        usual = squared.sum() / hop / parts
        gain, missing = window_gain(frames * hop, squared, usual, length, length if self.circular else 0)
        bare = np.flatnonzero(missing)
        return gain, bare, missing[bare]

    def _in_block(self, frames, i):
        """Those of the frames (numbers in this chunk, rising) that lie in block i."""
        return frames[slice(*np.searchsorted(frames, self.offsets[i : i + 2]))]

    def _overlapped(self, frames, work, hop, window, gain):
        """Sound made of some frames. `work(i, mine)` gives those of block i; on all cores, added in order."""

        def piece(i):
            mine = self._in_block(frames, i)
            if len(mine):
                return int(mine[0]) * hop, overlap(work(i, mine), mine * hop, hann(window))

        sound = np.zeros(self._length(hop, window), np.float32)
        for found in self._map(piece):
            if found is not None:
                add_round(sound, *found)
        sound *= gain[0]
        return sound

    def _frames(self, mine):
        """Windowed frames of the sound, shape (n, window)."""
        frames = np.empty((len(mine), self.grid.window), np.float32)
        gather(self.sound, mine * self.grid.hop, self.window, frames)
        return frames

    def begin(self, first_spectra):
        """Make the first sound of `first_spectra(i)`: those of block i from the frames' start, (n, window // 2 + 1)."""
        grid = self.grid
        everything = np.arange(self.n_frames)
        gain = self._gain(everything, grid.hop, grid.window, 1)

        def work(i, _):
            return scipy.fft.irfft(first_spectra(i), n=grid.window, overwrite_x=True)

        self.sound = self._overlapped(everything, work, grid.hop, grid.window, gain)
        if self.meets_mirror:
            self._meet_mirror()

    def _meet_mirror(self):
        """Turn the partials at the ends of the whole, if they are in this chunk."""
        wanted = len(self.mirror_front) > 0, len(self.mirror_back) > 0
        n = boundaries.frames_needed(self.grid)
        some = range(-(-n // min(self.sizes)))  # blocks that hold as many frames

        def beginning():
            mel = np.concatenate([self.mel(i) for i in some], axis=1)[:, :n]
            return boundaries.agree_with_mirror(self.sound, mel, self.grid, 0.0)

        def end():  # backwards; there the zero with which the window begins lies one sample earlier
            mel = np.concatenate([self.mel(len(self.sizes) - 1 - i)[:, ::-1] for i in some], axis=1)[:, :n]
            last = self.sound[: -len(mel[0]) * self.grid.hop - self.grid.window : -1]
            return boundaries.agree_with_mirror(np.concatenate([[np.float32(0)], last]), mel, self.grid, self.lag)[1:]

        found = list(self._map(lambda i: (beginning, end)[i]() if wanted[i] else None, 2))
        if found[0] is not None:
            self.sound[: len(found[0])] = found[0]
        if found[1] is not None:
            self.sound[: -len(found[1]) - 1 : -1] = found[1]

    def spectra(self, i):
        """Spectra of block i of the sound from the frames' start, shape (n, window // 2 + 1)."""
        return scipy.fft.rfft(self._frames(np.arange(self.offsets[i], self.offsets[i + 1])))

    def _mirror(self):
        """Beyond its ends the sound is mirrored, as it was for the windows of the forward transform."""
        sound = self.sound
        sound[: len(self.mirror_front)] = sound[self.mirror_front]
        sound[len(sound) - len(self.mirror_back) :] = boundaries.earlier(sound, self.mirror_back, self.lag)

    def iterate(self, n=1, sharpen=False):
        """`n` rounds: sound -> spectra -> corrected spectra -> sound, part by part; sharpen attacks after them."""
        self.prepare()
        work, n_threads = self.work, min(len(self.work.spectra), self.cores())
        passes = n * len(self.parts)
        work.sounds[0] = self.sound
        run_together(self.pool, n_threads, play_rounds, 2 * passes, work, n, self.begun)
        self.begun = True
        self.sound = work.sounds[passes % 2]
        self._sharpen_if(sharpen, work.sounds[1 - passes % 2])

    def _groups(self):
        """(frames, block) of each group of up to 8 frames, part by part, and the number of the first of each part."""
        groups, starts = [], [0]
        for part in self.parts:
            for i in range(len(self.sizes)):
                mine = self._in_block(part, i)
                if len(mine):
                    groups += [(some, i) for some in np.array_split(mine, -(-len(mine) // WIDTH))]
            starts.append(len(groups))
        return groups, np.array(starts)

    def prepare(self):
        """Lay out all that rounds need, if it was not done yet."""
        if self.work is None:
            self.work = self._laid_out()

    def _laid_out(self):
        grid, window = self.grid, self.grid.window
        plan = plan_for(grid.n_fft // 2)
        groups, starts = self._groups()
        frames = np.array([np.pad(mine, (0, WIDTH - len(mine)), "edge") for mine, _ in groups])
        counts = np.array([len(mine) for mine, _ in groups])
        lengths = np.array([(mine[-1] - mine[0]) * grid.hop + window for mine, _ in groups])
        most = np.diff(starts).max()
        n_threads = 1 if self.pool is None else max(min(n_workers(), most // EACH), 1)
        n_rows, n_bins = self.params.n_mels, grid.n_fft // 2 + 1
        mel, least = (aligned(len(groups) if self.joint else 0, n_rows, WIDTH) for _ in range(2))
        magnitudes = aligned(0 if self.joint else len(groups), n_bins, WIDTH)

        def fetch(i):
            rows = self.mel(i)
            if self.joint:
                wanted = (mel, rows), (least, grid.solve(rows))
            else:
                wanted = ((magnitudes, grid.magnitudes(rows, fine=True).T),)
            for g, (_, block) in enumerate(groups):
                for into, values in wanted if block == i else ():
                    into[g] = values[:, frames[g] - self.offsets[i]]

        list(self._map(fetch))
        stays = np.zeros((len(self.parts), len(self.sound)), np.float32)
        for part, (_, bare, missing) in zip(stays, self.gains, strict=True):
            part[bare] = missing
        whole, weights = boundaries.reading(self.lag)
        return Work(
            plan=plan,
            hop=grid.hop,
            window=self.window,
            part_starts=starts,
            frames=frames,
            counts=counts,
            places=frames[:, 0] * grid.hop,
            lengths=lengths,
            sounds=np.zeros((2, len(self.sound)), np.float32),
            period=len(self.sound) if self.circular else 0,
            gains=np.stack([gain for gain, _, _ in self.gains]),
            stays=stays,
            mel=mel,
            least=least,
            magnitudes=magnitudes,
            previous=aligned(len(groups), plan.n * ROW),
            momentum=self.momentum,
            floor=self.floor,
            filters=grid.heard,
            back=grid.back,
            prior=grid.readout_fine,
            pull=grid.pull,
            bands=self.bands,
            ratios=self.ratios,
            mirror_front=self.mirror_front,
            mirror_back=self.mirror_back,
            back_whole=whole,
            back_weights=weights,
            pieces=aligned(most, lengths.max()),
            spectra=aligned(n_threads, plan.size * ROW),
            sizes=aligned(n_threads, n_bins * WIDTH),
            corrections=aligned(n_threads, n_rows * WIDTH),
            scratch=aligned(n_threads, scratch_size(plan)),
        )

    def _sharpen_if(self, wanted, before):
        if wanted and transients.can_sharpen(self.grid):
            self._sharpen(before)

    def _edges(self):
        """Each block cut into four, so that few frames depend on one another."""
        quarters = [self.offsets[i] + np.arange(4) * self.sizes[i] // 4 for i in range(len(self.sizes))]
        return np.unique([*np.concatenate(quarters), self.n_frames]).tolist()

    def _sharpen(self, before):
        """Turn the sound up and down as the sound `before` the round would have needed it (see transients.py)."""
        grid, n_frames = self.grid, self.n_frames
        step = grid.hop // 2
        span = grid.window // step
        weights = (hann(grid.window) ** 2).reshape(span, step).sum(axis=1)
        how = (*transients.smoothers(grid.rate), self.circular)
        n_steps = len(self.sound) // step
        after = np.empty_like(self.sound)
        edges = self._edges()

        def work(i):
            first, last = edges[i] - transients.HALO, edges[i + 1] + transients.HALO
            if not self.circular or last - first > n_frames:
                first, last = max(first, 0), min(last, n_frames)
            steps = 2 * (last - first - 1) + span
            energies = transients.step_energies(transients.split(before, 2 * first * step, steps * step, *how), step)
            ratios = self.ratios.take(range(first, last), axis=0, mode="wrap")
            gains = transients.gains_for(
                energies,
                ratios,
                weights,
                transients.ROUNDS,
                np.float32(transients.ACCELERATION),
                np.float32(transients.LOWEST),
                np.float32(transients.HIGHEST),
                np.float32(transients.UNHEARD),
            )
            # the block's own steps: from the middle of its first window to the middle of the next block's first
            own, end = 2 * edges[i] + span // 2, 2 * edges[i + 1] + span // 2
            if not self.circular:
                own, end = (0 if i == 0 else own), (n_steps if i == len(edges) - 2 else end)
            at = own - 2 * first
            gains = np.pad(gains, ((0, 0), (1, 1)), mode="edge")[:, at : at + end - own + 2]
            piece = np.empty((end - own) * step, np.float32)
            transients.apply_gains(self.sound, own * step, gains, step, *how, piece)
            return own * step, piece

        for start, piece in self._map(work, len(edges) - 1):
            start %= len(after)
            n = min(len(piece), len(after) - start)
            after[start : start + n] = piece[:n]
            after[: len(piece) - n] = piece[n:]
        self.sound = after

    def finish(self, out, lead, first, last, gain):
        """Write frames `first` to `last` of the whole (`lead` frames into this chunk), times `gain`, into `out`.

        Every fourth window is enough, as their overlap holds the sound whole.
        """
        grid, params = self.grid, self.params
        hop, win = params.hop_length, params.win_length
        self._mirror()
        parts = n_parts(grid)
        frames = np.flatnonzero(self.numbers % parts == 0)
        if not self.circular:
            frames = np.union1d(frames, [0, self.n_frames - 1])

        def work(_, mine):
            return scipy.fft.irfft(scipy.fft.rfft(self._frames(mine)), n=win)  # zeros fill the bins above

        sound = self._overlapped(frames, work, hop, win, self._gain(frames, hop, win, parts))
        if self.circular:
            sound = np.roll(sound, -(win // 2))
        else:
            sound = sound[win // 2 :]
        part = sound[lead * hop : (lead + last - first) * hop]
        target = out[first * hop : last * hop]
        np.multiply(part[: len(target)], gain, out=target[: len(part)])
