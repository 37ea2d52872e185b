"""The judge: ears that do not care for the key or the tempo, sets of right answers, and learning."""

import pytest
import torch

from benchmarks.judging import network
from benchmarks.judging.hearing import Views
from benchmarks.judging.network import Judge, chosen
from benchmarks.judging.questions import HEADS, HEARD, QUESTIONS, alone, true_of, truth_of
from benchmarks.judging.training import loss_of, scores, train
from riffkit.compose.pieces.drawing import compose
from riffkit.compose.pieces.facts import FACTS

PIECES = [compose(seed) for seed in range(20_000_000, 20_000_300)]


def silence():
    return torch.zeros(3, 2, 128, 128), torch.zeros(3, 8, 129), torch.zeros(3, 2, 6, 12), torch.zeros(3, 4, 5)


def test_options_are_facts_and_as_many_as_were_promised():
    extra = {"density normal", "register middle", "effect none", "side centre"}
    assert {option for head, options in HEADS.items() if head != "key" for option in options} - set(FACTS) == extra
    sizes = {head: len(options) for head, options in HEADS.items()}
    assert sizes["soloist"] >= 150 and sizes["genre"] >= 188 and sizes["beats"] == 16 and sizes["side"] == 5
    assert set(HEARD) <= set(FACTS) and len(QUESTIONS["family"].options) < sizes["soloist"]


def test_every_piece_has_right_answers():
    truth = truth_of(PIECES)
    for number, piece in enumerate(PIECES):
        assert truth["side"][number].sum() == 1 and truth["effect"][number].any()
        assert truth["key"][number].sum() in (0, 1, 3)
        asked = [head for head in ("soloist", "percussion", "sound") if truth[head][number].any()]
        assert asked == ([alone(piece)] if alone(piece) else [])
    assert all(truth[head].any() for head in HEADS)


def test_perfect_answers_are_chosen():
    truth = truth_of(PIECES)
    said = {head: 12.0 * truth[head].float() for head in HEADS}
    for question in QUESTIONS:
        for piece, option, asked in zip(
            PIECES, chosen(said, question), truth[QUESTIONS[question].head].any(dim=1), strict=True
        ):
            sure = asked and (question != "mood" or any(fact.startswith("mood") for fact in true_of(piece)))
            if sure and question not in ("density", "register", "effect", "family"):  # these leave an option out
                assert option in true_of(piece), (question, option)


def test_the_loss_of_perfect_answers_is_small_and_any_right_one_will_do():
    truth = truth_of(PIECES[:40])
    said = {"heard": 20 * truth["heard"] - 10} | {head: 20.0 * truth[head].float() for head in HEADS}
    assert loss_of(said, truth) < 0.02
    only_first = said | {"key": 20.0 * (truth["key"].cumsum(1) == 1).float() * truth["key"]}
    assert loss_of(only_first, truth) < 0.02
    assert loss_of({name: torch.zeros_like(values) for name, values in said.items()}, truth) > 10


def test_the_ear_for_keys_moves_with_the_key():
    judge, (timbre, rhythm, _, space) = Judge().eval(), silence()
    pitch = torch.rand(3, 2, 6, 12)
    with torch.no_grad():
        here, moved = (judge(timbre, rhythm, p, space)["key"] for p in (pitch, pitch.roll(2, dims=-1)))
    assert torch.allclose(here.unflatten(1, (3, 12)).roll(2, dims=-1).flatten(1), moved, atol=1e-5)


def test_the_ear_for_tempo_hears_the_same_pattern_at_twice_the_tempo():
    judge, (timbre, _, pitch, space) = Judge().eval(), silence()
    slow, fast = torch.zeros(3, 8, 129), torch.zeros(3, 8, 129)
    for events in (8, 16, 32):
        slow[..., events], fast[..., 2 * events] = 3.0, 3.0
    with torch.no_grad():
        heard = [judge(timbre, rhythm, pitch, space)["beats"][0] for rhythm in (slow, fast)]
    assert torch.allclose(heard[0][8 - 5], heard[1][16 - 5], atol=1e-5)


def test_weights_come_back_and_have_a_name(tmp_path):
    judge = Judge()
    network.save(judge, tmp_path / "judge.safetensors")
    back, name = network.load(tmp_path / "judge.safetensors")
    assert len(name) == 12 and (tmp_path / "judge.safetensors").stat().st_size < 1.2e6
    assert torch.allclose(back.heard.weight, judge.heard.weight, atol=1e-3)
    with pytest.raises(FileNotFoundError, match=r"benchmarks\.judging"):
        network.load(tmp_path / "none")


@pytest.mark.slow
def test_a_judge_learns_and_goes_on_where_it_stopped(tmp_path):
    pieces = PIECES[:64]
    generator = torch.Generator().manual_seed(0)
    truth = truth_of(pieces)["heard"]
    # As many pictures as there are facts, added up: each piece looks like what it is.
    looks = torch.rand(len(HEARD), 2 * 16 * 16, generator=generator) < 0.1
    timbre = (truth @ looks.float()).reshape(-1, 2, 16, 16).clamp(0, 3).repeat_interleave(8, 2).repeat_interleave(8, 3)
    zeros = {name: values.numpy() for name, values in zip(("rhythm", "pitch", "space"), (
        torch.zeros(64, 8, 129), torch.zeros(64, 2, 6, 12), torch.zeros(64, 4, 5)), strict=True)}  # fmt: skip
    views = Views(timbre=(80 * timbre).byte().numpy(), small=timbre.byte().numpy(), **zeros)
    state = tmp_path / "state.pt"
    assert train(views, pieces, epochs=12, batch=16, state=state, minutes=0) is None
    judge = train(views, pieces, epochs=12, batch=16, state=state)
    whole = train(views, pieces, epochs=12, batch=16)
    assert all(torch.equal(a, b) for a, b in zip(judge.state_dict().values(), whole.state_dict().values(), strict=True))
    right = scores(judge, views, pieces)
    assert sum(right["drums"]) / len(right["drums"]) > 0.8
