"""Mel columns of an hour of sound, a stretch at a time: the sound is read, mixed and resampled as it is needed.

Bit for bit the columns of the whole: the resampler is the same in pieces, and frames are cut at the same places.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from riffkit.sound.clip import LOUDEST, Clip, Sound, cancelled, louder_side
from riffkit.sound.files import SoundReader, duration_of
from riffkit.sound.mel import TAPS, mel_columns
from riffkit.sound.params import SpectrogramParams
from riffkit.sound.pixels import COLUMNS

LONG = 600.0  # seconds: what is shorter is held in memory as a whole
STEP = 1 << 18  # samples of a clip at a time


class Stretch(NamedTuple):
    """Some columns of a spectrogram.

    Parameters
    ----------
    first, last : int [frames]
    samples : np.ndarray [shape=(channels, n), float32]
        Those under these frames, and around them.
    shift : int [frames]
        Where they begin.
    n_samples : int or None
        Of the whole sound at the target rate; None as long as it goes on.
    """

    first: int
    last: int
    samples: np.ndarray
    shift: int
    n_samples: int | None

    def columns(self, channel: int, params: SpectrogramParams) -> np.ndarray:
        """Magnitudes of one `channel` with these `params` [shape=(n_mels, last - first), float32]."""
        out = np.empty((params.n_mels, self.last - self.first), np.float32)
        return mel_columns(self.samples[channel], params, self.first - self.shift, self.last - self.shift, out)


class LongSound:
    """A clip or sound file that is drawn a stretch at a time.

    Parameters
    ----------
    source : Clip, str or Path
    params : SpectrogramParams
    """

    def __init__(self, source: Sound, params: SpectrogramParams) -> None:
        self._source, self._params = source, params
        self._side: int | None = None  # the channel that is taken for all, if they cancel each other
        self._told = False  # what is left out of a damaged file
        self._power: np.ndarray | None = None
        duration = source.duration if isinstance(source, Clip) else duration_of(source)
        self.n_frames = params.n_frames_of(round(duration * params.sample_rate))  # until `loudest` has counted them

    def loudest(self, tell: Callable[[int], None]) -> float:
        """Look through all of it once: the largest magnitude. It is asked first.

        Parameters
        ----------
        tell : callable
            Gets the number of frames that were looked at.
        """
        top, n_samples, self._power = 0.0, 0, np.zeros(2)
        for stretch in self._stretches():
            tell(min(stretch.first, self.n_frames))
            for channel in range(self._params.channels):
                top = max(top, float(stretch.columns(channel, self._params).max()))
            n_samples = stretch.n_samples or 0
        self.n_frames = self._params.n_frames_of(n_samples)
        power, self._power = self._power, None
        if self._side is None and cancelled(power[0], power[1]):
            self._side = louder_side(block for block, _ in self._blocks())
            return self.loudest(lambda _: tell(self.n_frames))
        return top

    def columns(self) -> Callable[[int, int, int], np.ndarray]:
        """(channel, first, last) -> magnitudes, for `draw`, which asks from left to right."""
        stretches = self._stretches()
        now: list[Stretch] = []

        def columns(channel: int, first: int, last: int) -> np.ndarray:
            if not now or now[0].first != first:
                now[:] = [next(stretches)]
            assert (now[0].first, now[0].last) == (first, last)
            return now[0].columns(channel, self._params)

        return columns

    def _blocks(self) -> Iterator[tuple[np.ndarray, int]]:
        """Samples as they are, checked, and their rate."""
        if isinstance(self._source, Clip):
            for a in range(0, self._source.samples.shape[1], STEP):
                yield self._source.samples[:, a : a + STEP], self._source.sample_rate
            return
        quiet, self._told = self._told, True
        with SoundReader(self._source, quiet=quiet) as file:
            for block in file.blocks(*file.span(0, None, None)):
                try:
                    yield Clip(block, file.sample_rate).samples, file.sample_rate
                except ValueError as error:
                    raise ValueError(f"{file.name}: {error}") from None

    def _resampled(self) -> Iterator[np.ndarray]:
        """Samples in the channels and at the rate that the picture wants; the last piece may be empty."""
        import soxr

        wanted = self._params.channels
        streams: list[soxr.ResampleStream] = []
        for block, rate in self._blocks():
            if len(block) != wanted:
                mono = block.mean(axis=0, keepdims=True) if self._side is None else block[self._side : self._side + 1]
                if self._power is not None and len(block) > 1:
                    self._power += [np.square(x, dtype=np.float64).sum() / len(x) for x in (mono, block)]
                block = np.repeat(mono, wanted, axis=0)
            if rate == self._params.sample_rate:
                yield block
                continue
            if not streams:
                to = self._params.sample_rate
                streams = [soxr.ResampleStream(rate, to, 1, dtype="float32", quality="HQ") for _ in range(wanted)]
            yield _limited([s.resample_chunk(np.ascontiguousarray(c)) for s, c in zip(streams, block, strict=True)])
        if streams:
            yield _limited([s.resample_chunk(np.zeros(0, np.float32), last=True) for s in streams])

    def _stretches(self) -> Iterator[Stretch]:
        params = self._params
        hop = params.hop_length
        reach = params.win_length + TAPS + hop  # more than a frame needs on either side
        held: list[np.ndarray] = []
        start, end, first = 0, 0, 0  # samples that are held, and the next frame
        pieces, over = self._resampled(), False
        while not over:
            while not over and end < (first + COLUMNS) * hop + reach:
                piece = next(pieces, None)
                if piece is None:
                    over = True
                else:
                    held.append(piece)
                    end += piece.shape[1]
            samples = np.concatenate(held, axis=1)
            n_frames = params.n_frames_of(end) if over else first + COLUMNS
            while first < n_frames:
                last = min(first + COLUMNS, n_frames)
                whole = over and last == n_frames
                shift = max(first - -(-reach // hop), 0)
                yield Stretch(first, last, samples[:, shift * hop - start :], shift, end if whole else None)
                first = last
            keep = max((first - -(-reach // hop)) * hop, start)
            held, start = [samples[:, keep - start :]], keep


def _limited(channels: list[np.ndarray]) -> np.ndarray:
    return np.clip(np.stack(channels), -LOUDEST, LOUDEST)
