"""Replaces (RFC 3891) is read strictly; the names of dialogs are found again, and no other."""

from __future__ import annotations

import pytest

from appliance.errors import RemoteProtocolError
from appliance.sip.headers import Headers
from appliance.sip.message import Request
from appliance.sip.replaces import DialogNames, Replaces, read_replaces

NAMES = DialogNames(b"only the box knows")
NAME = NAMES.name_of("0f3a-2", "2001")


def invite(*values: str) -> Request:
    return Request("INVITE", "sip:2001@box", Headers([("Replaces", value) for value in values]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@b;to-tag=1;from-tag=2", Replaces("a@b", "1", "2")),
        ("a@b;from-tag=2;to-tag=1;early-only", Replaces("a@b", "1", "2", True)),
        ("a@b ; To-Tag = 1 ; FROM-TAG=2 ; Early-Only", Replaces("a@b", "1", "2", True)),
        ("a@b;to-tag=1;from-tag=2;later=x", Replaces("a@b", "1", "2")),
        ("98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff", None),  # RFC 3891 §6.1
    ],
)
def test_what_phones_write(text: str, expected: Replaces | None) -> None:
    found = read_replaces(invite(text))
    assert found == (expected or Replaces("98732@sip.example.com", "ff87ff", "r33th4x0r"))


def test_an_invite_without_it() -> None:
    assert read_replaces(Request("INVITE", "sip:2001@box", Headers())) is None


@pytest.mark.parametrize(
    "values",
    [
        ("a@b",),
        ("",),
        ("a@b;to-tag=1",),
        ("a@b;to-tag=;from-tag=2",),
        (";to-tag=1;from-tag=2",),
        ("a@b;to-tag=1;to-tag=3;from-tag=2",),
        ("a@b;to-tag=1;from-tag=2, c@d;to-tag=1;from-tag=2",),
        ("a@b;to-tag=1;from-tag=2", "a@b;to-tag=1;from-tag=2"),
    ],
)
def test_what_names_no_dialog_is_a_bad_request(values: tuple[str, ...]) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        read_replaces(invite(*values))
    assert refused.value.status == 400


def test_a_name_is_found_again_whichever_way_round_its_tags_stand() -> None:
    local, remote = NAME.local_tag, NAME.remote_tag
    assert local != remote
    assert NAMES.find(Replaces(NAME.call_id, local, remote)) == ("0f3a-2", "2001")
    assert NAMES.find(Replaces(NAME.call_id, remote, local)) == ("0f3a-2", "2001")


@pytest.mark.parametrize("way", ["city-1", "Мой провайдер", "a@b;c", "50%"])
def test_a_trunk_may_have_any_name(way: str) -> None:
    name = NAMES.name_of("0f3a-1", way)
    read = read_replaces(
        invite(f"{name.call_id};to-tag={name.local_tag};from-tag={name.remote_tag}")
    )
    assert read is not None and NAMES.find(read) == ("0f3a-1", way)


def test_nothing_else_is_a_name() -> None:
    local, remote = NAME.local_tag, NAME.remote_tag
    other = NAMES.name_of("0f3a-2", "2002")
    for wrong in (
        Replaces(NAME.call_id, local, local),
        Replaces(NAME.call_id, remote, remote),
        Replaces(NAME.call_id, local, remote[:-1]),
        Replaces(NAME.call_id, "", ""),
        Replaces(other.call_id, local, remote),
        Replaces(NAME.call_id.upper(), local, remote),
        Replaces("\udcff", "\udcff", "я"),
    ):
        assert NAMES.find(wrong) is None
    assert DialogNames(b"another box").find(Replaces(NAME.call_id, local, remote)) is None
