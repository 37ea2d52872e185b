import pytest
import torch

from riffkit.diffusion.sampling import clean_and_noise, denoise, guided, holding, invert, start_from
from riffkit.diffusion.schedulers import SCHEDULERS, make_scheduler, number_of_steps
from riffkit.progress import Cancelled

BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}


def config(kind="v_prediction", spacing="trailing"):
    return {**BETAS, "prediction_type": kind, "timestep_spacing": spacing, "num_train_timesteps": 1000}


class Oracle:
    """Knows the clean picture, so its predictions are exact; counts its calls and remembers the first timestep."""

    def __init__(self, scheduler, clean):
        self.scheduler, self.clean, self.calls, self.first = scheduler, clean, 0, None

    def __call__(self, x, t):
        self.calls += 1
        self.first = float(t) if self.first is None else self.first
        alpha_bar = self.scheduler.alphas_cumprod[int(round(float(t)))]
        noise = (x - alpha_bar.sqrt() * self.clean) / (1 - alpha_bar).sqrt()
        if self.scheduler.config.prediction_type == "epsilon":
            return noise
        return alpha_bar.sqrt() * noise - (1 - alpha_bar).sqrt() * self.clean


@pytest.mark.parametrize("spacing", ["trailing", "leading", "linspace"])
@pytest.mark.parametrize("kind", ["v_prediction", "epsilon"])
@pytest.mark.parametrize("strength", [0, 0.02, 0.5, 0.75, 1])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_steps_and_noise_level_agree_for_every_scheduler_and_strength(name, strength, kind, spacing):
    steps = 20
    scheduler = make_scheduler(name, config(kind, spacing), steps, strength)
    n = number_of_steps(steps, strength)
    assert n == {0: 0, 0.02: 1, 0.5: 10, 0.75: 15, 1: 20}[strength]
    clean, noise = torch.randn(1, 2, 4, 4), torch.randn(1, 2, 4, 4)
    x = start_from(scheduler, noise, clean, strength)
    oracle = Oracle(scheduler, clean)
    out = denoise(oracle, scheduler, x, generator=torch.Generator().manual_seed(0))
    assert oracle.calls == (n + 1 if name == "pndm" and n > 1 else n)
    if n == 0:
        assert torch.equal(out, clean)
        return
    first = float(make_scheduler(name, config(kind, spacing), steps, strength).timesteps[0])
    assert oracle.first == first
    # an exact model leads to the clean picture if, and only if, the noise put in is that of the first timestep
    assert (out - clean).abs().max() < (0.15 if name in ("euler_ancestral", "pndm", "ddim", "lcm") else 0.02)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_noise_at_the_start_is_that_of_the_first_timestep(name):
    scheduler = make_scheduler(name, config(), 20, 0.5)
    clean, noise = torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2)
    x = scheduler.scale_model_input(start_from(scheduler, noise, clean, 0.5), scheduler.timesteps[0])
    t = int(round(float(scheduler.timesteps[0])))
    assert torch.allclose(x, (1 - scheduler.alphas_cumprod[t]).sqrt().expand_as(x), atol=2e-3)


@pytest.mark.parametrize("name", ["dpm++", "pndm", "ddim", "euler"])
def test_held_cells_come_back_bit_for_bit(name):
    scheduler = make_scheduler(name, config(), 10)
    known, noise = torch.randn(1, 2, 4, 4), torch.randn(1, 2, 4, 4)
    free = torch.zeros(4, 4)
    free[:, 2:] = 1
    hold = holding(scheduler, known, noise, free)
    out = denoise(lambda x, t: torch.zeros_like(x), scheduler, start_from(scheduler, noise, known, 1.0), hold=hold)
    assert torch.equal(out[..., :2], known[..., :2])
    assert not torch.allclose(out[..., 2:], known[..., 2:])


