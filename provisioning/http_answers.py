"""What an HTTP answer to a phone is: conditional requests, parts of a file, heads.

PURE. RFC 9110 §13 (conditions: ETag first, then dates), §14 (one byte range; several are answered
by the whole file, as the RFC allows). The connection in http.py owns the socket.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime

_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})", re.ASCII)
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the counter answers. body is that of 200; changed_at: epoch seconds."""

    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = "text/plain"
    changed_at: float = 0.0
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Wire:
    """An answer as it is sent; octets: Content-Length, also where there is no body (HEAD)."""

    status: int
    headers: Headers
    body: bytes | memoryview = field(repr=False)


def shape(answer: Answer, method: str, asked: Mapping[str, str]) -> Wire:
    """The answer by what the request's headers (lower-case names) want of it."""
    if answer.status != 200:
        return _whole(answer, method, answer.headers)
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    changed = int(answer.changed_at)
    headers = (
        ("ETag", tag),
        ("Last-Modified", formatdate(changed, usegmt=True)),
        ("Accept-Ranges", "bytes"),
        *(answer.headers or (("Cache-Control", "no-cache"),)),
    )
    if _is_known(asked, tag, changed):
        return Wire(304, headers, b"")
    part = _part(asked, tag, len(answer.body)) if method == "GET" else None
    if part is None:
        return _whole(answer, method, headers)
    return _cut(answer, headers, part)


def _whole(answer: Answer, method: str, headers: Headers) -> Wire:
    fixed = (
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.body))),
    )
    return Wire(answer.status, (*headers, *fixed), b"" if method == "HEAD" else answer.body)


def _is_known(asked: Mapping[str, str], tag: str, changed: int) -> bool:
    """Whether the phone has this very file (RFC 9110 §13.2.2).

    A date counts when it is the one that we said, and no later one does: a box without a clock, or
    whose clock was set back, changes files at times that lie before what phones remember.
    """
    if (tags := asked.get("if-none-match")) is not None:
        known = {part.strip().removeprefix("W/") for part in tags.split(",")}
        return bool(known & {tag, "*"})
    return _time(asked.get("if-modified-since", "")) == changed


def _time(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _part(asked: Mapping[str, str], tag: str, octets: int) -> tuple[int, int] | None:
    """(first, behind the last) of the range that is asked for; None: the whole file.

    A range that begins behind the end is (octets, octets).
    """
    found = _RANGE.fullmatch(asked.get("range", "").replace(" ", ""))
    if found is None or asked.get("if-range", tag) != tag or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return max(0, octets - int(last)), octets
    if last and int(last) < int(first):
        return None
    return min(int(first), octets), min(int(last) + 1, octets) if last else octets


def _cut(answer: Answer, headers: Headers, part: tuple[int, int]) -> Wire:
    first, behind = part
    octets = len(answer.body)
    if first >= behind:
        fixed = (("Content-Range", f"bytes */{octets}"), ("Content-Length", "0"))
        return Wire(416, (*headers, *fixed), b"")
    parts = (
        ("Content-Type", answer.content_type),
        ("Content-Range", f"bytes {first}-{behind - 1}/{octets}"),
        ("Content-Length", str(behind - first)),
    )
    return Wire(206, (*headers, *parts), memoryview(answer.body)[first:behind])
