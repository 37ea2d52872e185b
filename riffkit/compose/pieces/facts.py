"""What is true of a piece, in words of one fixed list: what captions may say, and a model can be asked for."""

KINDS = (
    "family", "instrument", "figure", "role", "genre", "style", "kit", "pattern", "tempo", "beats", "meter", "feel",
    "scale", "mood", "key", "harmony", "density", "dynamics", "articulation", "register", "effect", "side", "sound",
)  # fmt: skip
"""A fact is a kind and a name ("tempo slow"), but for those of `PLAIN`, which stand alone."""

PLAIN = ("drums", "no drums", "percussion", "solo", "ensemble", "music", "no music")

STYLES = (
    "latin", "african", "caribbean", "electronic", "rock", "metal", "jazz", "blues", "classical", "early", "folk",
    "asian", "hip hop", "soul", "pop", "ambient", "stage",
)  # fmt: skip

FIXED: dict[str, tuple[str, ...]] = {
    "role": ("chords", "arpeggio", "melody", "bass", "pad"),
    "style": (*STYLES, "film"),
    "tempo": ("slow", "medium", "fast", "very fast"),
    "beats": tuple(str(beats) for beats in range(5, 21)),
    "meter": tuple(str(beats) for beats in range(3, 8)),
    "feel": ("straight", "swing", "shuffle"),
    "mood": ("major", "minor", "other"),
    "key": tuple(str(key) for key in range(12)),
    "density": ("sparse", "busy"),
    "dynamics": ("soft", "loud"),
    "articulation": ("staccato", "legato"),
    "register": ("low", "high"),
    "side": ("left", "right", "wide", "narrow"),
}
"""The names of the kinds that no table lists."""
