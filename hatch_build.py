"""What a wheel carries beside the code. A checkout installed with `pip install -e .` has it in place, uncopied."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DataInside(BuildHookInterface):
    """Put the embedded model into the wheel, and the tested versions that `riffkit doctor` compares with."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add to `build_data` what a wheel needs; an editable `version` of riffkit finds it in the checkout."""
        if version != "editable":
            build_data["force_include"] |= {
                "data/models/mini": "riffkit/_data/models/mini",
                "requirements.lock": "riffkit/_data/requirements.lock",
            }
