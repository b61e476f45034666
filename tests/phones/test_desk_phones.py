"""Every emulated desk phone, each in a namespace of its own with its own MAC, and the real box.

From the carton: found by PnP or by what DHCP told, fetched by HTTP or TFTP, parsed strictly,
registered at the real daemon, called, changed, read again by the maker's own NOTIFY.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.kit.box import Box
from tests.kit.desk_phones.catalogue import FAMILIES as ALL
from tests.kit.desk_phones.family import Replacing
from tests.kit.desk_phones.phone import DeskPhone
from tests.kit.office import office, secret_of
from tests.kit.office_lan import OfficeLan
from tests.kit.processes import wait_until
from tests.kit.responder import RING
from tests.kit.subscriber import Watch

BOX = OfficeLan.BOX_HOST
SOFTPHONES = ("linphone", "acrobits", "sipnetic")
FAMILIES = tuple(f for f in ALL if f.brand not in SOFTPHONES)
MODELS = tuple(f.model for f in FAMILIES)
#: The first request to the registration: 5 s are the target, 0.2 s is what it takes; the rest is
#: for a machine that others use too.
_LONGEST_S = 15.0
#: A lamp changes within a second of what it shows.
LATEST_S = 1.0
WITH_LAMPS = {
    *("yealink", "grandstream", "snom", "fanvil", "poly", "cisco-spa", "cisco-mpp"),
    *("htek", "panasonic"),
}


@dataclass
class House:
    """The box and its phones, by model."""

    box: Box
    phones: dict[str, DeskPhone]

    def number(self, model: str) -> str:
        return str(2001 + MODELS.index(model))

    def row(self, model: str) -> dict[str, Any]:
        mac = self.phones[model].family.mac
        return next(r for r in self.box.control("phones")["phones"] if r["mac"] == mac)


def document(**labels: str) -> dict[str, Any]:
    """One number and one watched neighbour for each phone. labels: of keys, by number."""
    numbers = [2001 + n for n in range(len(FAMILIES))]
    phones = [
        {
            "mac": f.mac,
            "extensions": [str(number)],
            "keys": [
                {"kind": "line"},
                {"kind": "blf", "value": "2001", "label": labels.get(f"n{number}", "Desk & Co")},
            ],
        }
        for f, number in zip(FAMILIES, numbers, strict=True)
    ]
    return {**office(numbers), "phones": phones}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with ExitStack() as stack:
        lan = stack.enter_context(OfficeLan())
        folder = tmp_path_factory.mktemp("house")
        made = Box(
            folder / "box",
            document(),
            bind=(BOX,),
            netns=lan.box,
            sip_port=5060,
            rtp_ports=(12000, 13000),  # each rests for 32 s after a call; no test leases these
        )
        box = stack.enter_context(made)
        box.start("--with-phones")
        wait_until(lambda: box.control("phones")["ports"], 20, "the server of phones lives")
        phones = {}
        for one in FAMILIES:
            netns, host = lan.add(one.mac)
            phones[one.model] = stack.enter_context(DeskPhone(one, host, netns))
        yield House(box, phones)


def base_of(phone: DeskPhone, ports: dict[str, int]) -> str:
    """What DHCP tells a phone that does no PnP."""
    if phone.family.transport == "tftp":
        return f"tftp://{BOX}:{ports['tftp']}/"
    return "" if phone.family.pnp else f"http://{BOX}:{ports['http']}/"


@pytest.mark.parametrize("model", MODELS)
def test_from_the_carton_to_a_number(house: House, model: str) -> None:
    phone = house.phones[model]
    ports = house.box.control("phones")["ports"]
    early = DeskPhone(phone.family, phone.host, phone.netns)
    early.base = base_of(phone, ports) or f"http://{BOX}:{ports['http']}/"
    early.read_files()
    assert early.line.password == "", "no password without a window"
    house.box.control("phone_window", mac=phone.family.mac)
    works = phone.boot(base_of(phone, ports))
    if works.resync_url and "/p/" in works.resync_url:
        secret = works.resync_url.partition("/p/")[2].strip("/")
        assert not [value for value in early.config.values() if secret in value]
    number = house.number(model)
    assert (phone.line.user, phone.line.password) == (number, secret_of(number))
    assert works.language in ("en", None) and works.ntp == BOX
    assert house.row(model)["state"] == "registered"
    assert works.admin_password or model == "N510 IP PRO"
    assert phone.booted_s < _LONGEST_S
    print(f"{model}: {phone.booted_s:.2f} s, {phone.asked}")


def test_each_calls_the_next(house: House) -> None:
    for model, following in zip(MODELS, (*MODELS[1:], MODELS[0]), strict=True):
        assert house.phones[model].call(house.number(following)) == 200, model
        (invited, *_) = house.phones[following].responder.wait_for_invites(1)
        assert invited.number == house.number(following)


def test_the_lamps_of_all_brands_follow_a_call(house: House) -> None:
    """Ringing, talking, idle, on the key that each brand's file made, within a second."""
    watched = house.phones[MODELS[0]]
    lit = [m for m, phone in house.phones.items() if phone.light_keys() and m != MODELS[0]]
    assert {house.phones[m].family.brand for m in lit} == WITH_LAMPS
    lamps = {model: house.phones[model].lamps[2] for model in lit}
    assert {(w.number, w.lamp) for w in lamps.values()} == {("2001", "idle")}
    caller = next(p for m, p in house.phones.items() if m not in lit and m != MODELS[0])
    for answer, shown in ((RING, "ringing"), (200, "talking")):
        watched.responder.answer = lambda request, answer=answer: answer
        with caller.dial("2001") as call:
            while call.progress().status not in (180, 200):
                pass
            since = time.monotonic()
            if shown == "talking":
                call.acknowledge()
            all_show(lamps, shown)
            late_s = {model: watch.last.at_s - since for model, watch in lamps.items()}
            print(shown, {model: round(s, 3) for model, s in late_s.items()})
            assert max(late_s.values()) < LATEST_S
            if shown == "talking":
                call.hang_up()
            else:
                call.cancel()
                call.final()
        all_show(lamps, "idle")
    assert {tuple(w.lamps)[:3] for w in lamps.values()} == {("idle", "ringing", "idle")}


