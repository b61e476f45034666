"""How a way out wants to be given a number.

PURE. A word that trunks (model.py) and lines (line_model.py) share.
"""

from __future__ import annotations

from enum import Enum


class NumberForm(Enum):
    """How a trunk or a line wants to be given a number."""

    PLUS_E164 = "+e164"  # +74955551525
    E164 = "e164"  # 74955551525
    NATIONAL = "national"  # 84955551525, international 810…
    LOCAL = "local"  # 5551525 within the area, otherwise as NATIONAL
