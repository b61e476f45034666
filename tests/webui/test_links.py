"""Tests of webui/links.py: a link is good once, for a while, and its token is nowhere on disk."""

from __future__ import annotations

from pathlib import Path

from webui.database import WebDatabase
from webui.links import LIFE_S, Links


def test_once_for_a_while_and_hashed(tmp_path: Path) -> None:
    now = [1000.0]
    links = Links(WebDatabase(tmp_path / "web.db"), lambda: now[0])
    token = links.make("2001", "admin")
    assert links.is_alive(token) and links.is_alive(token)
    assert links.use(token) == ("2001", "admin")
    assert links.use(token) is None and not links.is_alive(token)
    late = links.make("2001", "admin")
    for path in tmp_path.iterdir():
        assert late.encode() not in path.read_bytes()
    now[0] += LIFE_S + 1
    assert not links.is_alive(late) and links.use(late) is None
    assert links.use("\ud800 nonsense") is None


def test_a_link_made_while_the_clock_was_ahead_shows_nothing(tmp_path: Path) -> None:
    now = [1e9]
    links = Links(WebDatabase(tmp_path / "web.db"), lambda: now[0])
    token = links.make("2001", "admin")
    now[0] -= 25 * 365 * 86400.0
    assert not links.is_alive(token)
    assert links.use(token) is None
