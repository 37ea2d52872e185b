"""The public names as editors and type checkers see them; `__init__.py` loads each when it is first used."""

from riffkit import compose as compose
from riffkit import diffusion as diffusion
from riffkit import listening as listening
from riffkit import models as models
from riffkit import progress as progress
from riffkit import riffing as riffing
from riffkit import sound as sound
from riffkit import training as training
from riffkit import widgets as widgets
from riffkit.progress import Cancelled as Cancelled
from riffkit.riffing.recipes.recipe import load_recipe as load_recipe
from riffkit.riffing.riff import Riff as Riff
from riffkit.riffing.riffer import Riffer as Riffer
from riffkit.riffing.riffer import load as load
from riffkit.sound.clip import Clip as Clip
from riffkit.sound.image import decode as decode
from riffkit.sound.image import encode as encode
from riffkit.sound.image import image_from_mel as image_from_mel
from riffkit.sound.image import mel_from_image as mel_from_image
from riffkit.sound.image_file import save_image as save_image
from riffkit.sound.inversion import clip_from_mel as clip_from_mel
from riffkit.sound.loudness import normalize_loudness as normalize_loudness
from riffkit.sound.mel import mel_from_clip as mel_from_clip
from riffkit.sound.params import SpectrogramParams as SpectrogramParams
from riffkit.training.data.dataset import build_dataset as build_dataset
from riffkit.training.finetune.config import Tuning as Tuning
from riffkit.training.finetune.run import finetune as finetune
from riffkit.training.scratch.run import train_mini as train_mini
from riffkit.widgets.blend_pad import BlendPad as BlendPad
from riffkit.widgets.canvas import Canvas as Canvas
from riffkit.widgets.compare import compare as compare
from riffkit.widgets.denoising_film import DenoisingFilm as DenoisingFilm
from riffkit.widgets.live_riff import LiveRiff as LiveRiff
from riffkit.widgets.mask_painter import MaskPainter as MaskPainter
from riffkit.widgets.player import Player as Player
from riffkit.widgets.prompt_lab import PromptLab as PromptLab
from riffkit.widgets.word_map import WordMap as WordMap

__version__: str
