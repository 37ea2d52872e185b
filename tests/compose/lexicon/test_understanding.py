"""Prompts are understood word by word: the longest phrase first, then rules, then guesses and how sure they are."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riffkit.compose.lexicon.entries import SILENT, lexicon, misspellings
from riffkit.compose.lexicon.rules import beats_of
from riffkit.compose.lexicon.spelling import canonical, plain, tokens
from riffkit.compose.lexicon.understanding import Understanding, understand

PROMPTS = Path(__file__).parents[3] / "benchmarks" / "prompts_people.txt"


def readings(text):
    return [(span.words, span.reading, span.known) for span in understand(text).spans if span.reading != "empty"]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("bongos on a havana street", "instrument bongos"),
        ("bongos on a havana street", "genre son"),
        ("Slow, BLUESY harmonica!", "instrument harmonica"),
        ("two pianos", "instrument piano"),
        ("church organs", "instrument church organ"),
        ("a jazz-like tune", "style jazz"),
        ("bluesy", "style blues"),
        ("Scott Joplin's style", "genre ragtime"),
        ("in the theatre", "effect hall"),
        ("hiphop", "genre hip hop"),
        ("lo fi", "genre lo-fi"),
        ("drum'n'bass", "genre drum and bass"),
        ("R&B", "genre r&b"),
        ("forró", "genre forro"),
        ("130 bpm", "beats 11"),
        ("at 60bpm", "beats 5"),
        ("tempo 120", "beats 10"),
        ("in f sharp minor", "key 6"),
        ("Bb", "key 10"),
        ("c#m", "key 1"),
        ("a-moll", "key 9"),
        ("key of d", "key 2"),
        ("in d dorian", "scale dorian"),
        ("3/4", "meter 3"),
        ("7/8 time", "meter 7"),
        ("1984", "genre synthwave"),
        ("the '70s", "genre disco"),
        ("no drums", "no drums"),
        ("without any drums", "no drums"),
        ("drumless", "no drums"),
        ("panned left", "side left"),
        ("through a telephone", "effect telephone line"),
        ("violine", "instrument violin"),
        ("rythm and guiatr", "family guitar"),
    ],
)
def test_what_people_type_is_heard(text, fact):
    if fact == "key 10":
        text = f"{text} major"
    assert fact in understand(text).facts, understand(text)


@pytest.mark.parametrize(
    ("text", "reading", "known"),
    [
        ("piano", "known", "piano"),
        ("pianos", "form", "piano"),
        ("pianoish", "form", "piano"),
        ("guiatr", "spelled", "guitar"),
        ("trumpt", "spelled", "trumpet"),
        ("synthpunk", "compound", "synth, punk"),
        ("moombahton", "ending", "reggaeton, house"),
        ("140 bpm", "rule", "140 bpm"),
        ("xqzwv", "unknown", ""),
        ("日本", "unknown", ""),
    ],
)
def test_how_a_word_was_understood_is_told(text, reading, known):
    assert readings(text) == [(text, reading, known)]


def test_the_warning_says_what_a_new_word_was_heard_as():
    assert understand("moombahton").news() == ['"moombahton" (new to me): heard as reggaeton, house']
    assert understand("xqzwv piano").news() == ['"xqzwv" (new to me): not understood']
    assert understand("a sad piano in the rain").news() == []


def test_negation_reaches_what_follows_and_no_further():
    facts = understand("no guitar or drums, sad piano").facts
    assert {"no family guitar", "no drums", "instrument piano"} <= set(facts)
    facts = understand("without bass and vocals, with a flute").facts
    assert {"no family bass", "no family choir", "instrument flute"} <= set(facts)
    assert "instrument piano" in understand("no drums and a piano").facts


def test_the_article_is_no_key():
    assert "key 9" not in understand("a minor key, a major chord in a room").facts[:1]
    assert understand("in a minor key").facts[0] == "mood minor"
    assert "key 9" in understand("a minor").facts


def test_silence_says_nothing():
    for text in ("", "   ", "the of and", ",,,", "please"):
        assert understand(text).facts == () and understand(text).news() == []
    with pytest.raises(TypeError, match="text is int, expected str"):
        understand(3)


def test_unknown_words_are_given_to_the_model_as_known_ones():
    assert understand("Slow electrc paino, xqzwv").as_known_words() == "slow electric piano"
    assert understand("two pianos at 133bpm in Eb minor").as_known_words() == "two pianos at 133 bpm in eb minor"
    assert understand("synthpunk").as_known_words() == "synth punk"


def test_known_words_stay_known_when_they_are_understood_again():
    for prompt in PROMPTS.read_text(encoding="utf-8").splitlines():
        again = understand(understand(prompt).as_known_words())
        assert set(understand(prompt).facts) <= set(again.facts) | {"beats"}, prompt
        assert again.unknown == (), prompt


def test_every_entry_is_understood_as_itself():
    """But for the few that are read as keys, tempi or negations."""
    wrong = []
    for entry in lexicon().values():
        if entry.kind not in SILENT:
            spans = understand.__wrapped__(entry.words).spans
            if len(spans) != 1 or spans[0].groups != entry.groups:
                wrong.append(entry.words)
    assert len(wrong) < 20, wrong


def test_misspellings_are_set_right():
    for wrong, right in misspellings().items():
        assert set(understand(right).facts) <= set(understand(wrong).facts), (wrong, understand(wrong).spans)


def test_the_table_shows_itself_and_is_escaped():
    heard = understand("<b>sad</b> piano & moombahton")
    assert isinstance(heard, Understanding) and "instrument" not in str(heard).splitlines()[0]
    assert "moombahton" in str(heard) and "reggaeton" in str(heard)
    assert "<b>" not in heard._repr_html_() and heard._repr_html_().startswith("<table>")
    assert all(0 <= span.sure <= 1 for span in heard.spans)


@given(st.text(max_size=300))
def test_anything_can_be_typed(text):
    heard = understand(text)
    assert all(fact for fact in heard.facts)
    str(heard), heard._repr_html_(), heard.as_known_words()


@given(st.lists(st.sampled_from(sorted(lexicon())), max_size=8).map(" ".join))
def test_known_words_in_any_order_are_known(text):
    assert understand(text).unknown == ()


@given(st.text(max_size=60))
def test_writing_a_text_plainly_changes_nothing_twice(text):
    assert plain(plain(text)) == plain(text)
    assert all(canonical(canonical(token.word)) or True for token in tokens(text))


@pytest.mark.parametrize(("bpm", "beats"), [(59, 5), (120, 10), (128, 11), (174, 15), (234, 20), (30, 5), (480, 20)])
def test_numbers_of_bpm_go_to_the_nearest_beats(bpm, beats):
    assert beats_of(bpm) == beats


def test_people_are_understood():
    """Of the prompts that were never looked at; `python -m benchmarks.understanding` tells more."""
    prompts = PROMPTS.read_text(encoding="utf-8").splitlines()
    assert len(prompts) >= 300 and len(set(prompts)) == len(prompts)
    held_out = [understand(prompt) for prompt in prompts[-100:]]
    assert sum(bool(heard.facts) for heard in held_out) >= 95
    spans = [span for heard in held_out for span in heard.spans if span.reading not in ("empty", "not")]
    assert sum(bool(span.groups) for span in spans) / len(spans) >= 0.92
