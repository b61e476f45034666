"""What stands behind GET, or as a TFTP name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.targets import LONGEST_PATH, parse_target

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/805ec0a1b2c3.cfg", ("/805ec0a1b2c3.cfg", "")),
        ("805ec0a1b2c3.cfg?x=1", ("/805ec0a1b2c3.cfg", "")),
        ("//a//b", ("/a/b", "")),
        ("http://box:8088/a.cfg", ("/a.cfg", "")),
        (f"/p/{SECRET}/a.cfg", ("/a.cfg", SECRET)),
        (f"p/{SECRET}/42/2/master.bin", ("/42/2/master.bin", SECRET)),
        ("/p/short/a.cfg", ("/p/short/a.cfg", "")),
        ("/a%20b.cfg", ("/a b.cfg", "")),
        ("/%D0%B6", ("/ж", "")),
        ("/../../etc/shadow", None),
        ("/a/..%2f..%2fetc/passwd", None),
        ("/..\\..\\windows", None),
        ("/%00", None),
        ("/a%0d%0ab", None),
        ("/%ff", None),
        ("/" + "x" * (LONGEST_PATH + 1), None),
        ("/" + "x" * 65536, None),
        ("http://[", None),
    ],
)
def test_targets(target: str, found: tuple[str, str] | None) -> None:
    assert parse_target(target) == found


@given(st.text(max_size=300))
def test_any_text_is_a_path_or_refused(target: str) -> None:
    found = parse_target(target)
    assert found is None or (found[0].startswith("/") and ".." not in found[0].split("/"))
