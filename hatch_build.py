"""What a wheel carries beside the code. A checkout installed with `pip install -e .` has it in place, uncopied."""

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DataInside(BuildHookInterface):
    """Put the embedded model into the wheel, and the tested versions that `riffkit doctor` compares with."""

    def initialize(self, version, build_data):
        if version != "editable":
            build_data["force_include"] |= {
                "data/models/mini": "riffkit/_data/models/mini",
                "requirements.lock": "riffkit/_data/requirements.lock",
            }
