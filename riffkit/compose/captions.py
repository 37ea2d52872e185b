"""Say in words what was composed: captions that are true by construction.

`caption` says a random part of the facts, in a random order, with synonyms, and now and then harmless extra words.
A new caption is drawn each time a piece is learnt from, so there is no end of paraphrases.
"""

import random

from riffkit.compose.genres import GENRES
from riffkit.compose.instruments import INSTRUMENTS, KITS
from riffkit.compose.score import KEYS, LOOP_SECONDS, SCALES, TEMPI, WIDE, Corpus, Piece, genres_of

TEMPO_WORDS = {
    "slow": ("slow", "at a slow tempo", "slow tempo", "downtempo", "very slow", "slowly"),
    "medium": ("mid tempo", "medium tempo", "moderate", "walking pace"),
    "fast": ("fast", "uptempo", "at a fast tempo", "upbeat", "lively"),
    "very fast": ("very fast", "frantic", "at a very fast tempo", "frenetic", "racing"),
    "waltz": ("waltz", "in three four time", "waltz time"),
}
MOOD_WORDS = {
    "major": ("happy", "bright", "cheerful", "uplifting", "in a major key", "joyful", "sunny", "romantic"),
    "minor": ("sad", "dark", "melancholic", "moody", "in a minor key", "sombre", "gloomy", "spooky"),
}
DENSITY_WORDS = {
    "sparse": ("sparse", "minimal", "simple", "few notes"),
    "busy": ("busy", "dense", "energetic", "lots of notes"),
}
TEXTURE_WORDS = {
    "distant": ("distant", "far away", "echoing", "with reverb", "in a cathedral", "in a cave", "in a huge hall"),
    "radio": ("on an old radio", "vintage recording", "through a telephone", "gramophone", "on an old tape", "tinny"),
    "warm": ("warm", "muffled", "underwater", "mellow", "from the next room"),
}
ARTICULATION_WORDS = {
    "staccato": ("staccato", "short notes", "plucky", "detached"),
    "legato": ("legato", "flowing", "connected notes"),
}
# What people ask for, in beats per minute, and the nearest tempo there is.
BPM_RANGES = {"slow": (50, 80), "medium": (81, 112), "fast": (113, 162), "very fast": (163, 200)}
DYNAMICS_WORDS = {
    "soft": ("soft", "quiet", "gentle", "delicate"),
    "loud": ("loud", "hard", "powerful", "aggressive"),
}
KEY_NAMES = tuple(
    (name, name.replace(" sharp", "#").replace(" flat", "b")) if " " in name else (name,) for name in KEYS
)
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
    "that sounds like make dreamy vibe evening river style of blue night summer coffee city "
    "forest party space love rain the a some and piece tune sound playing"
).split()
OPENINGS = ("", "", "", "", "a ", "some ", "the sound of ", "music with ")


_COUNTS = {2: ("duo of", "duet for", "two instruments,"), 3: ("trio of", "trio for", "three instruments,")}


