"""Conditions and ranges of HTTP answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.http_answers import Answer, Wire, shape

BODY = b"0123456789"
FILE = Answer(status=200, body=BODY, content_type="text/xml", changed_at=1_000_000_000.5)
TAG = dict(shape(FILE, "GET", {}).headers)["ETag"]
THEN = "Sun, 09 Sep 2001 01:46:40 GMT"
BEFORE = "Sun, 09 Sep 2001 01:46:39 GMT"
LATER = "Sun, 09 Sep 2001 02:46:40 GMT"  # remembered from before the box's clock was set back


def _fields(wire: Wire) -> dict[str, str]:
    return dict(wire.headers)


def test_a_whole_file() -> None:
    wire = shape(FILE, "GET", {})
    assert (wire.status, bytes(wire.body)) == (200, BODY)
    assert _fields(wire)["Content-Length"] == "10"
    assert _fields(wire)["Last-Modified"] == THEN


def test_head_tells_the_length_and_sends_nothing() -> None:
    wire = shape(FILE, "HEAD", {"range": "bytes=0-1"})
    assert (wire.status, bytes(wire.body), _fields(wire)["Content-Length"]) == (200, b"", "10")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"if-none-match": TAG}, 304),
        ({"if-none-match": f'"x", W/{TAG}'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"x"'}, 200),
        ({"if-none-match": '"x"', "if-modified-since": THEN}, 200),
        ({"if-modified-since": THEN}, 304),
        ({"if-modified-since": BEFORE}, 200),
        ({"if-modified-since": LATER}, 200),
        ({"if-modified-since": "yesterday"}, 200),
        ({"if-modified-since": "Sun, 99 Sep 99999 01:46:40 GMT"}, 200),
    ],
)
def test_conditions(asked: dict[str, str], status: int) -> None:
    assert shape(FILE, "GET", asked).status == status


@pytest.mark.parametrize(
    ("value", "status", "body", "where"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=-20", 206, BODY, "bytes 0-9/10"),
        ("bytes=5-500", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=99-100", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, BODY, ""),
        ("bytes=-", 200, BODY, ""),
        ("bytes=0-1,4-5", 200, BODY, ""),
        ("lines=1-2", 200, BODY, ""),
        ("bytes=0-" + "9" * 400, 200, BODY, ""),
    ],
)
def test_ranges(value: str, status: int, body: bytes, where: str) -> None:
    wire = shape(FILE, "GET", {"range": value})
    assert (wire.status, bytes(wire.body)) == (status, body)
    assert _fields(wire).get("Content-Range", "") == where
    assert _fields(wire)["Content-Length"] == str(len(body))


def test_a_range_of_another_version_is_the_whole_file() -> None:
    assert shape(FILE, "GET", {"range": "bytes=0-1", "if-range": '"x"'}).status == 200
    assert shape(FILE, "GET", {"range": "bytes=0-1", "if-range": TAG}).status == 206


def test_a_refusal_has_no_conditions() -> None:
    refused = Answer(status=401, body=b"who?\n", headers=(("WWW-Authenticate", "Basic"),))
    wire = shape(refused, "GET", {"if-none-match": "*", "range": "bytes=0-1"})
    assert (wire.status, bytes(wire.body)) == (401, b"who?\n")
    assert "ETag" not in _fields(wire)


def test_what_may_be_kept_on_the_way() -> None:
    assert _fields(shape(FILE, "GET", {}))["Cache-Control"] == "no-cache"
    secret = replace(FILE, headers=(("Cache-Control", "no-store"),))
    told = [value for name, value in shape(secret, "GET", {}).headers if name == "Cache-Control"]
    assert told == ["no-store"]
