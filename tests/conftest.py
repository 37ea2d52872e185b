"""Every test runs offline and without a screen."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["MPLBACKEND"] = "Agg"
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
# waiting threads sleep, so that parallel runs do not starve each other
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
