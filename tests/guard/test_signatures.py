"""Tests of appliance/guard/signatures.py and of the list that comes with the program."""

from __future__ import annotations

import pytest

from appliance.guard.scanner_list import scanners
from appliance.guard.signatures import Signatures, read_signatures
from tests.kit.raw_sip import write


def message(*fields: tuple[str, str], first: str = "OPTIONS sip:100@192.0.2.1 SIP/2.0") -> bytes:
    plain = {
        "Via": "SIP/2.0/UDP 198.51.100.9:5060;branch=z9hG4bK1;rport",
        "From": "<sip:2001@office.example>;tag=1",
        "To": "<sip:2001@office.example>",
        "Call-ID": "a84b4c76e66710",
        "CSeq": "1 OPTIONS",
        "Contact": "<sip:2001@198.51.100.9:5060>",
        "User-Agent": "Yealink SIP-T46U 108.86.0.20",
    }
    return write(first, list((plain | dict(fields)).items()))


@pytest.mark.parametrize(
    "name",
    [
        "friendly-scanner",
        "Friendly-Request",
        "sipvicious",
        "sundayddr",
        "sip-scan",
        "sipcli/v1.8",
        "sipsak 0.9.6",
        "svmap",
        "iWar",
        "pplsip",
        "VaxSIPUserAgent/3.1",
        "SIParmyknife",
    ],
)
@pytest.mark.parametrize("header", ["User-Agent", "Server", "user-agent "])
def test_scanners_by_name(name: str, header: str) -> None:
    assert scanners().match(message(("User-Agent", "x"), (header, name)))


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("From", '"sipvicious"<sip:100@1.1.1.1>;tag=3763663239'),
        ("f", "<sip:100@1.1.1.1>;tag=1"),
        ("To", '"sipvicious"<sip:100@192.0.2.1>'),
        ("Contact", "sip:100@1.1.1.1:5060"),
        ("From", "<sip:nm@nm>;tag=root"),
        ("Call-ID", "123456@1.1.1.1"),
    ],
)
def test_scanners_by_their_identifiers(header: str, value: str) -> None:
    assert scanners().match(message((header, value)))


@pytest.mark.parametrize(
    "name",
    [
        "Yealink SIP-T46U 108.86.0.20",
        "Grandstream GXP1625 1.0.4.138",
        "snomD785/10.1.175.16",
        "Fanvil X4U 2.12.1",
        "Zoiper v2.10.20.4",
        "MicroSIP/3.21.3",
        "baresip v3.10.1 (x86_64/Linux)",
        "Linphone/5.2.5 (belle-sip/5.3.20)",
        "pyVoIP 1.6.8",
        "Asterisk PBX 20.5.0",
        "Kamailio (5.7.2)",
        "iWarehouse phone",
        "Cisco-CP8845/14.2",
        "Gigaset N510 IP PRO/42.248",
        "",
    ],
)
def test_phones_are_no_scanners(name: str) -> None:
    assert not scanners().match(message(("User-Agent", name)))


def test_marks_elsewhere_mean_nothing() -> None:
    assert not scanners().match(message(("Subject", "friendly-scanner")))
    assert not scanners().match(message() + b"v=0\r\ns=sipvicious\r\n")
    assert not scanners().match(message(("From", "<sip:100@11.1.1.1>;tag=1")))


@pytest.mark.parametrize("data", [b"", b"\n", b"\n" * 5000, b"User-Agent:" * 6000, b"\xff" * 9000])
def test_noise(data: bytes) -> None:
    assert not scanners().match(data)


def test_a_list_that_is_wrong_is_a_defect() -> None:
    with pytest.raises(KeyError):
        read_signatures({"subject": ["x"]})


def test_an_empty_list_matches_nobody() -> None:
    assert not Signatures({}).match(message(("User-Agent", "friendly-scanner")))
