"""What many clips tell that one cannot: a share and how sure it is, how far one set is from another, what was copied.

Taught in notebooks/06_measuring.ipynb.
"""

import math

import numpy as np


def wilson(n_hits: float, n: int, z: float = 1.96) -> tuple[float, float, float, int]:
    """Share of hits with Wilson's interval, in which the true share lies in 95 of 100 such counts.

    Parameters
    ----------
    n_hits : float [0..n]
        A tie may count half.
    n : int [>= 1]
    z : float [standard deviations]
        1.96 for 95 %.

    Returns
    -------
    share, low, high, n : float, float, float [0..1], int

    References
    ----------
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
    """
    share = n_hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return share, max(0.0, centre - reach), min(1.0, centre + reach), n


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Frechet distance between two clouds of vectors, as if both were Gaussian.

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^0.5), with their means and covariances. Compare only at equal numbers of
    vectors: small clouds seem farther apart than they are.

    Parameters
    ----------
    a, b : np.ndarray [shape=(n, d)]

    References
    ----------
    Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash equilibrium", 2017.
    """
    between = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    c1, c2 = np.cov(a.T), np.cov(b.T)
    # The trace of the root of C1 C2 is the sum of the roots of its eigenvalues, real and not negative in theory.
    eigenvalues = np.linalg.eigvals(c1 @ c2).real
    return float(between + np.trace(c1) + np.trace(c2) - 2 * np.sqrt(np.maximum(eigenvalues, 0)).sum())


def nearest_distances(pictures: np.ndarray, library: np.ndarray, chunk: int = 512) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each picture to the most similar one of a library, wherever either loop begins.

    Parameters
    ----------
    pictures, library : np.ndarray [shape=(n, 512, 512) and (m, 512, 512), uint8]
        The library may be a memory map.
    chunk : int
        Pictures of the library looked at together.

    Returns
    -------
    distances, indices : np.ndarray [shape=(n,)], np.ndarray [shape=(n,), int]
        Root-mean-square grey levels (0..255) between 32 x 64 miniatures, at the best turn of one of them.
    """
    small = _miniatures(pictures)
    waves, energy = np.fft.rfft(small, axis=2), (small**2).sum(axis=(1, 2))
    best, where = np.full(len(small), np.inf), np.zeros(len(small), int)
    for start in range(0, len(library), chunk):
        some = _miniatures(np.asarray(library[start : start + chunk]))
        others, other_energy = np.fft.rfft(some, axis=2).conj(), (some**2).sum(axis=(1, 2))
        for i in range(len(small)):
            overlap = np.fft.irfft((waves[i] * others).sum(axis=1), some.shape[2], axis=1).max(axis=1)
            distance = energy[i] + other_energy - 2 * overlap
            nearest = int(distance.argmin())
            if distance[nearest] < best[i]:
                best[i], where[i] = distance[nearest], start + nearest
    return np.sqrt(np.maximum(best, 0) / small[0].size), where


def _miniatures(pictures: np.ndarray) -> np.ndarray:
    n, rows, columns = pictures.shape
    return pictures.reshape(n, 32, rows // 32, 64, columns // 64).mean(axis=(2, 4), dtype=np.float32)
