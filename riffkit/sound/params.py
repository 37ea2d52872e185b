"""The parameters a spectrogram picture is made with, and that travel inside it; and the mel scale of its rows."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    import numpy as np  # which the command line's help need not wait for

Numbers = TypeVar("Numbers", float, "np.ndarray")


def mel_of_hz(hz: Numbers) -> Numbers:
    """Hertz to mel on the HTK scale: 2595 log10(1 + hz / 700).

    Parameters
    ----------
    hz : float or np.ndarray [>= 0, Hz]

    References
    ----------
    Young et al., "The HTK Book", 5.4.
    """
    if isinstance(hz, (float, int)):
        return 2595 * math.log10(1 + hz / 700)
    import numpy as np

    return 2595 * np.log10(1 + hz / 700)


def hz_of_mel(mel: Numbers) -> Numbers:
    """Mel to hertz on the HTK scale, the inverse of `mel_of_hz`.

    Parameters
    ----------
    mel : float or np.ndarray [mel]
    """
    return 700 * (10 ** (mel / 2595) - 1)


def hz_per_mel(hz: Numbers) -> Numbers:
    """Slope of the HTK scale at a frequency: how many hertz one mel is wide there.

    Parameters
    ----------
    hz : float or np.ndarray [>= 0, Hz]
    """
    return math.log(10) / 2595 * (700 + hz)


@dataclasses.dataclass(frozen=True)
class SpectrogramParams:
    """How sound is cut into frames and frames into mel bands. The defaults are Riffusion's.

    Frozen and hashable; make variants with `dataclasses.replace(params, n_mels=256)`.

    It also says what lies where, in whole and broken rows and columns: row r hears `hz_of(r)` best, column c is centred
    on `seconds_of(c)`. Row 0 is the lowest, as in mel arrays; in a picture, whose top line is its first, it is line
    `n_mels - 1`, so turn the pixels round (`pixels[::-1]`) or count from below.

    Parameters
    ----------
    stereo : bool
        Two channels in one picture (green = left, blue = right). False mixes every clip down to one channel.
    sample_rate : int [4000..384000, Hz]
    hop_ms : float [> 0, ms]
        Time between two columns of the picture.
    window_ms : float [>= hop_ms, ms]
        Length of the Hann window.
    padded_ms : float [>= window_ms, ms]
        The window is padded with zeros to this length before the FFT: finer bins, the same resolution.
    n_mels : int [2..4096]
        Rows of the picture.
    fmin, fmax : float [0 <= fmin < fmax <= sample_rate / 2, Hz]
        Where the lowest filter begins and the highest ends: one step outside the first and the last row.
    contrast : float [0 < contrast <= 1]
        A pixel is the magnitude to this power; 0.25 lets quiet sounds be seen (and survive 8 bits).

    Raises
    ------
    TypeError, ValueError
        If a value is no number or out of range; the message says what is allowed.

    References
    ----------
    Forsgren & Martiros, "Riffusion", 2022. Taught in notebooks/01_spectrogram_encoding.ipynb.
    """

    stereo: bool = False
    sample_rate: int = 44100
    hop_ms: float = 10.0
    window_ms: float = 100.0
    padded_ms: float = 400.0
    n_mels: int = 512
    fmin: float = 0.0
    fmax: float = 10000.0
    contrast: float = 0.25

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            if field.name == "stereo":
                continue
            value = getattr(self, field.name)
            if isinstance(value, bool) or not hasattr(value, "__float__"):
                raise TypeError(f"{field.name} is {value!r}; expected a number")
            if not math.isfinite(value):
                raise ValueError(f"{field.name} is {value}; expected a finite number")
        for name in ("sample_rate", "n_mels"):
            value = getattr(self, name)
            if value != int(value):
                raise ValueError(f"{name} is {value}; expected a whole number")
            object.__setattr__(self, name, int(value))
        object.__setattr__(self, "stereo", bool(self.stereo))
        self._expect("sample_rate", 4000 <= self.sample_rate <= 384000, "4000 to 384000 Hz")
        self._expect("n_mels", 2 <= self.n_mels <= 4096, "2 to 4096")
        self._expect("hop_ms", 0.1 <= self.hop_ms <= 1000, "0.1 to 1000 ms")
        self._expect("window_ms", self.hop_ms <= self.window_ms <= 2000, f"hop_ms ({self.hop_ms}) to 2000 ms")
        self._expect("padded_ms", self.window_ms <= self.padded_ms <= 8000, f"window_ms ({self.window_ms}) to 8000 ms")
        nyquist = self.sample_rate / 2
        self._expect("fmax", 0 < self.fmax <= nyquist, f"above 0, up to half the sample rate ({nyquist:g} Hz)")
        self._expect("fmin", 0 <= self.fmin < self.fmax, f"0 up to below fmax ({self.fmax:g} Hz)")
        self._expect("contrast", 0.01 <= self.contrast <= 1, "0.01 to 1")
        self._expect("hop_ms", self.hop_length >= 1, "at least one sample")
        self._expect("window_ms", self.win_length >= 8, "at least eight samples")

    def _expect(self, name: str, good: bool, wanted: str) -> None:
        if not good:
            raise ValueError(f"{name} is {getattr(self, name)}; expected {wanted}")

    @classmethod
    def full_band(cls, n_mels: int = 512, *, stereo: bool = False, **changes: Any) -> Self:
        """The 20 Hz - 20 kHz preset: all that can be heard, in as many rows as Riffusion's. Not Riffusion's range.

        The octave above 10 kHz takes a fifth of the rows, as the mel scale is nearly logarithmic up there.

        Parameters
        ----------
        n_mels : int [2..4096]
            With 512 a row is a fifth wider than Riffusion's, with 768 a fifth narrower.
        stereo : bool
            Two channels in one picture.
        changes
            Other fields that are to differ from the defaults.
        """
        return cls(**{"n_mels": n_mels, "stereo": stereo, "fmin": 20.0, "fmax": 20000.0} | changes)

    @property
    def hop_length(self) -> int:
        """Samples from one frame to the next; fractions are cut off, as in Riffusion (only 44.1 kHz has none)."""
        return int(self.hop_ms / 1000 * self.sample_rate + 1e-9)

    @property
    def win_length(self) -> int:
        """Samples under the window."""
        return int(self.window_ms / 1000 * self.sample_rate + 1e-9)

    @property
    def n_fft(self) -> int:
        """Samples of the padded window."""
        return max(int(self.padded_ms / 1000 * self.sample_rate + 1e-9), self.win_length)

    @property
    def channels(self) -> int:
        """Channels a picture holds: 2 if stereo, else 1."""
        return 2 if self.stereo else 1

    @property
    def hop_s(self) -> float:
        """Seconds from one column to the next: `hop_ms`, but for the fraction of a sample that is cut off."""
        return self.hop_length / self.sample_rate

    @property
    def mel_step(self) -> float:
        """Mels from one row to the next."""
        return (mel_of_hz(self.fmax) - mel_of_hz(self.fmin)) / (self.n_mels + 1)

    def n_frames_for(self, seconds: float, *, periodic: bool = False) -> int:
        """Number of columns for a clip of this length (a loop of 5.12 s has 512, a plain clip 513).

        Parameters
        ----------
        seconds : float [s]
        periodic : bool
            The clip is a loop.
        """
        return self.n_frames_of(round(seconds * self.sample_rate), periodic=periodic)

    def n_frames_of(self, n_samples: int, *, periodic: bool = False) -> int:
        """Number of columns for so many samples at `sample_rate`.

        Parameters
        ----------
        n_samples : int [samples]
        periodic : bool
            They are a loop; what is left over after the last whole hop is dropped.
        """
        return max(n_samples // self.hop_length, 1) if periodic else 1 + n_samples // self.hop_length

    def duration_of(self, n_frames: int, *, periodic: bool = False) -> float:
        """Seconds of the clip that a picture of this width decodes to (512: 5.11 s, or 5.12 s as a loop).

        Parameters
        ----------
        n_frames : int [columns]
        periodic : bool
            The picture is a loop.
        """
        return (n_frames if periodic else n_frames - 1) * self.hop_length / self.sample_rate

    def column_of(self, seconds: Numbers) -> Numbers:
        """Column that is centred on a time, counted from 0; a broken number between two.

        Parameters
        ----------
        seconds : float or np.ndarray [s]
        """
        return seconds / self.hop_s

    def seconds_of(self, column: Numbers) -> Numbers:
        """Time on which a column is centred, the inverse of `column_of`.

        Parameters
        ----------
        column : float or np.ndarray [columns]
        """
        return column * self.hop_s

    def row_of(self, hz: Numbers) -> Numbers:
        """Row whose filter peaks at a frequency, 0 the lowest; a broken number between two.

        `fmin` is -1 and `fmax` is `n_mels`: there the outermost filters end, one step outside the picture.

        Parameters
        ----------
        hz : float or np.ndarray [>= 0, Hz]
        """
        return (mel_of_hz(hz) - mel_of_hz(self.fmin)) / self.mel_step - 1

    def hz_of(self, row: Numbers) -> Numbers:
        """Frequency at which a row's filter peaks, the inverse of `row_of`.

        Parameters
        ----------
        row : float or np.ndarray [rows, 0 the lowest]
        """
        return hz_of_mel(mel_of_hz(self.fmin) + self.mel_step * (row + 1))

    def height_of(self, hz: Numbers) -> Numbers:
        """Height of a frequency on a mel axis that begins at `fmin` (0) and ends at `fmax` (1).

        Parameters
        ----------
        hz : float or np.ndarray [>= 0, Hz]
        """
        low, high = mel_of_hz(self.fmin), mel_of_hz(self.fmax)
        return (mel_of_hz(hz) - low) / (high - low)

    def box(
        self, start_s: float, end_s: float, low_hz: float | None = None, high_hz: float | None = None
    ) -> tuple[slice, slice]:
        """Rows and columns of a box in seconds and hertz: `values[params.box(1.0, 2.0, 200, 2000)]`, row 0 the lowest.

        Both are half open, so that boxes side by side share no pixel and leave none out: columns from
        `round(column_of(start_s))` to before `round(column_of(end_s))`; rows likewise, by `height_of`, which gives
        every row the same share of `fmin` to `fmax`.

        Parameters
        ----------
        start_s, end_s : float [s]
            What lies before 0 is left out.
        low_hz, high_hz : float or None [Hz]
            None is `fmin` and `fmax`; what lies beyond those is left out.

        Returns
        -------
        rows, columns : slice, slice
        """
        heights = [
            0.0 if low_hz is None else self.height_of(max(low_hz, self.fmin)),
            1.0 if high_hz is None else self.height_of(min(high_hz, self.fmax)),
        ]
        rows = (max(round(height * self.n_mels), 0) for height in heights)
        columns = (max(round(self.column_of(second)), 0) for second in (start_s, end_s))
        return slice(*rows), slice(*columns)
