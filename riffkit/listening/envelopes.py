"""Figures of how loudness moves: envelopes and attacks, which show what 100 ms windows hide. Lower is better.

Taught in notebooks/01_spectrogram_encoding.ipynb.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from riffkit.sound.clip import Clip


def paired(reference: Clip, found: Clip) -> tuple[np.ndarray, np.ndarray]:
    """Both clips as arrays of the shorter length.

    Parameters
    ----------
    reference, found : Clip

    Returns
    -------
    reference, found : np.ndarray [shape=(channels, n), float32 each]

    Raises
    ------
    ValueError
        If they differ in sample rate or channels.
    """
    if reference.sample_rate != found.sample_rate:
        raise ValueError(
            f"clips have {reference.sample_rate} and {found.sample_rate} Hz; use .resample({reference.sample_rate})"
        )
    if reference.n_channels != found.n_channels:
        raise ValueError(f"clips have {reference.n_channels} and {found.n_channels} channels; use clip.mono()")
    n = min(reference.samples.shape[1], found.samples.shape[1])
    return reference.samples[:, :n], found.samples[:, :n]


def _energies(samples: np.ndarray, length: int) -> np.ndarray:
    """Mean square over stretches of `length` samples, over all channels."""
    n = max(samples.shape[1] // length, 1)
    squares = (samples[:, : n * length].astype(np.float64) ** 2).mean(axis=0)
    return squares.reshape(n, -1).mean(axis=1)


def envelope_error(reference: Clip, found: Clip) -> float:
    """RMS difference of the energies of `reference` and `found` in stretches of 3 ms, in dB; -60 at least."""
    a, b = paired(reference, found)
    length = max(round(0.003 * reference.sample_rate), 1)
    a, b = _energies(a, length), _energies(b, length)
    floor = 1e-6 * max(float(a.max()), 1e-12)
    return float(np.sqrt(((10 * np.log10((b + floor) / (a + floor))) ** 2).mean()))


def attacks(clip: Clip, rise: float = 10.0, apart: float = 0.08) -> np.ndarray:
    """Attacks: where the sound rises steeply within 10 ms.

    Parameters
    ----------
    clip : Clip
    rise : float [dB]
        At least so much.
    apart : float [s]
        Of two nearer ones the steeper counts.

    Returns
    -------
    np.ndarray [shape=(n,), int, samples, rising]
    """
    length = max(round(0.002 * clip.sample_rate), 1)
    energy = _energies(clip.samples, length)
    energy = energy + 1e-6 * max(energy.max(), 1e-12)
    if len(energy) < 30:
        return np.zeros(0, int)
    total = np.concatenate([[0], np.cumsum(energy)])
    i = np.arange(15, len(energy) - 15)
    rises = 10 * np.log10((total[i + 5] - total[i]) / (total[i] - total[i - 5]))
    places: list[int] = []
    for k in np.argsort(-rises):
        if rises[k] < rise:
            break
        if all(abs(i[k] - p) * length >= apart * clip.sample_rate for p in places):
            places.append(int(i[k]))
    return np.sort(np.array(places, int)) * length


def _around(samples: np.ndarray, rate: int, place: int, start: float, end: float) -> float:
    a, b = place + round(start * rate), place + round(end * rate)
    return float((samples[:, max(a, 0) : max(b, 0)].astype(np.float64) ** 2).mean()) if 0 <= a < b else np.nan


def _at_attacks(
    reference: Clip, found: Clip, lead: float, figure: Callable[[Callable[[np.ndarray, float, float], float]], float]
) -> float:
    """Mean of a figure over the attacks of the reference, those after `lead` seconds; NaN if there are none.

    The figure gets (samples, start, end) -> energy between two times about the attack, with a floor under it.
    """
    rate = reference.sample_rate
    floor = 1e-6 * max(float((paired(reference, found)[0].astype(np.float64) ** 2).max()), 1e-12)

    def energy(place: int, samples: np.ndarray, start: float, end: float) -> float:
        return _around(samples, rate, place, start, end) + floor

    figures = [figure(partial(energy, place)) for place in attacks(reference) if place > lead * rate]
    return float(np.nanmean(figures)) if figures else np.nan


def pre_echo(reference: Clip, found: Clip) -> float:
    """Pre-echo: energy of `found` 5 to 40 ms before the attacks of `reference` over that there, in dB (mean)."""
    a, b = paired(reference, found)
    return _at_attacks(
        reference,
        found,
        0.04,
        lambda energy: 10 * np.log10(energy(b, -0.04, -0.005) / energy(a, -0.04, -0.005)),
    )


def attack_loss(reference: Clip, found: Clip) -> float:
    """How many dB the attacks of `reference` rise less within 10 ms in `found` (mean; NaN without attacks)."""
    a, b = paired(reference, found)

    def loss(energy: Callable[[np.ndarray, float, float], float]) -> float:
        rises = [10 * np.log10(energy(x, 0, 0.01) / energy(x, -0.01, 0)) for x in (a, b)]
        return rises[0] - rises[1]

    return _at_attacks(reference, found, 0.01, loss)
