"""The peers' ways from mel to sound, written out with torch so that they run beside ours in one process.

Sources: torchaudio 2.11 `transforms.InverseMelScale` (least squares by "gels", relu) and `transforms.GriffinLim`
(power 1, 32 iterations, momentum 0.99, random start), as riffusion-hobby calls them; librosa 0.11 `griffinlim`.
"""

import torch

from riffkit.sound.mel import mel_filters


class Torchaudio:
    """Riffusion's codec with torchaudio's current methods: 17640 points, dense mel, least squares, Griffin-Lim."""

    def __init__(self, params):
        self.params = params
        self.filters = torch.from_numpy(mel_filters(params).copy())  # (n_mels, bins)
        self.window = torch.hann_window(params.win_length)

    def _stft(self, samples):
        p = self.params
        return torch.stft(
            samples, p.n_fft, p.hop_length, p.win_length, self.window, pad_mode="reflect", return_complex=True
        )

    def _istft(self, spectra, length=None):
        p = self.params
        return torch.istft(spectra, p.n_fft, p.hop_length, p.win_length, self.window, length=length)

    def mel(self, samples):
        """(channels, n) -> (channels, n_mels, frames)."""
        return (self.filters @ self._stft(torch.as_tensor(samples)).abs()).numpy()

    def magnitudes(self, mel):
        """(channels, n_mels, frames) -> (channels, bins, frames)."""
        mel = torch.as_tensor(mel)
        return torch.relu(torch.linalg.lstsq(self.filters[None].expand(len(mel), -1, -1), mel, driver="gels").solution)

    def griffin_lim(self, magnitudes, iterations=32, momentum=0.99, seed=0):
        momentum = momentum / (1 + momentum)
        generator = torch.Generator().manual_seed(seed)
        angles = torch.rand(magnitudes.shape, generator=generator, dtype=magnitudes.dtype) * 2 * torch.pi
        angles = torch.polar(torch.ones_like(magnitudes), angles)
        before = torch.zeros(())
        for _ in range(iterations):
            rebuilt = self._stft(self._istft(magnitudes * angles))
            angles = rebuilt - momentum * before if momentum else rebuilt
            angles = angles / (angles.abs() + 1e-16)
            before = rebuilt
        return self._istft(magnitudes * angles).numpy()

    def invert(self, mel, seed=0):
        """(channels, n_mels, frames) -> (channels, n)."""
        with torch.inference_mode():
            return self.griffin_lim(self.magnitudes(mel), seed=seed)


def librosa_griffin_lim(magnitudes, params, seed=0):
    """Librosa's Griffin-Lim (its default 32 iterations, momentum 0.99) from magnitudes (bins, frames)."""
    import librosa

    return librosa.griffinlim(
        magnitudes,
        n_iter=32,
        hop_length=params.hop_length,
        win_length=params.win_length,
        n_fft=params.n_fft,
        momentum=0.99,
        init="random",
        random_state=seed,
    )


def librosa_nnls_memory(params, mel):
    """What happens when librosa's own `mel_to_stft` is asked: its MemoryError, as text (it allocates first)."""
    import librosa

    try:
        librosa.util.nnls(mel_filters(params), mel)
    except MemoryError as error:
        return str(error)
    return "it ran"
