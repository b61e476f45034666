"""Lines in the settings: what is refused, what is warned of, and what a file keeps of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from appliance.config.checking import problems_of
from appliance.config.codec import MASK
from appliance.config.model import DestinationKind, DialRule, Did, Document, Line, LineKind
from appliance.config.texts import problem_text
from appliance.config.yaml_file import format_yaml, parse_yaml
from appliance.errors import ConfigErrors
from tests.config.offices import office

DEVICE = "serial:/dev/serial/by-id/usb-modem"


def line(**values: Any) -> Line:
    given = {"name": "city", "kind": LineKind.FXO, "device": DEVICE, "extension": "2001"}
    return Line(**given | values)


def with_lines(*lines: Line, **more: Any) -> Document:
    return replace(office(), lines=lines, **more)


def phone(**values: Any) -> Line:
    return line(**{"name": "desk", "kind": LineKind.FXS, "device": "i2c:1:0x20"} | values)


NOBODY = replace(office().site, default_extension="")
CASES = [
    ("line.name.is_trunk", "lines[mango].name", with_lines(line(name="mango"))),
    ("line.device.wrong", "lines[city].device", with_lines(line(device="usb:1"))),
    ("line.device.wrong", "lines[city].device", with_lines(line(device="serial:"))),
    (
        "line.port.taken",
        "lines[b].port",
        with_lines(line(), line(name="b", device=DEVICE + "?x=1")),
    ),
    (
        "line.device.differs",
        "lines[b].device",
        with_lines(line(), line(name="b", device=DEVICE + "?baud=9600", port=1)),
    ),
    (
        "line.port.taken",
        "lines[b].port",
        with_lines(phone(), phone(name="b", device="i2c:/dev/i2c-1:32")),
    ),
    (
        "line.device.differs",
        "lines[b].device",
        with_lines(phone(), phone(name="b", device="i2c:1:32?map=quad-a", port=1)),
    ),
    (
        "line.port.taken",
        "lines[b].port",
        with_lines(line(), line(name="b", device="serial://" + DEVICE.removeprefix("serial:"))),
    ),
    ("line.busy_tone.wrong", "lines[city].busy_tone", with_lines(line(busy_tone="425 Hz"))),
    ("line.pin.wrong", "lines[sim].pin", with_lines(line(name="sim", pin="12a4"))),
    ("line.pin.wrong", "lines[sim].pin", with_lines(line(name="sim", pin="123"))),
    ("line.extension.needed", "lines[desk].extension", with_lines(phone(extension=""))),
    (
        "line.extension.nobody",
        "lines[city].extension",
        with_lines(line(extension=""), site=NOBODY),
    ),
    ("line.field.unused", "lines[city].hot_line", with_lines(line(hot_line="2001"))),
    ("line.field.unused", "lines[desk].pin", with_lines(phone(pin="1234"))),
    (
        "line.way.is_phone",
        "rules[b].ways[#1]",
        with_lines(
            phone(),
            rules=(DialRule(name="b", kinds=(DestinationKind.LOCAL,), ways=("desk",)),),
        ),
    ),
    (
        "line.way.is_phone",
        "dids[+74955550000].trunk",
        with_lines(phone(), dids=(Did(number="+74955550000", trunk="desk", extension="2001"),)),
    ),
    ("line.field.unused", "lines[desk].passes_flash", with_lines(phone(passes_flash=True))),
    (
        "line.way.announces",
        "dids[+74955550000].trunk",
        with_lines(
            line(announces="call_later"),
            dids=(Did(number="+74955550000", trunk="city", extension="2001"),),
        ),
    ),
    (
        "line.announces.whose",
        "lines[city].extension",
        with_lines(line(announces="voicemail", extension="")),
    ),
    (
        "line.announces.no_mailbox",
        "lines[city].announces",
        with_lines(line(announces="voicemail")),
    ),
    ("reference.dangling", "lines[city].extension", with_lines(line(extension="2999"))),
    ("secret.not_stored", "lines[sim].pin", with_lines(line(name="sim", pin=MASK))),
]
WARNINGS = {
    "line.extension.nobody",
    "line.field.unused",
    "line.way.announces",
    "line.device.differs",
}


@pytest.mark.parametrize(("key", "path", "document"), CASES)
def test_each_key_is_raised_at_its_path(key: str, path: str, document: Document) -> None:
    found = {(p.key, p.path): p for p in problems_of(document)}
    assert (key, path) in found, sorted(found)
    assert found[key, path].is_warning == (key in WARNINGS)
    for language in ("ru", "en"):
        assert "{" not in problem_text(found[key, path], language)


def test_an_office_with_lines_is_sound() -> None:
    rule = DialRule(name="city", kinds=(DestinationKind.NATIONAL,), ways=("mango", "city"))
    lines = (line(), phone(), line(name="sim", kind=LineKind.CELLULAR, port=1, pin="1234"))
    did = Did(number="+74955550000", trunk="city", extension="2001")
    document = with_lines(*lines, rules=(rule,), dids=(did,))
    assert problems_of(document) == ()


def test_a_line_takes_messages_for_a_mailbox_and_a_telephone_none() -> None:
    first, *others = office().extensions
    owner = replace(first, voicemail=True)
    assert owner.number == "2001"
    both = (owner, *others)
    assert problems_of(with_lines(line(announces="voicemail"), extensions=both)) == ()
    assert problems_of(with_lines(phone(announces="voicemail"))) == ()


def test_a_line_out_is_a_way_for_emergencies() -> None:
    silent = tuple(replace(t, is_enabled=False) for t in office().trunks)
    keys = {p.key for p in problems_of(with_lines(line(), trunks=silent, rules=(), dids=()))}
    assert "emergency.no_way_out" not in keys
    keys = {p.key for p in problems_of(with_lines(phone(), trunks=silent, rules=(), dids=()))}
    assert "emergency.no_way_out" in keys


def test_a_file_keeps_lines_and_masks_the_pin() -> None:
    document = with_lines(line(name="sim", kind=LineKind.CELLULAR, pin="4711", receive_gain_db=-3))
    text = format_yaml(document)
    assert "4711" not in text
    assert parse_yaml(text.encode(), document).document == document
    with pytest.raises(ConfigErrors):
        parse_yaml(text.encode(), office())
