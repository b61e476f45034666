"""A caller's name as octets: no standard says in which code page Cyrillic letters come.

PURE. Reading tries UTF-8, then whichever of CP1251 and KOI8-R makes the likelier Russian, then
gives the octets in hexadecimal, so that nothing is lost. Writing puts Latin letters for Cyrillic
ones unless the phone's own code page is named.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

CODE_PAGES = ("cp1251", "koi8-r")
#: The commoner letters of Russian and of its surnames; the others are as good as absent.
_COMMON = frozenset("оеаинтсрвлкмдпуяь")
_LATIN = {
    "а": "a",
    "б": "b",
    "в": "v",
    "г": "g",
    "д": "d",
    "е": "e",
    "ё": "e",
    "ж": "zh",
    "з": "z",
    "и": "i",
    "й": "y",
    "к": "k",
    "л": "l",
    "м": "m",
    "н": "n",
    "о": "o",
    "п": "p",
    "р": "r",
    "с": "s",
    "т": "t",
    "у": "u",
    "ф": "f",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ы": "y",
    "ь": "",
    "э": "e",
    "ю": "yu",
    "я": "ya",
    "і": "i",
    "ў": "w",
    "қ": "q",
    "ғ": "g",
    "ң": "n",
    "ө": "o",
    "ұ": "u",
    "ү": "u",
    "һ": "h",
    "ә": "a",
}


def decode_name(octets: bytes) -> str:
    """The likeliest reading; control characters and the spaces around are left out."""
    text = _plain(octets)
    if text is None:
        readings = [reading for page in CODE_PAGES if (reading := _in_page(octets, page))]
        text = max(readings, key=_likeness, default=octets.hex())
    return "".join(c for c in text if unicodedata.category(c)[0] != "C").strip()


def encode_name(name: str, code_page: str = "ascii") -> bytes:
    """Octets for a phone of this code page; what it cannot write becomes Latin, or ``?``."""
    if code_page == "ascii":
        return latin(name).encode("ascii", "replace")
    try:
        return name.encode(code_page)
    except UnicodeEncodeError:
        return latin(name).encode(code_page, "replace")


def latin(name: str) -> str:
    """Cyrillic letters in Latin ones, one word's case kept: ``Щукин`` gives ``Shchukin``."""
    letters = []
    for letter in unicodedata.normalize("NFC", name):
        written = _LATIN.get(letter.lower())
        if written is None:
            letters.append(letter)
        elif letter.isupper():
            letters.append(written.upper() if name.isupper() else written.capitalize())
        else:
            letters.append(written)
    return "".join(letters)


def _plain(octets: bytes) -> str | None:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _in_page(octets: bytes, page: str) -> str | None:
    try:
        text = octets.decode(page)
    except UnicodeDecodeError:
        return None
    high = [c for c in text if ord(c) > 127]
    return text if all("Ѐ" <= c <= "ӿ" for c in high) else None


def _likeness(text: str) -> float:
    """How like a name it looks: common letters, and no capital after a small letter."""
    common = sum(c.lower() in _COMMON for c in text)
    odd = sum(a.islower() and b.isupper() for a, b in pairwise(text))
    return common - 2.0 * odd