def test_grey_cells_are_held_for_their_part_of_the_steps():
    scheduler = make_scheduler("ddim", config(), 10)
    known, noise = torch.zeros(1, 1, 1, 3), torch.zeros(1, 1, 1, 3)
    hold = holding(scheduler, known, noise, torch.tensor([[0.0, 0.3, 1.0]]))
    held = [(hold(torch.ones(1, 1, 1, 3), step) == 0).flatten().tolist() for step in range(10)]
    assert [h[0] for h in held] == [True] * 10
    assert [h[1] for h in held] == [True] * 6 + [False] * 4  # known is back after 60 %, free to end after
    assert [h[2] for h in held] == [False] * 10


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["v_prediction", "epsilon"])
def test_inversion_leads_back_the_closer_the_more_rounds(kind, toy):
    """With a real network, whose prediction depends on where it stands."""
    unet = toy.checkpoint.unet
    words = torch.zeros(1, 16, unet.config.cross_attention_dim)
    predict = guided(unet, words, words, 1.0)
    clean = torch.randn(1, unet.config.in_channels, 8, 8, generator=torch.Generator().manual_seed(1))
    errors = []
    for rounds in (1, 3, 8):
        noise = invert(predict, config(kind), clean, 10, rounds=rounds)
        errors.append(float((denoise(predict, make_scheduler("ddim", config(kind), 10), noise) - clean).abs().mean()))
    assert errors[0] > errors[1] > errors[2], errors


@pytest.mark.parametrize("kind", ["v_prediction", "epsilon"])
def test_inversion_of_an_exact_model_leads_back(kind):
    clean = torch.randn(1, 2, 4, 4)
    scheduler = make_scheduler("ddim", config(kind), 20)
    noise = invert(Oracle(scheduler, clean), config(kind), clean, 20)
    back = denoise(Oracle(scheduler, clean), scheduler, noise)
    assert (back - clean).abs().max() < 0.1


@pytest.mark.parametrize("kind", ["v_prediction", "epsilon"])
def test_clean_and_noise_are_what_was_mixed(kind):
    clean, noise, alpha_bar = torch.randn(9), torch.randn(9), torch.tensor(0.3)
    x = alpha_bar.sqrt() * clean + (1 - alpha_bar).sqrt() * noise
    prediction = noise if kind == "epsilon" else alpha_bar.sqrt() * noise - (1 - alpha_bar).sqrt() * clean
    for got, wanted in zip(clean_and_noise(x, prediction, alpha_bar, kind), (clean, noise), strict=True):
        assert torch.allclose(got, wanted, atol=1e-5)


def test_guidance_of_one_is_one_call_and_equals_no_guidance(toy):
    unet = toy.checkpoint.unet
    width = unet.config.cross_attention_dim
    words, negative = torch.randn(1, 16, width), torch.randn(1, 16, width)
    x = torch.randn(1, unet.config.in_channels, 8, 8)
    with torch.no_grad():
        one = guided(unet, words, negative, 1.0)(x, torch.tensor(500))
        nearly = guided(unet, words, negative, 1.0 + 1e-6)(x, torch.tensor(500))
        none = guided(unet, negative, negative, 7.0)(x, torch.tensor(500))
        plain = unet(x, 500, negative).sample
    assert torch.allclose(one, nearly, atol=1e-4)
    assert torch.allclose(none, plain, atol=1e-4)


def test_outside_the_interval_the_words_predict_alone(toy):
    unet, calls = toy.checkpoint.unet, []
    width = unet.config.cross_attention_dim
    words, negative = torch.randn(1, 16, width), torch.randn(1, 16, width)
    x = torch.randn(1, unet.config.in_channels, 8, 8)
    counting = unet.register_forward_hook(lambda module, given, found: calls.append(len(given[0])))
    try:
        with torch.no_grad():
            within = guided(unet, words, negative, 4.0, (400, 900))
            always, never = (guided(unet, words, negative, scale) for scale in (4.0, 1.0))
            for t, same in ((999, never), (901, never), (900, always), (400, always), (399, never), (0, never)):
                t = torch.tensor(t)
                assert torch.equal(within(x, t), same(x, t))
    finally:
        counting.remove()
    assert calls == [1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1]


def test_cancelling_stops_before_the_next_step():
    scheduler = make_scheduler("ddim", config(), 10)
    oracle = Oracle(scheduler, torch.zeros(1, 1, 2, 2))
    with pytest.raises(Cancelled):
        denoise(oracle, scheduler, torch.randn(1, 1, 2, 2), progress=lambda step, total, estimate: step < 3)
    assert oracle.calls == 3


