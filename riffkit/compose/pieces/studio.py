"""Production as far as writing music has to know it: what goes with what, and in which order."""

EFFECT_GROUPS: dict[str, tuple[str, ...]] = {
    "dirt": ("distortion", "bit crusher", "vocoder"),
    "sway": ("chorus", "flanger", "phaser", "tremolo", "tape wow"),
    "band": (
        "low pass", "high pass", "radio", "telephone line", "underwater", "next room", "megaphone", "filter sweep",
    ),
    "pulse": ("side chain", "gate", "stutter", "auto pan"),
    "level": ("compressed",),
    "echo": ("delay",),
    "space": ("room", "hall", "cathedral", "plate", "spring"),
}  # fmt: skip
"""Effects of `compose.sounding.effects`, in the order in which a sound goes through them; of a group one at most."""

EFFECTS: tuple[str, ...] = tuple(name for names in EFFECT_GROUPS.values() for name in names)

SIDES = ("left", "right", "wide", "narrow")
"""Where a piece can be heard, when it is not in the ordinary stereo picture."""

_HELD = (
    "vocoder",
    "gate",
    "tremolo",
    "tape wow",
    "auto pan",
    "filter sweep",
    "side chain",
    "phaser",
    "flanger",
    "chorus",
)
_DYING = frozenset({"keys", "mallets", "guitar", "plucked", "bass", "percussion", "electronic percussion"})
_ON_NOISE = ("radio", "telephone line", "underwater", "next room", "low pass", "high pass", "bit crusher", "megaphone")


def audible_effects(roles: str, drums: bool, lowest: int, families: frozenset[str]) -> tuple[str, ...]:
    """List the effects that would be heard.

    Parameters
    ----------
    roles : str
        Letters of the parts; empty where nobody plays.
    drums : bool
        Whether the drum set does.
    lowest : int [MIDI note]
        Of the ranges of who plays; 0 for drums.
    families : frozenset of str
        Of who plays.

    Returns
    -------
    tuple of str
        Of `EFFECTS`.
    """
    if not roles and not drums:
        return _ON_NOISE
    struck = drums or "x" in roles
    pitched = any(role != "x" for role in roles)
    held = any(role in "pmc" for role in roles)
    rings_on = held and not families <= _DYING
    silent = set()
    if not struck and not set(roles) - set("p"):  # rooms are heard after a sound, and levels when it changes
        silent |= {*EFFECT_GROUPS["space"], "delay", "compressed", "stutter"}
    if not struck and not set(roles) - set("b"):  # nothing high to take away
        silent |= {"low pass", "underwater", "next room", "filter sweep", "room"}
    if not rings_on:  # nothing is left to go up and down by the time it would
        silent |= {"tremolo", "gate", "side chain", "auto pan"}
    if not held:
        silent |= {one for one in _HELD if not (struck and one in ("flanger", "filter sweep", "phaser"))}
    if not pitched:
        silent |= {"tape wow", "chorus"}
    if not drums and lowest >= 58:
        silent |= {"high pass"}
    if families <= {"distorted guitar"} and not struck:
        silent |= {"distortion"}
    return tuple(name for name in EFFECTS if name not in silent)
