"""What stands behind GET, or as a TFTP name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.targets import LONGEST_PATH, Target, parse_target

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/805ec0a1b2c3.cfg", Target("/805ec0a1b2c3.cfg")),
        ("805ec0a1b2c3.cfg?x=1", Target("/805ec0a1b2c3.cfg")),
        ("//a//b", Target("/a/b")),
        ("http://box:8088/a.cfg", Target("/a.cfg")),
        (f"/p/{SECRET}/a.cfg", Target("/a.cfg", SECRET)),
        (f"p/{SECRET}/42/2/master.bin", Target("/42/2/master.bin", SECRET)),
        (f"/s/{SECRET}/linphone.xml", Target("/linphone.xml", link=SECRET)),
        (f"/s/{SECRET}/open/a.txt?x", Target("/open/a.txt", link=SECRET)),
        ("/s/short/a.xml", Target("/s/short/a.xml")),
        ("/p/short/a.cfg", Target("/p/short/a.cfg")),
        ("/a%20b.cfg", Target("/a b.cfg")),
        ("/%D0%B6", Target("/ж")),
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
def test_targets(target: str, found: Target | None) -> None:
    assert parse_target(target) == found


@given(st.text(max_size=300))
def test_any_text_is_a_path_or_refused(target: str) -> None:
    found = parse_target(target)
    assert found is None or (found[0].startswith("/") and ".." not in found[0].split("/"))
