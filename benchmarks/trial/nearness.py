"""How near clips are to real renders as a whole: distances in what the judge hears, brilliance, panorama, copies."""

import numpy as np

from benchmarks.trial.clips import band_names
from riffkit.listening.statistics import frechet_distance, nearest_distances

COMPONENTS = 32  # of what the judge hears, for the Frechet distance


def print_frechet(judge, clips, others, on_the_way):
    """Distance of generated to other real renders, beside those of as many renders that went only part of the way.

    Parameters
    ----------
    judge : Judge
    clips, others : Measured
        Generated, and real renders of other pieces.
    on_the_way : dict of str to Measured
        The first of them are the real renders themselves, whose distance is the unit.

    Returns
    -------
    dict of str to float
        Of each and of "generated".
    """
    some = {**on_the_way, "generated": clips}
    n = min(len(others), *map(len, some.values()))
    others = judge.hear(others.views)["embedding"].numpy()[:n]
    centre = others.mean(axis=0)
    directions = np.linalg.svd(others - centre, full_matrices=False)[2][:COMPONENTS].T
    distances = {}
    for name, part in some.items():
        seen = (judge.hear(part.views)["embedding"].numpy()[:n] - centre) @ directions
        distances[name] = frechet_distance(seen, (others - centre) @ directions)
    unit = next(iter(distances.values()))
    told = ", ".join(f"{name} {distance:.2f} ({distance / unit:.2f})" for name, distance in distances.items())
    print(f"\nFrechet distance to other real renders, n={n} (ratio to the first): {told}")
    return distances


def print_panorama(real, clips):
    """Brilliance and panorama of generated clips beside those of the real renders of the same pieces."""
    lines = {
        "energy, 10 to 16 kHz (dB of all)": lambda part: part.air,
        "side over middle (dB)": lambda part: part.width,
        "left over right, either way (dB)": lambda part: np.abs(part.balance),
    }
    for band, name in enumerate(band_names()):
        lines[f"coherence, {name}"] = lambda part, band=band: part.coherence[:, band]
    print(f"\n{'':40s}{'real':>20s}{'generated':>20s}{'difference':>12s}   medians, and where the middle half lies")
    for title, figure in lines.items():
        cells, medians = "", []
        for part in (real, clips):
            low, middle, high = np.quantile(figure(part), (0.25, 0.5, 0.75))
            cells += f"{middle:8.2f} [{low:.2f}, {high:.2f}]".rjust(20)
            medians.append(middle)
        print(f"{title:40s}{cells}{medians[1] - medians[0]:+12.2f}")
    means = [10 * np.log10((10 ** (part.air / 10)).mean()) for part in (real, clips)]
    print(f"{'the same energy, mean of all clips':40s}{means[0]:20.2f}{means[1]:20.2f}{means[1] - means[0]:+12.2f}")


def print_faults(clips):
    """Clips that are not sound: NaN or infinite, silent (peak under -40 dBFS), clipped (beyond full scale)."""
    peak = clips.peak
    faults = (np.sum(~np.isfinite(peak)), np.sum(peak < 0.01), np.sum(peak > 1.0))
    print(f"\namong {len(clips)} clips: {faults[0]} not finite, {faults[1]} silent, {faults[2]} clipped")


def print_copies(clips, real, trained):
    """Is a clip nearer to its nearest training picture than held-out renders are to theirs?

    Parameters
    ----------
    clips, real : Measured
        Real renders are of pieces that the model never met.
    trained : np.ndarray [shape=(n, 2, 512, 512), uint8]
        Training pictures, left and right; may be a memory map.
    """
    library = trained.reshape(len(trained), -1, trained.shape[-1])  # left above right
    ours, theirs = (
        nearest_distances(part.views.small.reshape(len(part), -1, part.views.small.shape[-1]), library)[0]
        for part in (clips, real)
    )
    low = np.quantile(theirs, 0.05)
    print(
        f"\nnearest of {len(library)} training pictures, in grey levels of 32 x 64 miniatures: {len(ours)} generated,"
        f" median {np.median(ours):.1f}, least {ours.min():.1f}; as many held-out renders, median"
        f" {np.median(theirs):.1f}, least {theirs.min():.1f}; {np.mean(ours < low):.1%} of the generated are nearer"
        " than 5 % of the held-out are"
    )
