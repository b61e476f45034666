"""Long lists a page at a time, searched by what their rows say. PURE but for ``asked``.

What is looked for is words, in any order, each within a row's text; digits are also found in a
number that is written with blanks or dashes. The address of a page carries the search, so that it
can be kept, sent, and followed live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request, url_for

ROWS = 50
LONGEST_SEARCH = 64
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. number: from 1; found: rows that fit the search; total: all rows."""

    rows: tuple[T, ...]
    number: int
    found: int
    total: int
    search: str

    @property
    def pages(self) -> int:
        """How many there are, one at least."""
        return max(1, -(-self.found // ROWS))

    @property
    def first(self) -> int:
        """The place of its first row in the list, from 1; 0 when it has none."""
        return (self.number - 1) * ROWS + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The place of its last row."""
        return max(0, self.first + len(self.rows) - 1)

    @property
    def is_long(self) -> bool:
        """Whether searching is worth a field: a list of one page is read faster."""
        return self.total > ROWS or bool(self.search)

    def href(self, endpoint: str, number: int = 0) -> str:
        """The address of this page, or of another one, under a route."""
        number = number or self.number
        return url_for(endpoint, q=self.search or None, page=number if number > 1 else None)


def asked() -> tuple[str, int]:
    """(search, number of the page) of the request's address; what cannot be read is the first."""
    search = " ".join(request.args.get("q", "").split())[:LONGEST_SEARCH]
    return search, request.args.get("page", 1, type=int)


def address_of(endpoint: str, keys: Iterable[str], key: str) -> str:
    """The address of the page of a list on which this row stands, so that whoever saved it comes
    back to where he was; the first page for a row that is in none. keys: of all rows, in order."""
    place = next((place for place, each in enumerate(keys) if each == key), 0)
    number = place // ROWS + 1
    return url_for(endpoint, page=number if number > 1 else None)


def page_of(
    items: Sequence[T], text_of: Callable[[T], str], search: str, number: int = 1
) -> Page[T]:
    """The rows that fit a search, and of them the page of that number; the nearest that exists."""
    words = search.casefold().split()
    found = [item for item in items if _fits(text_of(item), words)] if words else items
    last = max(1, -(-len(found) // ROWS))
    number = min(max(1, number), last)
    rows = tuple(found[(number - 1) * ROWS : number * ROWS])
    return Page(rows, number, len(found), len(items), search)


def _fits(text: str, words: Sequence[str]) -> bool:
    text = text.casefold()
    digits = "".join(sign for sign in text if sign.isdigit() or sign in "+ ")
    return all(word in text or ((bare := _bare(word)) and bare in digits) for word in words)


def _bare(word: str) -> str:
    """A number as typed with dashes or brackets, without them; empty when it is none."""
    bare = "".join(sign for sign in word if sign not in "-()")
    return bare if bare.lstrip("+").isdigit() else ""
