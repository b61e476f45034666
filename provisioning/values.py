"""Values that a file cannot carry, as the writers and render.py refuse them.

PURE. The rule itself is the configuration's (appliance/config/phone_values.py), so that a form
refuses what a file would.
"""

from __future__ import annotations

from appliance.config.phone_values import FORBIDDEN, LONGEST, RESERVED, Refusal, refusal

__all__ = ["FORBIDDEN", "LONGEST", "RESERVED", "Refusal", "RefusedValue", "refusal"]


class RefusedValue(ValueError):
    """A value reached a writer that its format cannot carry; refusal says which."""

    def __init__(self, refused: Refusal) -> None:
        super().__init__(f"{refused.path}: {refused.key}")
        self.refusal = refused
