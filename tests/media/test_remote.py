"""Addresses that media must never be sent to."""

from __future__ import annotations

import pytest

from appliance.errors import MediaError
from appliance.media.remote import checked
from appliance.media.session import NativeMediaPlane
from appliance.sdp.media import RemoteAddress
from tests.media.phones import audio, some_range, wait_for


@pytest.mark.parametrize(
    ("host", "port", "rtcp_port"),
    [
        ("255.255.255.255", 40000, 40001),
        ("224.0.0.1", 40000, 40001),
        ("239.255.255.250", 40000, 40001),
        ("ff02::1", 40000, 40001),
        ("0.0.0.0", 40000, 40001),
        ("::", 40000, 40001),
        ("::ffff:224.0.0.1", 40000, 40001),
        ("::ffff:0.0.0.0", 40000, 40001),
        ("192.0.2.1", 0, 1),
        ("192.0.2.1", 53, 40001),
        ("192.0.2.1", 1023, 40001),
        ("192.0.2.1", 65536, 40001),
        ("192.0.2.1", -1, 40001),
        ("192.0.2.1", 40000, 161),
        ("phone.example.com", 40000, 40001),
        ("", 40000, 40001),
    ],
)
def test_hostile_addresses_are_refused(host, port, rtcp_port):
    with pytest.raises(MediaError) as refusal:
        checked(RemoteAddress(host, port, rtcp_port))
    assert refusal.value.key == "media.hostile_address"


@pytest.mark.parametrize(
    ("remote", "good"),
    [
        (("192.0.2.1", 1024, 1025), ("192.0.2.1", 1024, 1025)),
        (("192.0.2.1", 65535, 65536), ("192.0.2.1", 65535, 0)),
        (("192.0.2.1", 40000, 0), ("192.0.2.1", 40000, 0)),
        (("2001:DB8:0::1", 40000, 40001), ("2001:db8::1", 40000, 40001)),
        (("::ffff:192.0.2.1", 40000, 40001), ("192.0.2.1", 40000, 40001)),
    ],
)
def test_good_addresses_become_canonical(remote, good):
    assert checked(RemoteAddress(*remote)) == RemoteAddress(*good)


def test_a_plane_refuses_them_too(plane):
    stream = plane.open("127.0.0.1")
    with pytest.raises(MediaError) as refusal:
        stream.set_remote(RemoteAddress("224.0.0.1", 40000, 40001), is_behind_nat=True)
    assert refusal.value.key == "media.hostile_address"


@pytest.mark.parametrize("is_behind_nat", [False, True])
def test_a_networks_own_broadcast_address_is_hostile(plane, make_phone, is_behind_nat):
    """Only the system knows the networks' masks; what was in force before stays so."""
    stream, phone = plane.open("127.0.0.1"), make_phone()
    stream.set_remote(phone.address, is_behind_nat=False)
    with pytest.raises(MediaError) as refusal:
        stream.set_remote(
            RemoteAddress("127.255.255.255", 40000, 40001), is_behind_nat=is_behind_nat
        )
    assert refusal.value.key == "media.hostile_address"
    phone.send(stream, audio(1))
    wait_for(lambda: stream.statistics().received == 1)
    assert stream.statistics().strangers == 0


def test_where_no_way_leads_is_told_at_once(plane):
    """From loopback nothing leaves the box; the call hears it before it is answered."""
    stream = plane.open("127.0.0.1")
    with pytest.raises(MediaError) as refusal:
        stream.set_remote(RemoteAddress("192.0.2.9", 40000, 40001), is_behind_nat=False)
    assert refusal.value.key == "media.unreachable_address"


def test_to_whom_signalling_came_from_there_is_a_way() -> None:
    """It has just come by that way, so that the core does not ask; of the other family there is
    none from here."""
    plane = NativeMediaPlane(some_range(1))
    stream = plane.open("127.0.0.1")
    try:
        stream.set_remote(
            RemoteAddress("192.0.2.9", 40000, 40001),
            is_behind_nat=False,
            signalled_from="192.0.2.9",
        )
        for far, source in (("192.0.2.9", "192.0.2.8"), ("2001:db8::9", "2001:db8::9")):
            with pytest.raises(MediaError) as refusal:
                remote = RemoteAddress(far, 40000, 40001)
                stream.set_remote(remote, is_behind_nat=False, signalled_from=source)
            assert refusal.value.key == "media.unreachable_address"
    finally:
        plane.close()
