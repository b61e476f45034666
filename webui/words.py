"""Words that cross modules of the pages. PURE. ``N_`` marks a text for the catalogs and leaves it
as it is: it is translated where it is shown, in the language of the reader."""

from __future__ import annotations


def N_(text: str) -> str:
    """The text itself; found by scripts/translations.py."""
    return text
