"""The tables name everything once, and everything that they name can be played."""

import pytest

from riffkit.compose.sounding.instruments import FAMILIES, HELD_BACK, INSTRUMENTS
from riffkit.compose.sounding.percussion import KITS, PERCUSSION
from riffkit.compose.sounding.synthesis.machines import MACHINES, NEAREST
from riffkit.compose.sounding.synthesis.orchestra import LINES, VOICES
from riffkit.compose.sounding.synthesis.skins import HANDS


def test_there_are_many_and_each_is_well_formed():
    assert len(INSTRUMENTS) >= 110
    for name, one in INSTRUMENTS.items():
        assert name == name.lower() == name.strip(), name
        assert one.family in FAMILIES and one.roles and set(one.roles) <= set("cambp"), name
        assert 20 <= one.low < one.high <= 108 and one.high - one.low >= 12, name
        assert one.program is None or (0 <= one.program <= 127 and one.bank in (0, 8)), name
    assert {one.family for one in [*INSTRUMENTS.values(), *PERCUSSION.values()]} == set(FAMILIES)
    assert set(HELD_BACK) <= set(INSTRUMENTS)


def test_no_two_instruments_are_the_same_program():
    programs = [(one.program, one.bank) for name, one in INSTRUMENTS.items() if name != "string quartet"]
    given = [program for program in programs if program[0] is not None]
    assert len(given) == len(set(given))


def test_what_no_soundfont_has_is_synthesized_and_nothing_else():
    own = {name for name, one in INSTRUMENTS.items() if one.program is None}
    assert own == set(VOICES) | set(LINES)
    assert {name for name, one in KITS.items() if one.program is None} == set(MACHINES)
    for name, one in PERCUSSION.items():
        assert one.keys and all(24 <= key <= 87 for key in one.keys)
        if one.own:
            assert set(one.keys) == set(HANDS[name]), name


@pytest.mark.parametrize("machine", MACHINES)
def test_every_key_of_a_drum_map_leads_to_a_drum(machine):
    for key in range(24, 88):
        seen = set()
        while key not in MACHINES[machine] and key in NEAREST:
            assert key not in seen, "a circle of keys"
            seen.add(key)
            key = NEAREST[key]
