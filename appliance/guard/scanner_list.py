"""The list of scanners' marks that comes with the program.

Owns nothing but the reading of scanners.toml; a mistake in that file is a defect of ours.
"""

from __future__ import annotations

import tomllib
from importlib import resources

from appliance.guard.signatures import Signatures, read_signatures


def scanners() -> Signatures:
    """The marks of scanners.toml."""
    text = resources.files(__package__).joinpath("scanners.toml").read_text(encoding="utf-8")
    return read_signatures(tomllib.loads(text))
