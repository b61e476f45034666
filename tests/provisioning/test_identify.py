"""identify.py: every User-Agent and file name of the reference; what contradicts; any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from provisioning import identify as module
from provisioning.api import Request
from provisioning.catalogue import shipped
from provisioning.identify import hint, identify, nearest_model

#: User-Agent -> brand, model, firmware, MAC.
AGENTS = [
    (
        "Yealink SIP-T46U 108.86.0.20 80:5e:c0:a1:b2:c3",
        ("yealink", "T46U", "108.86.0.20", "805ec0a1b2c3"),
    ),
    (
        "Yealink W70B 146.87.0.15 80:5e:c0:70:00:70",
        ("yealink", "W70B", "146.87.0.15", "805ec0700070"),
    ),
    (
        "Yealink SIP-T54W 96.86.0.100 805ec0540054",
        ("yealink", "T54W", "96.86.0.100", "805ec0540054"),
    ),
    ("Yealink SIP-T31P 124.86.0.40", ("yealink", "T31P", "124.86.0.40", "")),
    (
        "Grandstream Model HW GRP2614 SW 1.0.5.15 DevId c074ad0b63ee",
        ("grandstream", "GRP2614", "1.0.5.15", "c074ad0b63ee"),
    ),
    (
        "Grandstream Model HW HT802V2 V1.0A SW 1.0.5.4 DevId ec74d7080200",
        ("grandstream", "HT802V2", "1.0.5.4", "ec74d7080200"),
    ),
    (
        "Grandstream GXP2000 (gxp2000e.bin:1.2.5.3/boot55e.bin:1.1.6.9) DevId 000b822726c8",
        ("grandstream", "GXP2000", "1.1.6.9", "000b822726c8"),
    ),
    (
        "Mozilla/4.0 (compatible; snomD785-SIP 10.1.169.16 1.2.3 00041396D9B4 SXM:0 UXM:0 UXMC:0)",
        ("snom", "D785", "10.1.169.16", "00041396d9b4"),
    ),
    (
        "Mozilla/4.0 (compatible; Snom M900 05.20.0001 000413b60680)",
        ("snom", "M900", "05.20.0001", "000413b60680"),
    ),
    (
        "Mozilla/4.0 (compatible; snom320-SIP 8.7.5.35 1.1.3)",
        ("snom", "320", "8.7.5.35", ""),
    ),
    (
        "Fanvil X5U-V2 2.12.16.17 0c383e557eb1",
        ("fanvil", "X5U-V2", "2.12.16.17", "0c383e557eb1"),
    ),
    (
        "FileTransport PolycomVVX-VVX_400-UA/5.4.3.1014 Type/Application",
        ("poly", "VVX400", "5.4.3.1014", ""),
    ),
    (
        "FileTransport PolycomVVX-VVX_400-UA/5.4.3.1014 Type/Updater",
        ("poly", "VVX400", "5.4.3.1014", ""),
    ),
    (
        "Cisco/SPA508G-7.4.8a (0002FDFF2103)(CBT1414001)",
        ("cisco-spa", "SPA508G", "7.4.8", "0002fdff2103"),
    ),
    ("Linksys/SPA-942-6.1.5(a) (88019FA0001)", ("cisco-spa", "SPA942", "6.1.5", "")),
    (
        "Cisco-CP-7832-3PCC/11.0.1 (00562b043615)",
        ("cisco-mpp", "7832", "11.0.1", "00562b043615"),
    ),
    (
        "Gigaset N870 IP PRO/83.V2.11.0+build.a546b91;7C2F80E0D605",
        ("gigaset", "N870 IP PRO", "83.V2.11.0", "7c2f80e0d605"),
    ),
    (
        "N510 IP PRO/42.245.00.000.000;7C2F80C32B0C",
        ("gigaset-n510", "N510 IP PRO", "42.245.00.000.000", "7c2f80c32b0c"),
    ),
    ("N510 IP PRO/42.245.00.000.000", ("gigaset-n510", "N510 IP PRO", "42.245.00.000.000", "")),
    (
        "Htek UC926 2.0.4.2 00:1f:c1:00:00:00",
        ("htek", "UC926", "2.0.4.2", "001fc1000000"),
    ),
    (
        "Panasonic_KX-UT113/01.133 (0080f0c8c381)",
        ("panasonic", "KX-UT113", "01.133", "0080f0c8c381"),
    ),
    (
        "Mitel6940 MAC:14-00-E9-29-4C-6B V:6.4.0.4006-SIP",
        ("mitel", "6940", "6.4.0.4006", "1400e9294c6b"),
    ),
    (
        "AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F602AAC)",
        ("audiocodes", "440HDG-Rev0", "2.2.8.61", "00908f602aac"),
    ),
    ("LinphoneDesktop/5.2.6 (Debian)", ("linphone", "LinphoneDesktop", "5.2.6", "")),
]
#: Path -> brand, model, MAC, for a request without a User-Agent (TFTP).
PATHS = [
    ("/y000000000108.cfg", ("yealink", "T46U", "")),
    ("/y000000000000.boot", ("yealink", "", "")),
    ("/y000000000999.cfg", ("yealink", "", "")),
    ("/805ec0a1b2c3.boot", ("yealink", "", "805ec0a1b2c3")),
    ("/805EC0A1B2C3.cfg", ("yealink", "", "805ec0a1b2c3")),
    ("/cfgc074ad0b63ee", ("grandstream", "", "c074ad0b63ee")),
    ("/cfgc074ad0b63ee.xml", ("grandstream", "", "c074ad0b63ee")),
    ("/cfggrp2614.xml", ("grandstream", "GRP2614", "")),
    ("/cfg.xml", ("grandstream", "", "")),
    ("/phonebook.xml", ("grandstream", "", "")),
    ("/gs_phonebook.xml", ("grandstream", "", "")),
    ("/snomD785.htm", ("snom", "D785", "")),
    ("/snomD785-00041396D9B4.htm", ("snom", "D785", "00041396d9b4")),
    ("/snom320-firmware.xml", ("snom", "320", "")),
    ("/F0V5UV200000.cfg", ("fanvil", "X5U-V2", "")),
    ("/f0X3shw1.100.cfg", ("fanvil", "X3S", "")),
    ("/0c383e557eb1.cfg", ("fanvil", "", "0c383e557eb1")),
    ("/64167f450450-settings.cfg", ("poly", "", "64167f450450")),
    ("/64167f450450.cfg", ("poly", "", "64167f450450")),
    ("/000000000000-directory.xml", ("poly", "", "")),
    ("/spa508G.cfg", ("cisco-spa", "SPA508G", "")),
    ("/0002fdff2103.xml", ("cisco-spa", "", "0002fdff2103")),
    ("/SEP0002FDFF2103.cnf.xml", ("cisco-spa", "", "0002fdff2103")),
    ("/8841-3PCC.xml", ("cisco-mpp", "8841", "")),
    ("/7C2F80E0D605.xml", ("gigaset", "", "7c2f80e0d605")),
    ("/42/2/master.bin", ("gigaset-n510", "", "")),
    ("/cfg0010.xml", ("htek", "UC926", "")),
    ("/cfg001fc1000000.xml", ("htek", "", "001fc1000000")),
    ("/KX-HDV130.cfg", ("panasonic", "KX-HDV130", "")),
    ("/Config0080F0C8C381.cfg", ("panasonic", "", "0080f0c8c381")),
    ("/linphone.xml", ("linphone", "", "")),
    ("/folder/of/office/805ec0a1b2c3.cfg", ("yealink", "", "805ec0a1b2c3")),
]


@pytest.mark.parametrize(("agent", "expected"), AGENTS)
def test_user_agents(agent: str, expected: tuple[str, str, str, str]) -> None:
    found = identify(Request(path="/", user_agent=agent))
    assert found is not None
    assert (found.brand, found.model, found.firmware, found.mac) == expected
    assert (found.reason, found.alarms) == ("identify.by_agent", ())


@pytest.mark.parametrize(("path", "expected"), PATHS)
def test_file_names(path: str, expected: tuple[str, str, str]) -> None:
    found = identify(Request(path=path))
    assert found is not None
    assert (found.brand, found.model, found.mac) == expected
    assert found.alarms == ()


def test_a_name_of_several_brands_goes_by_the_maker_of_the_mac() -> None:
    found = identify(Request(path="/00156500aabb.cfg", source_mac="00156500aabb"))
    assert found is not None and found.brand == "yealink"


def test_the_neighbour_table_tells_the_mac_of_a_phone_that_hides_it() -> None:
    request = Request(
        path="/y000000000108.cfg",
        user_agent="Yealink SIP-T46U 108.86.0.20",
        source_mac="805ec0a1b2c3",
    )
    found = identify(request)
    assert found is not None and (found.mac, found.alarms) == ("805ec0a1b2c3", ())


@pytest.mark.parametrize(
    ("request_", "alarm"),
    [
        (
            Request(
                path="/805ec0a1b2c4.cfg",
                user_agent="Yealink SIP-T46U 108.86.0.20 80:5e:c0:a1:b2:c3",
            ),
            module.MAC_DIFFERS_FROM_AGENT,
        ),
        (
            Request(
                path="/805ec0a1b2c3.cfg",
                user_agent="Yealink SIP-T46U 108.86.0.20 80:5e:c0:a1:b2:c3",
                source_mac="805ec0a1b2c4",
            ),
            module.MAC_DIFFERS_FROM_NEIGHBOUR,
        ),
    ],
)
def test_what_contradicts_is_an_alarm(request_: Request, alarm: str) -> None:
    found = identify(request_)
    assert found is not None and alarm in found.alarms


def test_strangers_are_nobody() -> None:
    for agent in ("", "curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64)", "Wget/1.21"):
        request = Request(path="/index.html", user_agent=agent)
        assert identify(request) is None
        assert hint(request, None) == "identify.unknown_brand"


def test_hints() -> None:
    agent = "Yealink SIP-T46U 108.86.0.20 80:5e:c0:a1:b2:c3"
    for path, agent_, expected in (
        ("/805ec0a1b2c3.cfg", agent, ""),
        ("/favicon.ico", agent, "identify.unknown_file"),
        (
            "/1400E9294C6B.cfg",
            "Mitel6940 MAC:14-00-E9-29-4C-6B V:6.4.0.4006-SIP",
            "identify.only_by_hand",
        ),
        ("/805ec0a1b2c3.cfg", agent.replace("T46U", "T99X"), "identify.unknown_model"),
    ):
        request = Request(path=path, user_agent=agent_)
        assert hint(request, identify(request)) == expected


def test_an_unknown_model_is_served_as_the_one_most_like_it() -> None:
    brand = shipped().brands["yealink"]
    assert nearest_model(brand, "T46").name.startswith("T46")
    assert nearest_model(brand, "SIP-T46U").name  # never fails
    assert nearest_model(brand, "Z1").name == "T43U"  # nothing alike: the brand's own default
    assert nearest_model(brand, "t46u").name == "T46U"


@effort(deadline=None)
@given(
    path=st.text(max_size=300),
    agent=st.text(max_size=700),
    mac=st.sampled_from(["", "00156500aabb"]),
)
def test_any_text_is_somebody_or_nobody(path: str, agent: str, mac: str) -> None:
    request = Request(path=path, user_agent=agent, source_mac=mac)
    found = identify(request)
    assert hint(request, found) in (
        "",
        "identify.unknown_brand",
        "identify.unknown_file",
        "identify.unknown_model",
        "identify.only_by_hand",
    )


@effort(deadline=None)
@given(
    agent=st.sampled_from([a for a, _ in AGENTS]),
    junk=st.text(max_size=40),
    place=st.integers(0, 60),
)
def test_a_damaged_user_agent_never_gives_a_wrong_mac(agent: str, junk: str, place: int) -> None:
    found = identify(Request(path="/", user_agent=agent[:place] + junk + agent[place:]))
    assert found is None or not found.mac or len(found.mac) == 12
