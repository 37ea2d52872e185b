"""Say in words what was composed: captions that are true by construction.

`caption` says a random part of the facts, in a random order, with synonyms, and now and then harmless extra words.
A new caption is drawn each time a piece is learnt from, so there is no end of paraphrases.
"""

from riffkit.training.instruments import GENRES, INSTRUMENTS, KITS
from riffkit.training.score import KEYS, LOOP_SECONDS, SCALES, TEMPI, WIDE, genres_of

TEMPO_WORDS = {
    "slow": ("slow", "at a slow tempo", "slow tempo", "downtempo"),
    "medium": ("mid tempo", "medium tempo", "moderate"),
    "fast": ("fast", "uptempo", "at a fast tempo"),
    "very fast": ("very fast", "frantic", "at a very fast tempo"),
    "waltz": ("waltz", "in three four time", "waltz time"),
}
MOOD_WORDS = {
    "major": ("happy", "bright", "cheerful", "uplifting", "in a major key", "joyful", "sunny"),
    "minor": ("sad", "dark", "melancholic", "moody", "in a minor key", "sombre", "gloomy"),
}
DENSITY_WORDS = {
    "sparse": ("sparse", "minimal", "simple", "few notes"),
    "busy": ("busy", "dense", "energetic", "lots of notes"),
}
DYNAMICS_WORDS = {
    "soft": ("soft", "quiet", "gentle", "delicate"),
    "loud": ("loud", "hard", "powerful", "aggressive"),
}
REGISTER_WORDS = {"low": ("low", "deep"), "high": ("high", "high pitched")}
ROLE_PHRASES = {
    "c": ("{} chords", "{}", "chords on {}"),
    "a": ("{} arpeggio", "arpeggiated {}", "plucked {} pattern", "{}"),
    "m": ("{} melody", "{} solo", "a {} tune", "{}"),
    "b": ("{} line", "{}", "{} groove"),
    "p": ("{}", "sustained {}", "{} drone", "long {} notes"),
}
# Words that say nothing about the music; none of them may be part of a name above, or captions would not be true.
EXTRA_WORDS = (
    "nice beautiful music loop track recording high quality song cool studio instrumental please for my with "
    "that sounds like make dreamy vibe evening river 1980s old style of blue night summer coffee city "
    "forest party space love rain the a some and piece tune sound playing"
).split()
OPENINGS = ("", "", "", "", "a ", "some ", "the sound of ", "music with ")


def caption(piece, rng):
    """Describe a piece in words.

    Parameters
    ----------
    piece : riffkit.training.score.Piece
    rng : random.Random
        Chooses what is said and how; the same state gives the same words.

    Returns
    -------
    str
        Lower case, one to about twenty words. Everything it says about the music is true of the piece.
    """
    players = _players(piece, rng)
    genre = rng.choice(GENRES[piece.genre].names) if piece.genre else ""
    if len(players) > 1:
        body = ", ".join(players[:-1]) + rng.choice((" and ", ", ", " with ", " over ")) + players[-1]
    else:
        body = "".join(players)
    if genre and body:
        core = rng.choice((f"{genre} with {body}", f"{body}, {genre}", f"{genre}, {body}", f"{genre} {body}"))
    else:
        core = genre or body
    if len(piece.parts) == 1 and piece.pattern is None and not genre and rng.random() < 0.4:
        core = rng.choice((f"solo {core}", f"{core} alone", f"only {core}"))
    traits = _traits(piece, rng)
    split = rng.randrange(len(traits) + 1)
    before = " ".join(traits[:split]) + " " if split else rng.choice(OPENINGS)
    after = rng.choice((", ", " ")) + ", ".join(traits[split:]) if split < len(traits) else ""
    return (before + core + after).strip()


def noisy_caption(piece, rng):
    """A caption as people type it: sometimes with words in it that mean nothing here, so that these do no harm."""
    words = caption(piece, rng).split()
    if rng.random() < 0.15:
        for _ in range(rng.randint(1, 3)):
            made_up = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 8)))
            extra = rng.choice(EXTRA_WORDS) if rng.random() < 0.7 else made_up
            words.insert(rng.randrange(len(words) + 1), extra)
    return " ".join(words)


def vocabulary(corpus=WIDE):
    """All words that captions of a corpus are made of: what a model that learnt from it can know.

    Parameters
    ----------
    corpus : riffkit.training.score.Corpus

    Returns
    -------
    list of str
        Lower-case words, sorted.
    """
    phrases = [*EXTRA_WORDS, "solo alone only and with over no without drums key in bpm", *OPENINGS, *SCALES]
    for table in (MOOD_WORDS, DENSITY_WORDS, DYNAMICS_WORDS, REGISTER_WORDS, ROLE_PHRASES):
        phrases += [phrase for options in table.values() for phrase in options]
    phrases += [KEYS[key] for key in corpus.keys]
    for tempo in corpus.tempi:
        phrases += TEMPO_WORDS[tempo]
        phrases += [f"{round(beats / LOOP_SECONDS * 60)}" for beats, _ in TEMPI[tempo]]
    for name in corpus.instruments:
        phrases += INSTRUMENTS[name].names
    for _, names in KITS.values():
        phrases += names
    for name in genres_of(corpus):
        phrases += GENRES[name].names
    return sorted({word for phrase in phrases for word in phrase.replace("{}", "").split()})


def _players(piece, rng):
    """Phrases for the instruments and drums that are named this time, in random order; empty only beside a genre."""
    named = []
    for part in piece.parts:
        if piece.genre and rng.random() < 0.35:
            continue
        words = rng.choice(INSTRUMENTS[part.instrument].names)
        if part.register in REGISTER_WORDS and rng.random() < 0.5:
            words = f"{rng.choice(REGISTER_WORDS[part.register])} {words}"
        named.append(rng.choice(ROLE_PHRASES[part.role]).format(words) if rng.random() < 0.6 else words)
    if piece.pattern and (not piece.genre or rng.random() < 0.4):
        named.append(rng.choice(KITS[piece.kit][1]))
    elif not piece.pattern and rng.random() < 0.12:
        named.append(rng.choice(("no drums", "without drums")))
    rng.shuffle(named)
    return named


def _traits(piece, rng):
    """Words for mood, key, tempo, density, dynamics, each said only sometimes."""
    traits = []
    if piece.parts and rng.random() < 0.45:
        traits.append(rng.choice(MOOD_WORDS[piece.mode]))
    if piece.parts and rng.random() < 0.15:
        traits.append(f"in {KEYS[piece.key]} {piece.mode}")
    if rng.random() < 0.45:
        traits.append(rng.choice((*TEMPO_WORDS[piece.tempo], f"{round(piece.bpm)} bpm")))
    if piece.density in DENSITY_WORDS and rng.random() < 0.55:
        traits.append(rng.choice(DENSITY_WORDS[piece.density]))
    if piece.dynamics in DYNAMICS_WORDS and rng.random() < 0.5:
        traits.append(rng.choice(DYNAMICS_WORDS[piece.dynamics]))
    if rng.random() < 0.12:
        traits.append(rng.choice(EXTRA_WORDS))
    rng.shuffle(traits)
    return traits
