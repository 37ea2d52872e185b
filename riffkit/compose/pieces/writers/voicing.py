"""How chords lie under the hand: tones that stay do, the others go the shortest way."""

from riffkit.compose.pieces.writers.hand import Hand

PARALLEL = ("power", "quartal", "clusters", "octaves", "single")
"""Kinds of chords that are moved as they stand: another inversion would be another chord."""


def voicings(hand: Hand, *, low: float | None = None, span: int = 16) -> list[list[float]]:
    """Write a chord for every change of the piece, in its range, led as singers would.

    Parameters
    ----------
    hand : Hand
    low : float or None [MIDI]
        Lowest place; None takes a few tones under the middle of the player's register.
    span : int [semitones]
        From the lowest to the highest place.

    Returns
    -------
    list of list of float [MIDI]
        Ascending pitches, one list for each of `hand.changes`.
    """
    low = hand.centre - 6 if low is None else low
    low = max(hand.low, min(low, hand.high - span))
    high = min(hand.high, low + span)
    parallel = hand.piece.harmony in PARALLEL
    found: list[list[float]] = []
    for _, _, degree in hand.changes:
        tones = hand.chord(degree)
        if parallel:
            found.append(_stacked(hand, tones, low, high))
            continue
        before = found[-1] if found else None
        middle = sum(before) / len(before) if before else low + 7
        best, least = None, 1e9
        for inversion in _inversions(tones, low, high):
            if before:
                away = sum(min(abs(one - other) for other in before) for one in inversion)
                cost = away + 0.3 * abs(sum(inversion) / len(inversion) - low - 7)
            else:
                cost = abs(sum(inversion) / len(inversion) - middle)
            if cost < least:
                best, least = inversion, cost
        found.append(best or _stacked(hand, tones, low, high))
    return found


def _stacked(hand: Hand, tones: list[float], low: float, high: float) -> list[float]:
    """A chord as it is written, from the lowest place of its root; what does not fit comes an octave lower."""
    root = hand.fit(tones[0], low, max(low + 11.99, high - (tones[-1] - tones[0])))
    return sorted({pitch if (pitch := root + one - tones[0]) <= hand.high else pitch - 12 for one in tones})


def _inversions(tones: list[float], low: float, high: float) -> list[list[float]]:
    """All close positions of a chord within a range, each ascending."""
    found = []
    classes = sorted({round(one % 12, 3) for one in tones})
    for turn in range(len(classes)):
        turned = classes[turn:] + [one + 12 for one in classes[:turn]]
        lift = 12 * ((low - turned[0]) // 12)
        for octave in (0, 12, 24):
            pitches = [one + lift + octave for one in turned]
            if pitches[0] >= low and pitches[-1] <= high:
                found.append(pitches)
    return found
