"""The parameters a spectrogram picture is made with, and that travel inside it."""

import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class SpectrogramParams:
    """How sound is cut into frames and frames into mel bands. The defaults are Riffusion's.

    Frozen and hashable; make variants with `dataclasses.replace(params, n_mels=256)`.

    Parameters
    ----------
    stereo : bool
        Two channels in one picture (green = left, blue = right). False mixes every clip down to one channel.
    sample_rate : int [4000..384000 Hz]
    hop_ms : float [> 0, ms]
        Time between two columns of the picture.
    window_ms : float [>= hop_ms, ms]
        Length of the Hann window.
    padded_ms : float [>= window_ms, ms]
        The window is padded with zeros to this length before the FFT: finer bins, the same resolution.
    n_mels : int [2..4096]
        Rows of the picture.
    fmin, fmax : float [0 <= fmin < fmax <= sample_rate / 2, Hz]
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

    def __post_init__(self):
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

    def _expect(self, name, good, wanted):
        if not good:
            raise ValueError(f"{name} is {getattr(self, name)}; expected {wanted}")

    @classmethod
    def full_band(cls, n_mels=768, **changes):
        """The 20 Hz - 20 kHz preset: all that can be heard, in 768 (or 512) rows. Not Riffusion's range."""
        return cls(**{"n_mels": n_mels, "fmin": 20.0, "fmax": 20000.0} | changes)

    @property
    def hop_length(self):
        """Samples from one frame to the next; fractions are cut off, as in Riffusion (only 44.1 kHz has none)."""
        return int(self.hop_ms / 1000 * self.sample_rate + 1e-9)

    @property
    def win_length(self):
        """Samples under the window."""
        return int(self.window_ms / 1000 * self.sample_rate + 1e-9)

    @property
    def n_fft(self):
        """Samples of the padded window."""
        return max(int(self.padded_ms / 1000 * self.sample_rate + 1e-9), self.win_length)

    @property
    def channels(self):
        """Channels a picture holds: 2 if stereo, else 1."""
        return 2 if self.stereo else 1

    def n_frames_for(self, seconds, *, periodic=False):
        """Number of columns for a clip of this many seconds (a loop of 5.12 s has 512, a plain clip 513)."""
        samples = round(seconds * self.sample_rate)
        return max(samples // self.hop_length, 1) if periodic else 1 + samples // self.hop_length

    def duration_of(self, n_frames, *, periodic=False):
        """Seconds of the clip that a picture of this many columns decodes to (512: 5.11 s, or 5.12 s as a loop)."""
        return (n_frames if periodic else n_frames - 1) * self.hop_length / self.sample_rate
