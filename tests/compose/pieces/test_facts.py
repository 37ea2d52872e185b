"""What is said of pieces is true of them, and all that can be said is true of some."""

from collections import Counter
from dataclasses import replace

from riffkit.compose.pieces.corpora import EVERYTHING
from riffkit.compose.pieces.drawing import compose
from riffkit.compose.pieces.facts import FACTS, KINDS, PLAIN, facts_of
from riffkit.compose.pieces.piece import Part
from riffkit.compose.sounding.instruments import HELD_BACK

PIECES = [compose(seed) for seed in range(8000)]
SAID = [facts_of(piece) for piece in PIECES]
PLAIN_PIECE = replace(
    compose(0), parts=(), pattern=None, kit=None, genre=None, density="busy", feel="straight", dynamics="normal",
    beats=8, beats_per_bar=4, scale="dorian", key=3, harmony="power", progression=(0, 3), articulation=None,
    effects=(), sounds=(), side="centre",
)  # fmt: skip


def of(*parts, **changes):
    return facts_of(replace(PLAIN_PIECE, parts=parts, **changes))


def test_facts_are_listed_once_and_each_is_true_of_some_pieces():
    assert len(set(FACTS)) == len(FACTS)
    heard = Counter(fact for facts in SAID for fact in facts)
    assert set(heard) == set(FACTS), (set(FACTS) - set(heard), set(heard) - set(FACTS))


def test_a_fact_begins_with_its_kind():
    assert all(fact in PLAIN or fact.startswith(tuple(f"{kind} " for kind in KINDS)) for fact in FACTS)


def test_facts_are_what_the_piece_says():
    for piece, facts in zip(PIECES, SAID, strict=True):
        assert {f"instrument {part.instrument}" for part in piece.parts} <= facts
        assert (f"genre {piece.genre}" in facts) == (piece.genre is not None)
        assert {f"effect {name}" for name in piece.effects} | {f"sound {name}" for name in piece.sounds} <= facts
        assert ("drums" in facts) == (piece.pattern is not None)
        assert ("music" in facts) != ("no music" in facts)
        assert not {"solo", "ensemble"} <= facts and not {"drums", "no drums"} <= facts
        for kind in ("tempo", "beats", "meter", "feel", "scale", "mood", "key", "harmony", "genre", "side", "density"):
            assert sum(fact.startswith(f"{kind} ") for fact in facts) <= 1, (kind, facts)


def test_sounds_alone_have_no_tempo_and_no_key():
    facts = facts_of(replace(PLAIN_PIECE, sounds=("rain",), effects=("radio",), side="left"))
    assert facts == {"sound rain", "effect radio", "side left", "no music"}


def test_a_lone_drum_has_no_key_and_a_lone_pad_no_tempo():
    drum = of(Part("x", "congas"))
    assert {"percussion", "solo", "tempo medium"} <= drum
    assert not any(fact.startswith(("key", "scale", "mood", "harmony")) or fact == "no drums" for fact in drum)
    pad = of(Part("p", "warm pad"))
    assert "key 3" in pad and "role pad" in pad and "no drums" in pad
    assert not any(fact.startswith(("tempo", "beats", "density", "feel")) for fact in pad)


def test_power_chords_have_no_mood_and_a_tune_has():
    assert not any(fact.startswith(("scale", "mood")) for fact in of(Part("c", "distorted guitar")))
    assert {"scale dorian", "mood minor"} <= of(Part("m", "flute"))
    assert "harmony power" in of(Part("c", "distorted guitar")) and not any(
        fact.startswith("harmony") for fact in of(Part("m", "flute"))
    )


def test_a_voice_without_pitch_has_no_key():
    assert not any(fact.startswith(("key", "scale")) for fact in of(Part("m", "rap")))


def test_a_role_is_named_where_one_part_has_it():
    facts = of(Part("m", "flute"), Part("m", "oboe"), Part("b", "electric bass"))
    assert "role bass" in facts and "role melody" not in facts and "ensemble" in facts


def test_a_meter_that_the_loop_cuts_is_not_named():
    assert "meter 4" in of(Part("m", "flute"))
    assert not any(fact.startswith("meter") for fact in of(Part("m", "flute"), beats=11))


def test_the_timbres_of_the_lesson_are_in_no_facts():
    facts = {fact for seed in range(4000) for fact in facts_of(compose(seed, EVERYTHING))}
    assert facts <= set(FACTS) and not any(f"instrument {name}" in facts for name in HELD_BACK)
