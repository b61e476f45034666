"""The lexical rules of SIP that several readers share: tokens, quoted strings, lists, figures.

PURE. RFC 3261 §25.1. Everything works on ``str`` decoded with ``surrogateescape``, in one pass, so
that no input costs more than its length.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.errors import RemoteProtocolError

TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~")


def is_token(text: str) -> bool:
    """True for one or more token characters (RFC 3261 §25.1)."""
    return bool(text) and TOKEN.issuperset(text)


def split_list(text: str, separator: str = ",") -> list[str]:
    """Split at separators that stand outside quotes and angle brackets; items are stripped."""
    if '"' not in text and "<" not in text:
        return [item.strip() for item in text.split(separator)]
    items: list[str] = []
    start = position = 0
    is_quoted = is_bracketed = False
    while position < len(text):
        letter = text[position]
        if is_quoted:
            if letter == "\\":
                position += 1
            elif letter == '"':
                is_quoted = False
        elif letter == '"':
            is_quoted = True
        elif letter == "<":
            is_bracketed = True
        elif letter == ">":
            is_bracketed = False
        elif letter == separator and not is_bracketed:
            items.append(text[start:position].strip())
            start = position + 1
        position += 1
    items.append(text[start:].strip())
    return items


def parse_params(text: str) -> dict[str, str | None]:
    """``;name=value;flag`` -> names in lower case with their values as written (None = a flag)."""
    params: dict[str, str | None] = {}
    if not text:
        return params
    for item in split_list(text, ";"):
        if item:
            name, equals, value = item.partition("=")
            params.setdefault(name.strip().lower(), value.strip() if equals else None)
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
    safe = "".join(c for c in text if c >= " " and c != "\x7f")
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_figure(text: str, what: str, largest: int) -> int:
    """A non-negative decimal figure; RemoteProtocolError 400 when it is none or too large."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        raise RemoteProtocolError(f"{what} is no figure: {text[:40]!r}", section="RFC 3261 §25.1")
    if len(text) > 20 or int(text) > largest:
        raise RemoteProtocolError(f"{what} is too large: {text[:40]}", section="RFC 3261 §25.1")
    return int(text)
