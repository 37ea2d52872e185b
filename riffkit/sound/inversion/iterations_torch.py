"""The iterations of the inversion with torch, for GPUs: a whole chunk at a time, same steps as iterations.py.

Phase integration and the sharpening of attacks stay on the CPU (numba); windows, FFTs and magnitude updates move. The
samples differ from the CPU's by rounding.
"""

from typing import Any

import numpy as np
import scipy.sparse
import torch
from torch.nn.functional import fold, pad

from riffkit.sound.inversion.iterations import Rounds
from riffkit.sound.inversion.kernels.work import Sparse
from riffkit.sound.mel import hann


class TorchRounds(Rounds):
    """`Rounds` on a torch device.

    Parameters
    ----------
    args, options
        Those of `Rounds`.
    device : str
        As torch names it.

    Raises
    ------
    ValueError
        If torch cannot use it here.
    """

    def __init__(self, *args: Any, device: str, **options: Any) -> None:
        super().__init__(*args, **options)
        try:
            self.device = torch.device(device)
            torch.empty(1, device=self.device)
        except (RuntimeError, AssertionError) as error:
            raise ValueError(
                f"device is {device!r}, which torch cannot use here ({error}); 'cpu' always works"
            ) from None
        grid, n_mels, n_bins = self.grid, self.params.n_mels, self.grid.n_fft // 2 + 1

        def dense(m: Sparse) -> np.ndarray:
            return scipy.sparse.csr_matrix((m.weights, m.columns, m.starts), (n_bins, n_mels)).toarray()

        self.filters, self.back = self._move(dense(grid.filters)), self._move(dense(grid.back).T)
        self.prior = self._move(dense(grid.readout_fine).T)
        self.pull, self.torch_window = self._move(grid.pull), self._move(hann(grid.window))
        self.split = self._move(self.bands)  # (n_mels, bands)
        self.torch_gains = [self._move(gain) for gain, _, _ in self.gains]
        self.torch_previous: list[torch.Tensor | None] = []
        self.torch_wanted: Any = None  # tensors, once prepared
        self.torch_least: Any = None

    def _move(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

    def prepare(self) -> None:
        """Move all that rounds need to the device, if it was not done yet."""
        if self.torch_wanted is None:
            mel = np.concatenate([self.mel(i) for i in range(len(self.sizes))], axis=1)
            self.torch_wanted = self._move(mel.T if self.joint else self.grid.magnitudes(mel, fine=True))
            self.torch_least = self._move(self.grid.solve(mel).T) if self.joint else None
            self.torch_previous = [None] * len(self.parts)

    def iterate(self, n: int = 1, sharpen: bool = False) -> None:
        """Iterate `n` rounds, part by part; `sharpen` attacks after."""
        self.prepare()
        with torch.inference_mode():
            for p, frames in [*enumerate(self.parts)] * n:
                self.mirror.fill(self.sound)
                before = self.sound
                self.sound = self._part(p, frames, self._move(before)).cpu().numpy()
                _, bare, stays = self.gains[p]
                self.sound[bare] += stays * before[bare]
        self._sharpen_if(sharpen, before)

    def _part(self, p: int, frames: np.ndarray, sound: torch.Tensor) -> torch.Tensor:
        grid, hop, window = self.grid, self.grid.hop, self.grid.window
        if self.periodic:
            sound = torch.cat([sound, sound[:window]])
        spectra = torch.fft.rfft(sound.unfold(0, window, hop)[frames] * self.torch_window, n=grid.n_fft)
        previous = spectra if self.torch_previous[p] is None else self.torch_previous[p]
        self.torch_previous[p] = spectra
        wanted = self.torch_wanted[frames]
        if self.joint:
            x = spectra.abs()
            now = (x @ self.filters).clamp(min=0)
            floor = float(self.floor)
            energies = ((values**2) @ self.split + floor**2 for values in (wanted, now))
            self.ratios[frames] = torch.div(*energies).cpu().numpy()
            nearer = x * (((wanted + floor) / (now + floor)).clamp(max=100) @ self.back)
            wanted = torch.lerp(nearer, (self.torch_least[frames] @ self.prior).clamp(min=0), self.pull)
        ahead = spectra + float(self.momentum) * (spectra - previous)
        spectra = ahead * (wanted / (ahead.abs() + 1e-15))
        windowed = torch.zeros(self.n_frames, window, device=self.device)
        windowed[frames] = torch.fft.irfft(spectra, n=grid.n_fft)[:, :window] * self.torch_window
        length = (self.n_frames - 1) * hop + window
        sound = fold(windowed.T[None], (1, length), (1, window), stride=(1, hop)).reshape(-1)
        if self.periodic:
            period = self.n_frames * hop
            turns = -(-length // period)
            sound = pad(sound, (0, turns * period - length)).reshape(turns, period).sum(0)
        return sound * self.torch_gains[p]
