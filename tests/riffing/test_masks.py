"""Masks: a box covers the pixels that its seconds and hertz name, and no others."""

import numpy as np
import pytest

from riffkit.riffing.masks import as_mask, free_cells, mask_pixels
from riffkit.sound.params import SpectrogramParams

PARAMS = SpectrogramParams()


def covered(*boxes, params=PARAMS, columns=512):
    return mask_pixels(as_mask(list(boxes)), params.n_mels, columns, params) > 0


@pytest.mark.parametrize("start, end", [(1.0, 2.0), (0.0, 5.12), (0.005, 0.015), (3.333, 4.441), (5.0, 9.0)])
def test_a_box_covers_its_columns_and_all_rows(start, end):
    mask = covered((start, end))
    assert np.flatnonzero(mask.any(0)).tolist() == list(range(round(start / 0.01), min(round(end / 0.01), 512)))
    assert (mask.all(0) == mask.any(0)).all()


def test_boxes_side_by_side_share_no_pixel_and_leave_none_out():
    edges_s, edges_hz = [0, 0.4, 1.337, 2.0, 5.12], [0, 150, 440, 3001.5, 10000]
    count = sum(
        covered((start, end, low, high)).astype(int)
        for start, end in zip(edges_s, edges_s[1:], strict=False)
        for low, high in zip(edges_hz, edges_hz[1:], strict=False)
    )
    assert (count == 1).all()


@pytest.mark.parametrize("n_mels", [128, 512, 513])
def test_high_frequencies_are_above_low_ones_and_a_tone_lies_in_its_box(n_mels):
    params = SpectrogramParams(n_mels=n_mels)
    mask = covered((0, 5.12, 200, 2000), params=params)
    rows = np.flatnonzero(mask.any(1))
    line = lambda hz: n_mels - 1 - params.row_of(hz)  # noqa: E731  (of the picture, from above)
    assert rows[0] == pytest.approx(line(2000), abs=1.5) and rows[-1] == pytest.approx(line(200), abs=1.5)
    assert mask[round(line(600))].all() and not mask[round(line(4000))].any()


def test_a_box_outside_is_refused():
    for box in ((6, 7), (-1, 1), (2, 1), (0, 1, 2000, 200)):
        with pytest.raises(ValueError, match="not inside"):
            covered(box)


def test_cells_are_as_free_as_their_freest_pixel():
    values = np.zeros((16, 20), np.float32)
    values[3, 5] = 0.5
    free = free_cells(values, 8, 4).numpy()
    assert free.shape == (2, 4) and free[0, 0] == 0.5 and free[1, 0] == 0
    assert (free[:, 2] == 1).all() and (free[:, 3] == 1).all(), "what lies beyond the picture is free"
