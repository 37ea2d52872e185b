"""One scale for rows and columns: there and back, in order, with its ends where the picture ends."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riffkit.sound.clip import Clip
from riffkit.sound.mel import mel_filters, mel_from_clip
from riffkit.sound.params import SpectrogramParams, hz_of_mel, hz_per_mel, mel_of_hz

SETS = [
    SpectrogramParams(),
    SpectrogramParams.full_band(),
    SpectrogramParams.full_band(768, stereo=True),
    SpectrogramParams(n_mels=128, fmin=50.0, fmax=8000.0, sample_rate=22050),
    SpectrogramParams(n_mels=2),
]
sets = st.sampled_from(SETS)


@given(st.floats(0, 100_000))
def test_mel_and_hertz_are_each_others_inverse(hz):
    assert hz_of_mel(mel_of_hz(hz)) == pytest.approx(hz, rel=1e-9, abs=1e-9)
    step = (hz_of_mel(mel_of_hz(hz) + 1e-3) - hz) / 1e-3
    assert step == pytest.approx(hz_per_mel(hz), rel=1e-4)


def test_mel_is_the_scale_of_the_htk_book():
    assert mel_of_hz(0) == 0
    assert mel_of_hz(1000) == pytest.approx(1000, abs=0.02), "1000 Hz are 1000 mel"


@given(sets, st.floats(0, 1))
def test_rows_and_hertz_are_each_others_inverse(params, share):
    hz = params.fmin + share * (params.fmax - params.fmin)
    assert params.hz_of(params.row_of(hz)) == pytest.approx(hz, rel=1e-9, abs=1e-6)
    assert -1 - 1e-9 <= params.row_of(hz) <= params.n_mels + 1e-9
    assert params.height_of(hz) == pytest.approx((params.row_of(hz) + 1) / (params.n_mels + 1))
    column = share * 10_000
    assert params.column_of(params.seconds_of(column)) == pytest.approx(column)


@given(sets, st.floats(0, 10_000), st.floats(0, 10_000))
def test_higher_is_above_and_later_is_to_the_right(params, a, b):
    low, high = sorted((a, b))
    assert params.row_of(low) <= params.row_of(high) and params.column_of(low) <= params.column_of(high)


@pytest.mark.parametrize("params", SETS)
def test_fmin_and_fmax_are_one_step_outside(params):
    assert params.row_of(params.fmin) == -1
    assert params.row_of(params.fmax) == pytest.approx(params.n_mels)
    assert params.height_of(params.fmin) == 0 and params.height_of(params.fmax) == 1


@pytest.mark.parametrize("params", SETS)
def test_arrays_are_read_like_numbers(params):
    hz = np.linspace(params.fmin, params.fmax, 7)
    assert np.allclose(params.row_of(hz), [params.row_of(f) for f in hz.tolist()])
    assert np.allclose(params.hz_of(params.row_of(hz)), hz)


@pytest.mark.parametrize("row", [30, 200, 500])
def test_a_row_hears_its_frequency_best(row):
    params = SpectrogramParams()
    hz = params.hz_of(row)
    bins = np.arange(params.n_fft // 2 + 1) * params.sample_rate / params.n_fft
    peak = bins[mel_filters(params)[row].argmax()]
    assert peak == pytest.approx(hz, abs=params.sample_rate / params.n_fft)
    tone = Clip(np.sin(2 * np.pi * hz * np.arange(44100) / 44100), 44100)
    assert abs(int(mel_from_clip(tone)[0, :, 50].argmax()) - row) <= 1


@pytest.mark.parametrize("params", SETS)
def test_a_column_is_centred_on_its_time(params):
    n = 40 * params.hop_length
    samples = np.zeros(n, np.float32)
    samples[round(params.seconds_of(20) * params.sample_rate)] = 1
    mel = mel_from_clip(Clip(samples, params.sample_rate), params)[0]
    heard = np.flatnonzero(mel.any(0))
    assert (heard[0] + heard[-1]) / 2 == pytest.approx(20, abs=0.5)


def test_a_box_without_hertz_covers_all_rows():
    for params in SETS:
        rows, columns = params.box(1.0, 2.0)
        assert rows == slice(0, params.n_mels)
        assert columns == slice(round(params.column_of(1.0)), round(params.column_of(2.0)))
        assert params.box(1.0, 2.0, params.fmin, params.fmax) == params.box(-1.0, 2.0, 0, 1e6)[:1] + (columns,)


@given(sets, st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_bands_side_by_side_are_all_rows_once(params, shares):
    edges = [params.fmin + share * (params.fmax - params.fmin) for share in [0, *sorted(shares), 1]]
    covered = np.zeros(params.n_mels, int)
    for low, high in zip(edges, edges[1:], strict=False):
        covered[params.box(0, 1, low, high)[0]] += 1
    assert (covered == 1).all()


def test_fewer_rows_keep_the_hertz_of_their_edges():
    few = dataclasses.replace(SpectrogramParams(), n_mels=64)
    assert few.row_of(few.fmax) == pytest.approx(64) and few.hz_of(-1) == pytest.approx(0)


def test_full_band_is_all_that_can_be_heard_in_as_many_rows():
    wide, plain = SpectrogramParams.full_band(), SpectrogramParams()
    assert (wide.n_mels, wide.fmin, wide.fmax, wide.stereo) == (512, 20, 20000, False)
    assert dataclasses.replace(wide, fmin=plain.fmin, fmax=plain.fmax) == plain, "nothing else differs"
    assert SpectrogramParams.full_band(768, stereo=True, hop_ms=5).channels == 2
    assert wide.n_mels - wide.row_of(10_000) < wide.n_mels / 4, "the last octave costs few rows"


def test_parameters_need_no_numpy():
    code = "import sys, riffkit.sound.params as p; p.SpectrogramParams().row_of(440.0); print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
