"""riffkit: words to music by way of spectrogram pictures.

A clip becomes a mel spectrogram picture and back (`riffkit.sound`); latent diffusion (`riffkit.diffusion`) paints such
pictures from words (`riffkit.riffing`). The names below are loaded when first used, so `import riffkit` costs nothing.

    import riffkit

    riffer = riffkit.load()                                # the embedded model: offline, CPU
    riffer.riff("church bells", seed=7).save("bells.wav")

Where to start: notebooks/00_welcome.ipynb.
"""

import os
from importlib import import_module

# Threads that wait for each other spin for a fraction of a millisecond, then sleep. Spinning without end, twenty steps
# on two cores took 165 s beside other busy programs; always asleep, they take 1.4 s on quiet cores in place of 0.85.
# Read once, when torch is loaded, so it stands here; who has set one of them keeps it.
if not {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} & set(os.environ):
    os.environ["OMP_WAIT_POLICY"], os.environ["GOMP_SPINCOUNT"] = "PASSIVE", "10000"

__version__ = "0.2.0"

_HOME_OF = {
    "Cancelled": "riffkit.progress",
    "Clip": "riffkit.sound.clip",
    "SpectrogramParams": "riffkit.sound.params",
    "mel_from_clip": "riffkit.sound.mel",
    "clip_from_mel": "riffkit.sound.inversion",
    "image_from_mel": "riffkit.sound.image",
    "mel_from_image": "riffkit.sound.image",
    "encode": "riffkit.sound.image",
    "decode": "riffkit.sound.image",
    "save_image": "riffkit.sound.image_file",
    "normalize_loudness": "riffkit.sound.loudness",
    "load": "riffkit.riffing.riffer",
    "Riffer": "riffkit.riffing.riffer",
    "Riff": "riffkit.riffing.riff",
    "load_recipe": "riffkit.riffing.recipes.recipe",
    "build_dataset": "riffkit.training.data.dataset",
    "finetune": "riffkit.training.finetune.run",
    "Tuning": "riffkit.training.finetune.config",
    "train_mini": "riffkit.training.scratch.run",
    "Player": "riffkit.widgets.player",
    "compare": "riffkit.widgets.compare",
    "PromptLab": "riffkit.widgets.prompt_lab",
    "BlendPad": "riffkit.widgets.blend_pad",
    "LiveRiff": "riffkit.widgets.live_riff",
    "MaskPainter": "riffkit.widgets.mask_painter",
    "Canvas": "riffkit.widgets.canvas",
    "DenoisingFilm": "riffkit.widgets.denoising_film",
    "WordMap": "riffkit.widgets.word_map",
}
_ROOMS = (
    "progress",
    "sound",
    "models",
    "diffusion",
    "compose",
    "listening",
    "riffing",
    "training",
    "widgets",
)

__all__ = [*_HOME_OF, "__version__"]


def __getattr__(name):
    """Load a public name, or one of the sub-packages, when somebody asks for it (PEP 562)."""
    if name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    elif name in _ROOMS:
        value = import_module(f"riffkit.{name}")
    else:
        raise AttributeError(f"module 'riffkit' has no attribute {name!r}; it has {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__():
    return sorted([*__all__, *_ROOMS])
