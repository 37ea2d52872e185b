"""Riffer: a loaded checkpoint and everything one can do with it."""

from dataclasses import replace
from pathlib import Path

from riffkit.diffusion.sampling import SCHEDULERS
from riffkit.models.checkpoint import load_checkpoint
from riffkit.models.files import EMBEDDED, LIVE, read_json
from riffkit.models.lora import hash_with, plain_and_loras, with_lora
from riffkit.models.prompt import embed_prompt, warn_of_unknown_words
from riffkit.models.textual_inversion import with_word
from riffkit.progress import notice
from riffkit.riffing import edit, generate, interpolate, plane
from riffkit.riffing.common import ALWAYS, Defaults
from riffkit.riffing.recipe import load_recipe
from riffkit.riffing.riff import Riff
from riffkit.riffing.walk import Walk
from riffkit.sound.params import SpectrogramParams

LIVE_DEFAULTS = Defaults(num_inference_steps=4, guidance_scale=1.0, scheduler="lcm")  # where a twin says nothing else


def load(checkpoint=EMBEDDED, *, device=None, dtype=None, memory=None):
    """Load a checkpoint: the embedded model, a folder in diffusers' layout, or a Hub id.

    Parameters
    ----------
    checkpoint : str or Path
        "mini", a folder, or for example "riffusion/riffusion-model-v1" (the only case that uses the network).
    device : str, optional
        Default: CUDA, else MPS, else the CPU.
    dtype : str, optional
        Default: fp16 on CUDA, bf16 on CPUs that calculate in it, else fp32.
    memory : Memory, optional
        Default: the least that makes the checkpoint fit, see `choose_memory`.

    Returns
    -------
    Riffer

    Raises
    ------
    FileNotFoundError, ValueError, OSError
        If files are missing or damaged, if weights are pickles, or if the Hub cannot be reached.

    Warns
    -----
    UserWarning
        If the device is too small for the checkpoint as it is: what is done about it.

    References
    ----------
    Taught in notebooks/02_inference.ipynb.
    """
    return Riffer(load_checkpoint(checkpoint, device=device, dtype=dtype, memory=memory))


