"""`python -m riffkit` is the same as `riffkit`."""

import sys

from riffkit.cli.main import main

sys.exit(main())