@pytest.mark.parametrize(
    ("name", "steps", "strength", "message"),
    [
        ("heun", 20, 1, "scheduler 'heun'"),
        ("ddim", 0, 1, "num_inference_steps is 0"),
        ("ddim", 10**6, 1, "num_inference_steps"),
        ("ddim", 2.5, 1, "num_inference_steps"),
        ("ddim", 20, 1.1, "strength is 1.1"),
        ("ddim", 20, -0.1, "strength is -0.1"),
        ("ddim", 20, float("nan"), "strength is nan"),
        ("lcm", 60, 1, "lcm takes 1..50"),
    ],
)
def test_absurd_settings_are_refused(name, steps, strength, message):
    with pytest.raises(ValueError, match=message):
        make_scheduler(name, config(), steps, strength)


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_very_few_steps_work(name, steps):
    scheduler = make_scheduler(name, config(), steps)
    out = denoise(
        Oracle(scheduler, torch.zeros(1, 1, 2, 2)), scheduler, torch.randn(1, 1, 2, 2) * scheduler.init_noise_sigma
    )
    assert torch.isfinite(out).all()


SHAPES = [{"use_karras_sigmas": True}, {"use_exponential_sigmas": True}, {"use_beta_sigmas": True}]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: next(iter(shape)))
@pytest.mark.parametrize("strength", [0.1, 0.5, 1])
@pytest.mark.parametrize("name", ["dpm++", "euler", "pndm"])
def test_timesteps_that_round_to_the_same_number_are_steps_of_their_own(name, strength, shape):
    """Karras sigmas and others: late steps share a timestep. They are told apart by position, never by value."""
    scheduler = make_scheduler(name, config() | shape, 50, strength)
    n = number_of_steps(50, strength)
    clean, noise = torch.randn(1, 2, 4, 4), torch.randn(1, 2, 4, 4)
    oracle = Oracle(scheduler, clean)
    hold = holding(scheduler, clean, noise, torch.eye(4))
    out = denoise(oracle, scheduler, start_from(scheduler, noise, clean, strength), hold=hold)
    assert oracle.calls == (n + 1 if name == "pndm" else n)
    assert (out - clean).abs().max() < 0.15
    if name != "pndm":
        assert len(scheduler.sigmas) == n + 1 and (scheduler.sigmas[1:] < scheduler.sigmas[:-1]).all()


@pytest.mark.parametrize("steps", [499, 970, 998, 999])
@pytest.mark.parametrize("name", ["dpm++", "pndm", "ddim", "euler", "euler_ancestral"])
def test_hundreds_of_steps_are_as_many_as_asked_for_and_all_of_the_model(name, steps):
    """Trailing timesteps go by a fraction, whose sum may be one step too long: it would ask the model at t = -1."""
    timesteps = make_scheduler(name, config(), steps, 1.0).timesteps
    assert len(timesteps) == steps + (name == "pndm")
    assert timesteps.min() >= 0 and timesteps.max() <= 999
    assert len(make_scheduler(name, config(), steps, 0.5).timesteps) == number_of_steps(steps, 0.5) + (name == "pndm")


@pytest.mark.parametrize(
    ("name", "steps", "file", "message"),
    [
        ("ddim", 1000, {"timestep_spacing": "leading"}, "from 1000 to 1, it has 0 to 999"),
        ("dpm++", 1000, {"timestep_spacing": "leading"}, "the same"),
        ("dpm++", 1000, {"timestep_spacing": "linspace"}, "the same"),
        ("ddim", 200, {"num_train_timesteps": 100}, "cannot be larger"),
        ("dpm++", 20, {"num_train_timesteps": 10**12}, "num_train_timesteps is 1000000000000"),
        ("dpm++", 20, {"beta_end": float("nan")}, "beta_end is nan"),
        ("dpm++", 20, {"prediction_type": "sample"}, "prediction_type is 'sample'"),
        ("dpm++", 20, {"steps_offset": "1"}, "steps_offset is '1'"),
        ("dpm++", 20, {"trained_betas": "betas"}, "trained_betas are 'betas'"),
        ("dpm++", 20, {"use_karras_sigmas": True, "use_beta_sigmas": True}, "dpm.. cannot be made"),
    ],
)
def test_what_a_scheduler_file_cannot_give_is_refused(name, steps, file, message):
    with pytest.raises(ValueError, match=message):
        make_scheduler(name, config() | file, steps)


@pytest.mark.parametrize("file", ["text", 3, None, [], True])
def test_a_scheduler_file_that_holds_no_object_is_refused(file):
    with pytest.raises(ValueError, match="expected an object"):
        make_scheduler("ddim", file, 20)
