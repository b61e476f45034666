"""The lexical rules of SIP that several readers share: tokens, quoted strings, lists, figures.

PURE. RFC 3261 §25.1. Everything works on ``str`` decoded with ``surrogateescape``, in one pass, so
that no input costs more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from appliance.errors import RemoteProtocolError

try:
    from appliance.sip.native.plain_values import read_figure, read_params
except ImportError:
    HAS_PLAIN = False  # not compiled: all is read here
else:
    HAS_PLAIN = True

TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~")
#: What may stand around values; str.strip() alone would take octets away that belong to them.
BLANKS = " \t"
#: A whole quoted string. Quantifiers are possessive: nothing is ever read twice.
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_GUARDED = re.compile(r'"(?:[^"\\]|\\.)*+"?|<[^>]*+>?', re.DOTALL)


def is_token(text: str) -> bool:
    """True for one or more token characters (RFC 3261 §25.1)."""
    return bool(text) and TOKEN.issuperset(text)


def split_list(text: str, separator: str = ",") -> list[str]:
    """Split at separators that stand outside quotes and angle brackets; items are stripped."""
    if separator not in text:
        return [text.strip(BLANKS)]
    if '"' not in text and "<" not in text:
        return [item.strip(BLANKS) for item in text.split(separator)]
    items: list[str] = []
    start = position = 0
    for guarded in _GUARDED.finditer(text):
        while (cut := text.find(separator, position, guarded.start())) >= 0:
            items.append(text[start:cut].strip(BLANKS))
            start = position = cut + 1
        position = guarded.end()
    while (cut := text.find(separator, position)) >= 0:
        items.append(text[start:cut].strip(BLANKS))
        start = position = cut + 1
    items.append(text[start:].strip(BLANKS))
    return items


def parse_params(text: str) -> dict[str, str | None]:
    """``;name=value;flag`` -> names in lower case with their values as written (None = a flag).

    Of two parameters with one name the first counts. Separators without a parameter are ignored.
    """
    if not text:
        return {}
    if HAS_PLAIN:
        read = read_params(text)
        if read is not None:
            return read
    return parse_params_tolerantly(text)


def parse_params_tolerantly(text: str) -> dict[str, str | None]:
    """parse_params for whatever is not plain; the same result for what is."""
    params: dict[str, str | None] = {}
    is_plain = '"' not in text and "<" not in text
    for item in text.split(";") if is_plain else split_list(text, ";"):
        name, equals, value = item.partition("=")
        name = name.strip(BLANKS).lower()
        if name and name not in params:
            params[name] = value.strip(BLANKS) if equals else None
    return params


def format_params(params: Mapping[str, str | None]) -> str:
    """The inverse of parse_params, with a leading semicolon for each."""
    return "".join(f";{n}" if v is None else f";{n}={v}" for n, v in params.items())


def unquote(text: str) -> str:
    """A quoted string's content with its escapes resolved; anything else as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inner = text[1:-1]
    if "\\" not in inner:
        return inner
    letters: list[str] = []
    escaped = False
    for letter in inner:
        if letter == "\\" and not escaped:
            escaped = True
            continue
        letters.append(letter)
        escaped = False
    return "".join(letters)


def quote(text: str) -> str:
    """A quoted string (RFC 3261 §25.1); control characters are left out."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    safe = "".join(c for c in text if c >= " " and c != "\x7f")
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_figure(text: str, what: str, largest: int) -> int:
    """A non-negative decimal figure; RemoteProtocolError 400 when it is none or too large."""
    if HAS_PLAIN:
        figure = read_figure(text)
        if figure is not None and figure <= largest:
            return figure
    text = text.strip(BLANKS)
    if not (text.isascii() and text.isdigit()):
        raise RemoteProtocolError(f"{what} is no figure: {text[:40]!r}", section="RFC 3261 §25.1")
    if len(text) > 20 or int(text) > largest:
        raise RemoteProtocolError(f"{what} is too large: {text[:40]}", section="RFC 3261 §25.1")
    return int(text)