class Riffer:
    """A checkpoint, ready to riff.

    Keywords that mean the same everywhere:

    - `seed`: int; decides the noise, the same on every device. None draws one (it is in the recipe).
    - `num_inference_steps`: 1..1000; more is slower and finer. This, the guidance and the scheduler are the riffer's
      own `defaults` (20, 4, "dpm++", unless the checkpoint says otherwise) where they are not given.
    - `guidance_scale`: how much the words count; 1 switches guidance off.
    - `guidance_interval`: two timesteps (1000 is pure noise, 0 the picture) between which guidance is on, such as
      (400, 900); (0, 1000) is always. Words decide early, so guiding the late steps costs time, and variety, for
      little. The embedded model's default is (600, 1000), other checkpoints' is always; so is everybody's where a run
      begins with a picture or keeps a part of one.
    - `negative_prompt`: what to stay away from.
    - `scheduler`: "dpm++", "pndm", "ddim", "lms", "euler", "euler_ancestral" or "lcm".
    - `strength`: 0..1, how free the run is from the picture it starts from. Of the steps, the last
      round(strength * num_inference_steps) are taken, at least one unless strength is 0.
    - `quality`: of the sound, "fast", "default" or "best".
    - `progress`: a callable (step, total, estimate) that may return False to stop within a step; True or False for the
      bar. By default a bar is shown in terminals and notebooks.

    Parameters
    ----------
    checkpoint : Checkpoint
        From `load_checkpoint`; `riffkit.load()` does both.
    defaults : Defaults, optional
        Steps, guidance and scheduler of calls that do not name them. Default: as the checkpoint says in its folder
        (`defaults.json`, such as {"guidance_interval": [600, 1000]}), and where it says nothing 20 steps, guidance 4 at
        all of them, "dpm++".

    Raises
    ------
    ValueError
        If `defaults.json` names something else, or a value is out of range.
    """

    def __init__(self, checkpoint, defaults=None):
        self.checkpoint, self.defaults = checkpoint, defaults or Defaults.of(checkpoint)
        self._named = set()  # unknown words that were warned of

    def __repr__(self):
        return f"Riffer({self.checkpoint!r})"

    # Every way to riff is a function of a riffer and stands in a module of its own.
    riff, story = generate.riff, generate.story
    vary, inpaint, extend = edit.vary, edit.inpaint, edit.extend
    interpolate, walk = interpolate.interpolate, interpolate.walk

    @property
    def params(self):
        """Parameters of the pictures this checkpoint paints: Riffusion's, with as many mels as it has rows."""
        return SpectrogramParams(n_mels=self.checkpoint.rows * self.checkpoint.factor)

    @property
    def vocabulary(self):
        """The words this checkpoint was trained on, in order, as a list; None if it does not say (large ones do not).

        Other words are not refused: a riff is made of the words that are known, with a warning that names the others.
        """
        return None if self.checkpoint.vocabulary is None else sorted(self.checkpoint.vocabulary)

    def embed(self, prompt):
        """What the UNet is told of a prompt, see `embed_prompt`. Words the checkpoint never met are named once each."""
        if self.checkpoint.vocabulary is not None:
            warn_of_unknown_words(prompt, self.checkpoint.vocabulary, self._named)
        return embed_prompt(self.checkpoint, prompt)

    # -- with other weights -------------------------------------------------------------------------------------------

    def with_lora(self, path, scale=1.0):
        """This riffer with a LoRA on; call it again on the result to put on several. This one stays as it is.

        Parameters
        ----------
        path : str or Path
            `pytorch_lora_weights.safetensors` as `riffkit finetune` and diffusers write it, or the folder it lies in.
        scale : float
            1 as it was trained, 0 without effect.

        Returns
        -------
        Riffer

        Raises
        ------
        FileNotFoundError, ValueError
            If the file is missing or was made for another model.

        References
        ----------
        Taught in notebooks/05_fine_tuning.ipynb.
        """
        return Riffer(with_lora(self.checkpoint, path, scale), self.defaults)

    def with_word(self, path):
        """Return this riffer with the new word of a textual inversion; `self` is unchanged.

        Parameters
        ----------
        path : str or Path
            `learned_embeds.safetensors`, of riffkit or of diffusers, or the folder it lies in.

        Returns
        -------
        Riffer

        Raises
        ------
        FileNotFoundError, ValueError
            If the file is missing, holds no words, or was made for a model of another width.

        References
        ----------
        Gal et al., "An image is worth one word", 2022. Taught in notebooks/05_fine_tuning.ipynb.
        """
        return Riffer(with_word(self.checkpoint, path), self.defaults)

    def live(self):
        """This riffer's few-step twin: four steps without guidance, quick enough to play along. This one stays.

        The twin is a LoRA that comes inside the checkpoint's folder, distilled from it (`live/` beside `unet/`). What
        it makes resembles what the checkpoint makes of the same words and seed, and is not the same.

        Returns
        -------
        Riffer
            Whose `defaults` are 4 steps, guidance 1 and the scheduler that `live/scheduler_config.json` names: "ddim"
            for the embedded model. Where there is none it is "lcm", and between two ends "ddim".

        Raises
        ------
        FileNotFoundError
            If the checkpoint has no twin.
        ValueError
            If its scheduler is none of riffkit's.

        References
        ----------
        Salimans & Ho, "Progressive distillation", 2022. Luo et al., "LCM-LoRA: A universal stable-diffusion
        acceleration module", 2023.
        """
        file = self.checkpoint.live_file
        if file is None:
            raise FileNotFoundError(
                f"checkpoint {self.checkpoint.name!r} has no live twin: there is no"
                f" {self.checkpoint.folder / LIVE}; riffkit.load().live() gives that of the embedded model"
            )
        return self if self.is_live else Riffer(with_lora(self.checkpoint, file), _live_defaults(file.parent))

    @property
    def is_live(self):
        """True for what `live` gives."""
        file = self.checkpoint.live_file
        return file is not None and file.resolve() in [path for path, _ in self.checkpoint.loras]

    # -- again --------------------------------------------------------------------------------------------------------

    def replay(self, recipe, *, source=None, progress=None):
        """Make a saved riff again, bit for bit (same machine, versions, device and dtype).

        Parameters
        ----------
        recipe : str, Path, Riff or dict
            A file that `riff.save` wrote, a riff, or its recipe. What the live twin made is made by the twin again.
        source : optional
            What the riff was made from, if it was too long to travel in the recipe.

        Returns
        -------
        Riff

        Raises
        ------
        ValueError
            If there is no recipe, or it belongs to another checkpoint.
        """
        if isinstance(recipe, (str, Path)):
            recipe = load_recipe(recipe)
        recipe = recipe.recipe if isinstance(recipe, Riff) else recipe
        made_with, checkpoint = recipe["checkpoint"], self.checkpoint
        if made_with["hash"] != checkpoint.hash:
            if made_with["hash"] == self._hash_live():
                return self.live().replay(recipe, source=source, progress=progress)
            raise ValueError(
                f"this recipe was made with checkpoint {made_with['name']!r} (hash {made_with['hash'][:12]}), loaded is"
                f" {checkpoint.name!r} (hash {checkpoint.hash[:12]}); try riffkit.load({made_with['name']!r})"
            )
        dtype = str(checkpoint.dtype).removeprefix("torch.")
        if (made_with["device"], made_with["dtype"]) != (checkpoint.device.type, dtype):
            notice(
                f"made on {made_with['device']} in {made_with['dtype']}, replayed on {checkpoint.device.type} in"
                f" {dtype}: it will sound alike, but not be the same bit for bit"
            )
        operations = ("riff", "story", "vary", "inpaint", "extend", "interpolate", "walk", "plane", "frames")
        if recipe["operation"] not in operations:
            raise ValueError(f"the recipe's operation {recipe['operation']!r} is none of {', '.join(operations)}")
        if recipe["operation"] == "frames":
            frames = [self.replay(frame, progress=progress) for frame in recipe["frames"]]
            return Walk(frames, [frame.recipe["arguments"]["alpha"] for frame in frames])
        arguments = dict(recipe["arguments"])
        if arguments.get("guidance_interval") is None:  # of a time when all guided always
            arguments["guidance_interval"] = ALWAYS
        if recipe["operation"] == "plane":
            return plane.again(self, arguments, progress)
        if source is not None:
            arguments["source"] = source
        return getattr(self, recipe["operation"])(**arguments, progress=progress)

    def _hash_live(self):
        base, loras = plain_and_loras(self.checkpoint)
        return base.live_file and hash_with(base, (*loras, (base.live_file, 1.0)))


def _live_defaults(folder):
    """How a twin riffs, by the scheduler beside it."""
    config = folder / "scheduler_config.json"
    if not config.is_file():
        return LIVE_DEFAULTS
    wanted = read_json(config).get("_class_name")
    names = [name for name, (_, cls, _) in SCHEDULERS.items() if cls == wanted]
    if not names:
        raise ValueError(
            f"{config} names the scheduler {wanted!r}, expected one of {[c for _, c, _ in SCHEDULERS.values()]}"
        )
    return replace(LIVE_DEFAULTS, scheduler=names[0])
