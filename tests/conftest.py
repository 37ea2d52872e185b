"""Every test runs offline and without a screen."""

import os

import riffkit  # noqa: F401  says how threads wait for each other, before torch is loaded, which reads it once

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["MPLBACKEND"] = "Agg"
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
