"""Canvas: a line at a frequency is a tone of that frequency."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from waiting import until

import riffkit
from riffkit.widgets.canvas import Canvas, Drawing
from riffkit.widgets.parts.keeper import save_new


def pitches(clip, at, n=1):
    """The n loudest frequencies [Hz] around a moment, by parabolas through the peaks of a 0.2 s spectrum in dB."""
    rate = clip.sample_rate
    first = round((at - 0.1) * rate)
    frame = clip.samples[0, first : first + rate // 5] * np.hanning(rate // 5)
    level = np.log(np.abs(np.fft.rfft(frame, rate)) + 1e-12)  # a bin is 1 Hz
    peaks = 1 + np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:]))
    best = sorted(peaks[np.argsort(level[peaks])[-n:]])
    return [p + (level[p - 1] - level[p + 1]) / (2 * (level[p - 1] - 2 * level[p] + level[p + 1])) for p in best]


def cents(heard, drawn):
    return 1200 * np.abs(np.log2(np.array(heard) / np.array(drawn)))


def wait(canvas):
    until(lambda: not canvas._decoder.running)
    assert canvas.error.value == ""


@pytest.mark.parametrize("hz", [110, 220, 440, 880, 1760, 3520, 7040])
def test_a_line_sounds_at_its_frequency(hz):
    canvas = Canvas()
    canvas.surface.draw((0, hz), (5.11, hz))
    heard = [pitches(canvas.clip, at)[0] for at in (1.0, 2.5, 4.0)]
    assert cents(heard, hz).max() < 20
    canvas.close()


def test_two_curves_are_two_pitches():
    canvas = Canvas(duration=4)
    canvas.surface.draw((0, 300), (4, 600))  # rising; straight on the mel axis
    canvas.surface.draw((0, 1800), (4, 1200))
    mel = lambda f: 2595 * np.log10(1 + f / 700)  # noqa: E731
    between = lambda a, b, t: 700 * (10 ** ((mel(a) + (mel(b) - mel(a)) * t / 4) / 2595) - 1)  # noqa: E731
    for at in (1.0, 2.0, 3.0):
        drawn = [between(300, 600, at), between(1800, 1200, at)]
        assert cents(pitches(canvas.clip, at, 2), drawn).max() < 30
    canvas.close()


def test_a_note_with_overtones_has_them_at_the_multiples():
    canvas = Canvas(duration=3)
    canvas.surface.draw((0, 330), (3, 330), harmonics=5)
    assert cents(pitches(canvas.clip, 1.5, 5), [330, 660, 990, 1320, 1650]).max() < 30
    canvas.close()


def test_lighter_ink_is_softer():
    canvas = Canvas(duration=4)
    canvas.surface.draw((0, 500), (2, 500), level=1.0)
    canvas.surface.draw((2, 500), (4, 500), level=0.5)
    samples = canvas.clip.samples[0]
    loud, soft = (np.sqrt((samples[round(a * 44100) : round((a + 1) * 44100)] ** 2).mean()) for a in (0.5, 2.5))
    assert 20 * np.log10(loud / soft) == pytest.approx(24, abs=2)
    canvas.close()


def test_the_player_follows_the_pen_and_an_empty_canvas_is_silent():
    canvas = Canvas(duration=1)
    assert canvas.clip.peak() == 0
    canvas.surface.draw((0, 440), (1, 440))
    canvas.surface.draw((0, 660), (1, 660))
    wait(canvas)
    assert canvas.player.duration == pytest.approx(0.99)
    assert cents(pitches(canvas._drawing.clip, 0.5, 2), [440, 660]).max() < 20
    canvas.surface.clear()
    wait(canvas)
    assert canvas._drawing.clip.peak() == 0
    assert canvas.player.error == ""
    canvas.close()


def test_files_are_never_replaced(tmp_path):
    canvas = Canvas(duration=1, folder=tmp_path / "new")
    canvas.keeper.sound.click()
    assert "nothing is drawn" in canvas.keeper.error.value
    canvas.surface.draw((0, 440), (1, 440))
    wait(canvas)
    for _ in range(2):
        canvas.keeper.save(".wav")
        canvas.keeper.save(".png")
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["drawing-2.png", "drawing-2.wav", "drawing.png", "drawing.wav"]
    again = riffkit.decode(Image.open(tmp_path / "new" / "drawing.png"))
    assert cents(pitches(again, 0.5), 440) < 20
    canvas.close()


def test_names_of_files_hold_no_surprises(tmp_path):
    drawing = Drawing(Canvas(duration=0.5).image, riffkit.Clip(np.zeros((1, 4410), np.float32), 44100))
    assert save_new(drawing, tmp_path, "../Jazz & <b>blues</b>/7", ".wav").name == "jazz-b-blues-b-7.wav"
    assert save_new(drawing, tmp_path, "", ".wav").name == "riff.wav"


def test_bad_canvases_are_refused():
    with pytest.raises(ValueError, match="duration"):
        Canvas(duration=1000)
    with pytest.raises(ValueError, match="stereo"):
        Canvas(params=riffkit.SpectrogramParams(stereo=True))
    with pytest.raises(ValueError, match="riffer"):
        Canvas(duration=1).paint_over()


def test_drawing_and_listening_need_no_model():
    code = "import sys, riffkit; riffkit.Canvas, riffkit.Player, riffkit.compare; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