def caption(piece: Piece, rng: random.Random, *, thorough: bool = False) -> str:
    """Describe a piece in words.

    Parameters
    ----------
    piece : riffkit.compose.score.Piece
    rng : random.Random
        Chooses what is said and how; the same state gives the same words.
    thorough : bool
        Say everything that can be said of mood, key, tempo and touch, in place of a random part of it.

    Returns
    -------
    str
        Lower case, one to about twenty words (forty if thorough). All it says about the music is true of the piece.
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
        core = rng.choice((f"solo {core}", f"{core} alone", f"only {core}", f"just {core}", f"unaccompanied {core}"))
    elif len(piece.parts) in _COUNTS and piece.pattern is None and rng.random() < 0.15:
        core = f"{rng.choice(_COUNTS[len(piece.parts)])} {core}"
    traits = _traits(piece, rng, thorough)
    split = rng.randrange(len(traits) + 1)
    before = " ".join(traits[:split]) + " " if split else rng.choice(OPENINGS)
    after = rng.choice((", ", " ")) + ", ".join(traits[split:]) if split < len(traits) else ""
    return (before + core + after).strip()


def noisy_caption(piece: Piece, rng: random.Random) -> str:
    """Caption a piece as people type: sometimes with words that mean nothing here, so that these do no harm.

    Parameters
    ----------
    piece : riffkit.compose.score.Piece
    rng : random.Random
        Chooses what is said and how.
    """
    words = caption(piece, rng, thorough=rng.random() < 0.5).split()
    if rng.random() < 0.15:
        for _ in range(rng.randint(1, 3)):
            made_up = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 8)))
            extra = rng.choice(EXTRA_WORDS) if rng.random() < 0.7 else made_up
            words.insert(rng.randrange(len(words) + 1), extra)
    return " ".join(words)


def vocabulary(corpus: Corpus = WIDE) -> list[str]:
    """List all words that captions of a corpus are made of: what a model that learnt from it can know.

    Parameters
    ----------
    corpus : riffkit.compose.score.Corpus

    Returns
    -------
    list of str
        Lower-case words, sorted.
    """
    phrases = [
        *EXTRA_WORDS,
        "solo alone only just unaccompanied and with over no without drums drumless bass vocals singing voices",
        "the key of in bpm",
        *OPENINGS,
        *SCALES,
    ]
    for table in (MOOD_WORDS, DENSITY_WORDS, DYNAMICS_WORDS, REGISTER_WORDS, ROLE_PHRASES, _COUNTS):
        phrases += [phrase for options in table.values() for phrase in options]
    for texture in corpus.textures:
        phrases += TEXTURE_WORDS[texture]
    for articulation in corpus.articulations:
        phrases += ARTICULATION_WORDS[articulation]
    for key in corpus.keys:
        phrases += KEY_NAMES[key]
    for tempo in corpus.tempi:
        phrases += TEMPO_WORDS[tempo]
        phrases += [f"{round(beats / LOOP_SECONDS * 60)}" for beats, _ in TEMPI[tempo]]
        first, last = BPM_RANGES.get(tempo, (1, 0))
        phrases += [str(bpm) for bpm in range(first, last + 1)]
    for name in corpus.instruments:
        phrases += INSTRUMENTS[name].names
    for _, names in KITS.values():
        phrases += names
    for name in genres_of(corpus):
        phrases += GENRES[name].names
    return sorted({word for phrase in phrases for word in phrase.replace("{}", "").replace(",", "").split()})


def _players(piece: Piece, rng: random.Random) -> list[str]:
    """Phrases for the instruments and drums that are named this time, in random order; empty only beside a genre."""
    named = []
    for part in piece.parts:
        if piece.genre and rng.random() < 0.35:
            continue
        names = INSTRUMENTS[part.instrument].names
        words = names[0] if rng.random() < 0.3 else rng.choice(names)  # the plainest word is met most often
        if part.register in REGISTER_WORDS and rng.random() < 0.5:
            words = f"{rng.choice(REGISTER_WORDS[part.register])} {words}"
        named.append(rng.choice(ROLE_PHRASES[part.role]).format(words) if rng.random() < 0.6 else words)
    if piece.pattern and piece.kit and (not piece.genre or rng.random() < 0.4):
        named.append(rng.choice(KITS[piece.kit][1]))
    elif not piece.pattern and rng.random() < 0.12:
        named.append(rng.choice(("no drums", "without drums", "drumless")))
    for family, absent in (("bass", ("no bass", "without bass")), ("choir", ("no vocals", "no singing", "no voices"))):
        if named and family not in piece.families and rng.random() < 0.04:
            named.append(rng.choice(absent))
    rng.shuffle(named)
    return named


def _traits(piece: Piece, rng: random.Random, thorough: bool) -> list[str]:
    """Words for mood, key, tempo, density, dynamics and so on, each said only sometimes (or all of them)."""

    def said(share: float) -> bool:
        return rng.random() < share or thorough

    traits = []
    if piece.parts and said(0.45):
        traits.append(rng.choice(MOOD_WORDS[piece.mode]))
    if piece.parts and said(0.25):
        key = rng.choice(KEY_NAMES[piece.key])
        traits.append(rng.choice(("in {} {}", "{} {}", "in the key of {} {}")).format(key, piece.mode))
    if said(0.5):
        traits.append(rng.choice(TEMPO_WORDS[piece.tempo]) if rng.random() < 0.6 else f"{_bpm(piece, rng)} bpm")
    if piece.density in DENSITY_WORDS and said(0.55):
        traits.append(rng.choice(DENSITY_WORDS[piece.density]))
    if piece.dynamics in DYNAMICS_WORDS and said(0.5):
        traits.append(rng.choice(DYNAMICS_WORDS[piece.dynamics]))
    if piece.texture and said(0.75):
        traits.append(rng.choice(TEXTURE_WORDS[piece.texture]))
    if piece.articulation and said(0.7):
        traits.append(rng.choice(ARTICULATION_WORDS[piece.articulation]))
    if said(0.12):
        traits.append(rng.choice(EXTRA_WORDS))
    rng.shuffle(traits)
    return traits


def _bpm(piece: Piece, rng: random.Random) -> int:
    """The tempo as a number: mostly what it is, else one that people ask for and that has no nearer tempo."""
    if rng.random() < 0.6 or piece.tempo not in BPM_RANGES or abs(piece.bpm - 47) < 1:
        return round(piece.bpm)
    return rng.randint(*BPM_RANGES[piece.tempo])
