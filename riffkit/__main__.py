"""`python -m riffkit` is the same as `riffkit`."""

import sys

from riffkit.cli import main

sys.exit(main())
