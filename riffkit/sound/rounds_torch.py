"""The iterations of the inversion with torch, for GPUs: a whole chunk at a time, same steps as rounds.py.

Phase integration and the sharpening of attacks stay on the CPU (numba); windows, FFTs and magnitude updates move. The
samples differ from the CPU's by rounding.
"""

import numpy as np
import torch
from torch.nn.functional import fold, pad

from .attacks import N_BANDS
from .grid import RUN
from .mel import hann
from .rounds import MOMENTUM, Rounds


class TorchRounds(Rounds):
    """`Rounds` on a torch device; takes the same parameters, and `device`."""

    def __init__(self, *args, device, **options):
        super().__init__(*args, **options)
        try:
            self.device = torch.device(device)
            torch.empty(1, device=self.device)
        except (RuntimeError, AssertionError) as error:
            raise ValueError(
                f"device is {device!r}, which torch cannot use here ({error}); 'cpu' always works"
            ) from None
        grid = self.grid
        filters = np.zeros((self.params.n_mels, grid.n_fft // 2 + 1 + RUN), np.float32)
        back = np.zeros_like(filters)
        for row, first, weights, back_weights in zip(
            grid.rows, grid.first, grid.weights, grid.back_weights, strict=True
        ):
            filters[row, first : first + RUN] += weights
            back[row, first : first + RUN] += back_weights
        n_bins = grid.n_fft // 2 + 1
        self.filters, self.back = self._move(filters[:, :n_bins]), self._move(back[:, :n_bins])
        self.norm, self.torch_window = self._move(grid.norm), self._move(hann(grid.window))
        self.torch_gain = self._move(self.gain)
        self.split = self._move(np.eye(N_BANDS, dtype=np.float32)[self.bands])  # (n_mels, bands)
        self.torch_previous = self.torch_wanted = None

    def _move(self, array):
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

    def iterate(self, sharpen=False):
        self._mirror()
        grid, before = self.grid, self.sound
        hop, window, n_frames = grid.hop, grid.window, self.n_frames
        with torch.inference_mode():
            sound = self._move(before)
            if self.circular:
                sound = torch.cat([sound, sound[:window]])
            spectra = torch.fft.rfft(sound.unfold(0, window, hop)[:n_frames] * self.torch_window, n=grid.n_fft)
            if self.torch_previous is None:
                self.torch_previous = spectra
                mel = np.concatenate([self.mel(i) for i in range(len(self.sizes))], axis=1)
                self.torch_wanted = self._move(mel.T if self.joint else grid.magnitudes(mel, fine=True))
            wanted = self.torch_wanted
            if self.joint:
                x = spectra.abs()
                now = (x @ self.filters.T).clamp(min=0)
                floor = float(self.floor)
                energies = ((values**2) @ self.split + floor**2 for values in (wanted, now))
                self.ratios = torch.div(*energies).cpu().numpy()
                wanted = x * (((wanted + floor) / (now + floor)) @ self.back) * self.norm
            ahead = spectra + MOMENTUM * (spectra - self.torch_previous)
            self.torch_previous = spectra
            spectra = ahead * (wanted / (ahead.abs() + 1e-15))
            frames = torch.fft.irfft(spectra, n=grid.n_fft)[:, :window] * self.torch_window
            length = (n_frames - 1) * hop + window
            sound = fold(frames.T[None], (1, length), (1, window), stride=(1, hop)).reshape(-1)
            if self.circular:
                period = n_frames * hop
                turns = -(-length // period)
                sound = pad(sound, (0, turns * period - length)).reshape(turns, period).sum(0)
                sound = (sound.reshape(-1, hop) * self.torch_gain).reshape(-1)
            else:
                sound = sound * self.torch_gain
            self.sound = sound.cpu().numpy()
        self._sharpen_if(sharpen, before)