def all_show(lamps: dict[str, Watch], shown: str) -> None:
    wait_until(
        lambda: all(watch.lamp == shown for watch in lamps.values()),
        10,
        f"all lamps are {shown}",
        lambda: str({model: watch.lamp for model, watch in lamps.items()}),
    )


def test_who_presses_a_key_whose_lamp_rings_takes_the_call(house: House) -> None:
    watched, caller = house.phones[MODELS[0]], house.phones[MODELS[1]]
    watched.responder.answer = lambda request: RING
    takers = []
    for model in MODELS[2:]:
        phone = house.phones[model]
        key = (phone.works.keys or {}).get(2)
        if key is None or not key.pickup:
            continue
        lamp = phone.lamps[2]
        with caller.dial("2001") as call:
            assert call.progress().status == 100
            all_show({model: lamp}, "ringing")
            assert lamp.caller.startswith("Ext 2002 sip:2002@")
            assert phone.call(key.pickup) == 200, model
            assert call.final().status == 200
            call.acknowledge()
        all_show({model: lamp}, "idle")
        takers.append(phone.family.brand)
    watched.responder.answer = lambda request: 200
    assert set(takers) == WITH_LAMPS - {"panasonic"}  # whose keys watch, and call


#: Makers whose phones can be told to pick up by Replaces, each in a manner of its own.
MANNERS = {
    "snom": Replacing(is_swapped=True, turns_to_caller=True),
    "poly": Replacing(turns_to_caller=True, requires=True),
    "fanvil": Replacing(rest=""),
    "cisco-mpp": Replacing(is_swapped=True, rest=";Early-Only"),
    "grandstream": Replacing(),
}


def test_phones_pick_up_by_replaces_what_their_lamps_were_told(house: House) -> None:
    """No code is dialled: the INVITE names the dialog that the lamp's NOTIFY named."""
    watched, caller = house.phones[MODELS[0]], house.phones[MODELS[1]]
    watched.responder.answer = lambda request: RING
    takers = []
    for model in MODELS[2:]:
        phone, brand = house.phones[model], house.phones[model].family.brand
        if brand not in MANNERS or 2 not in phone.lamps:
            continue
        lamp = phone.lamps[2]
        with caller.dial("2001") as call:
            assert call.progress().status == 100
            all_show({model: lamp}, "ringing")
            with phone.pick_up(lamp, MANNERS[brand]) as taken:
                assert taken.final().status == 200, model
                taken.acknowledge()
                assert call.final().status == 200
                call.acknowledge()
                all_show({model: lamp}, "idle")
                own = house.number(model)
                (talk,) = house.box.control("calls")["calls"]
                assert talk["answered_by"] == f"extension {own}", model
                assert taken.hang_up() == 200
        takers.append(brand)
    watched.responder.answer = lambda request: 200
    assert set(takers) == set(MANNERS)


def test_no_phone_is_told_anothers_password(house: House) -> None:
    for model, phone in house.phones.items():
        others = {secret_of(house.number(m)) for m in MODELS if m != model}
        assert not others & set(phone.config.values())


def test_a_changed_label_reaches_each_phone_that_has_it(house: House) -> None:
    """By the words of its maker; those without such a key are left in peace."""
    labels = {f"n{house.number(model)}": f"New {model[:6]}" for model in MODELS}
    house.box.apply(document(**labels))
    for model in ("T46U", "GRP2614", "D785", "X5U-V2", "VVX450", "SPA508G", "8841", "UC926"):
        phone = house.phones[model]
        phone.told_to_read_again()
        keys = phone.works.keys or {}
        assert keys[2].label == f"New {model[:6]}", model
    for model in ("W70B", "HT802V2", "N870 IP PRO"):
        heard = [r.method for r in house.phones[model].responder.requests]
        assert "NOTIFY" not in heard, model


def test_the_files_are_shown_without_secrets(house: House) -> None:
    """By the control socket and by the command; every family's."""
    for model, phone in house.phones.items():
        files = house.box.control("phone_files", mac=phone.family.mac)["files"]
        text = "\n".join(f["text"] for f in files)
        assert files and house.number(model) in text, model
        secrets = {secret_of(house.number(model)), phone.works.resync_password or "-" * 20}
        assert not [secret for secret in secrets if secret in text], model
    said = house.box.command("phones", "files", house.phones["T46U"].family.mac)
    assert "account.1.password = ••••••••" in said


def test_the_sheet_of_values(house: House) -> None:
    said = house.box.command("--language", "en", "phones", "sheet", "2001")
    assert "SIP server" in said and BOX in said and secret_of("2001") not in said


def test_hints_have_words(house: House) -> None:
    said = house.box.command("--language", "en", "phones", "requests")
    assert "full" in said or "all, with passwords" in said
    assert "identify." not in said
