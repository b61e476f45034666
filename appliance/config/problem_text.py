"""A sentence in both languages: the shape of the tables of texts.

PURE.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in every language of the product."""

    ru: str
    en: str

    def of(self, language: str) -> str:
        """The sentence in ``ru`` or ``en``; any other language reads English."""
        return self.ru if language == "ru" else self.en
