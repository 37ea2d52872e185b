"""A probe tells from words what they say, and is asked nothing else."""

import torch

from benchmarks.trial.reading import answers_of, captions_of, probe, told_by


def test_only_what_words_say_alone_is_asked():
    assert told_by("slow cello in d dorian") == {
        "tempo": "tempo slow", "instrument": "instrument cello", "key": "key 2", "scale": "scale dorian"
    }  # fmt: skip
    assert "instrument" not in told_by("cello and trombone") and told_by("music") == {}


def test_a_probe_learns_what_can_be_told_in_a_line():
    torch.manual_seed(1)
    answers = torch.arange(300) % 3
    features = torch.randn(300, 8) + 4 * torch.nn.functional.one_hot(answers, 8)
    layer = probe(features, answers, ["a", "b", "c"])
    assert (layer(features).argmax(dim=1) == answers).float().mean() > 0.97


def test_a_text_encoder_is_asked_about_kinds_that_captions_name(toy):
    learnt, asked = captions_of(48_000_000, 80, held_out=False), captions_of(49_000_000, 40, held_out=True)
    found = answers_of(toy.checkpoint, learnt, asked)
    assert {"instrument", "tempo", "key"} <= set(found)
    for kind, right in found.items():
        assert len(right) == sum(kind in told_by(words) for words in asked)
