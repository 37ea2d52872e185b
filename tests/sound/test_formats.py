"""Pictures of sister projects."""

import librosa
import numpy as np
import pytest
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.formats import decode_dialect, mel_from_dialect, recognise_dialect
from riffkit.sound.image import encode, mel_from_image


def audio_diffusion_picture(samples):
    """As teticio/audio-diffusion draws it: Slaney mels in dB, rounded, loud is bright, low at the top."""
    power = librosa.feature.melspectrogram(y=samples, sr=22050, n_fft=2048, hop_length=512, n_mels=256)
    level = librosa.power_to_db(power, ref=np.max, top_db=80)
    return Image.fromarray(((level + 80) * 255 / 80 + 0.5).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("hertz", [220, 1000, 3000])
def test_audio_diffusion_pictures_play_their_pitch(hertz):
    time = np.arange(256 * 512 - 1) / 22050
    image = audio_diffusion_picture((np.sin(2 * np.pi * hertz * time) * np.exp(-time)).astype(np.float32))
    assert recognise_dialect(image) == "audio-diffusion"
    clip = decode_dialect(image, quality="fast")
    spectrum = np.abs(np.fft.rfft(clip.samples[0]))
    assert np.argmax(spectrum) / clip.duration == pytest.approx(hertz, rel=0.04)


def test_ours_are_not_taken_for_theirs(tune):
    assert recognise_dialect(encode(tune)) == "riffusion"
    assert recognise_dialect(encode(tune).convert("L")) == "riffusion"
    assert np.array_equal(mel_from_dialect(encode(tune))[0], mel_from_image(encode(tune)))


def test_webui_pictures_have_a_fixed_level():
    black = Image.new("RGB", (4, 512), "black")
    mel, params = mel_from_dialect(black, "sd-webui")
    assert mel.max() * 32768 == pytest.approx(50**4, rel=1e-4)
    assert params.n_mels == 512


def test_black_audio_diffusion_pictures_are_silent():
    assert decode_dialect(Image.new("L", (16, 256), 0), "audio-diffusion").peak() == 0
    assert isinstance(decode_dialect(Image.new("L", (16, 256), 90), "audio-diffusion", quality="fast"), Clip)


def test_unknown_dialects_are_refused():
    with pytest.raises(ValueError, match="sd-webui"):
        mel_from_dialect(Image.new("L", (4, 4)), "klingon")
    with pytest.raises(TypeError, match=r"Image\.open"):
        recognise_dialect(np.zeros((4, 4)))
