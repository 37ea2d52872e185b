"""Laws of averaged weights."""

import numpy as np
import pytest
import torch

from riffkit.training.averaging import PowerAverage, posthoc, power_of_length


def _walk(lengths, n_steps, every):
    """Averages of a random walk of one weight, and snapshots of them; also the walk itself."""
    weight = torch.nn.Parameter(torch.zeros(3, dtype=torch.float64))
    averages = {length: PowerAverage([weight], length) for length in lengths}
    walk, snapshots = [], {}
    rng = torch.Generator().manual_seed(0)
    for step in range(1, n_steps + 1):
        with torch.no_grad():
            weight += torch.randn(3, generator=rng, dtype=torch.float64)
        walk.append(weight.detach().clone())
        for length, average in averages.items():
            average.update()
            if step % every == 0:
                snapshots[step, length] = {"weight": average.average[0].clone()}
    return torch.stack(walk), averages, snapshots


@pytest.mark.parametrize("length", [0.05, 0.1, 0.2])
def test_a_power_average_weighs_steps_by_a_power_of_time(length):
    walk, averages, _ = _walk([length], 400, 400)
    steps = np.arange(1, 401)
    weights = steps ** power_of_length(length)
    # the discrete recursion follows the continuous profile up to the width of a step
    wanted = (torch.from_numpy(weights / weights.sum())[:, None] * walk).sum(dim=0)
    spread = float(walk.std())
    assert torch.allclose(averages[length].average[0], wanted, atol=0.03 * spread)


def test_the_length_is_the_spread_of_the_profile():
    for length in (0.02, 0.05, 0.1, 0.25):
        time = (np.arange(200_000) + 0.5) / 200_000
        profile = time ** power_of_length(length)
        profile /= profile.sum()
        mean = (profile * time).sum()
        assert np.sqrt((profile * (time - mean) ** 2).sum()) == pytest.approx(length, rel=1e-3)


@pytest.mark.parametrize("length", [0.06, 0.08, 0.15])
def test_any_length_can_be_made_afterwards(length):
    walk, wanted, _ = _walk([length], 1000, 1000)
    _, _, snapshots = _walk([0.05, 0.1], 1000, 50)
    made = posthoc(snapshots, length)["weight"].double()
    assert torch.allclose(made, wanted[length].average[0], atol=0.02 * float(walk.std()))


def test_a_stored_average_is_its_own_combination():
    _, averages, snapshots = _walk([0.05, 0.1], 300, 50)
    assert torch.allclose(posthoc(snapshots, 0.1)["weight"].double(), averages[0.1].average[0], rtol=1e-4)


@pytest.mark.parametrize("length", [0, 0.001, 0.289, 1, float("nan")])
def test_lengths_that_no_power_has_are_refused(length):
    with pytest.raises(ValueError, match="length is"):
        power_of_length(length)
