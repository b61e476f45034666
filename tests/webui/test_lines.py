"""The pages of lines: how each is, adding, renaming, removal, the simulator's hand, messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from appliance.config.model import Line
from appliance.errors import UserError
from tests.commands.stand_in import StandIn
from tests.webui.conftest import Browser, Web
from tests.webui.office import HOSTILE, furnish, settings
from webui.access import Role

LINES: list[dict[str, Any]] = [
    {"name": "desk", "kind": "fxs", "device": "sim:office", "port": 0, "extension": "2001"},
    {"name": "city", "kind": "fxo", "device": "sim:office", "port": 1, "number": "+74951112233"},
    {"name": "sim", "kind": "cellular", "device": "serial:/dev/ttyUSB2", "port": 0},
]
ROW: dict[str, Any] = {
    "name": "desk",
    "kind": "fxs",
    "is_simulated": True,
    "is_enabled": True,
    "state": "idle",
    "why": "",
    "calls": 0,
    "caller": "",
    "caller_name": "",
    "called_at": None,
    "changed_at": 1772440000.0,
    "model": "",
    "firmware": "",
    "detail": "",
    "operator": "",
    "figures": {},
    "audio": None,
    "why_no_flash": "",
    "can": {},
}
CITY = ROW | {"name": "city", "kind": "fxo"}


@pytest.fixture
def admin(web: Web, box: StandIn) -> Browser:
    furnish(web, lines=LINES)
    box.answers["lines"] = {"lines": [ROW, CITY, ROW | {"name": "sim", "kind": "cellular"}]}
    return web.signed_in()


def show(box: StandIn, **changed: Any) -> None:
    box.answers["lines"] = {"lines": [CITY | changed]}


def test_how_lines_are(box: StandIn, admin: Browser) -> None:
    show(
        box,
        caller=HOSTILE,
        called_at=1772440000.0,
        state="talking",
        figures={"signal_dbm": -71.0},
        audio={"level_in_dbm0": -18.4, "level_out_dbm0": -20.0, "erle_db": 27.0},
    )
    page = admin.get("/lines/")
    assert "talking" in page and "-18 dBm0" in page and "27 dB" in page and "-71" in page
    assert HOSTILE not in page and "&lt;script&gt;" in page
    assert "talking" in admin.get("/lines/live", query_string={"once": "1"})


def test_why_a_line_cannot_be_used(box: StandIn, admin: Browser) -> None:
    show(box, state="down", why="line.device")
    assert "check its address and the cable" in admin.get("/lines/")
    assert "The line city cannot be used" in admin.get("/status/")
    show(box, state="ringing", why="line.ringing")
    assert "cannot be used" not in admin.get("/status/")


def test_a_city_line_is_added_and_calls_leave_by_it(web: Web, admin: Browser) -> None:
    assert "kind=fxo" in admin.get("/lines/new")
    page = admin.get("/lines/new", query_string={"kind": "fxo"})
    countries = Line.__dataclass_fields__["country"].metadata["choices"]
    assert not [code for code in countries if f'value="{code}"' not in page]
    given = {"kind": "fxo", "name": "copper", "device": "socket://10.0.0.9:7000", "port": "0"}
    given |= {"is_enabled": "yes", "number_form": "national", "dial_mode": "tone"}
    given |= {"answer_by": "tones", "hangs_up_on.busy_tone": "yes", "extension": "2001"}
    admin.post("/lines/new", given)
    document = settings(web)
    line = document.line_by_name["copper"]
    assert (line.kind.value, line.hangs_up_on, line.extension) == ("fxo", ("busy_tone",), "2001")
    assert any("copper" in rule.ways for rule in document.rules)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"device": "carrier pigeon"}, "device-error"),
        ({"name": "desk"}, "There is a line by this name"),
        ({"extension": "7777"}, "extension-error"),
    ],
)
def test_a_mistake_stands_beside_its_field(
    admin: Browser, wrong: dict[str, str], told: str
) -> None:
    admin.get("/lines/new", query_string={"kind": "fxs"})
    given = {"kind": "fxs", "name": "new", "device": "i2c:1:0x20", "port": "2", "extension": "2003"}
    assert told in admin.post("/lines/new", given | {"is_enabled": "yes"} | wrong, code=422)


def test_a_name_that_is_missing_is_told_beside_its_field_alone(admin: Browser) -> None:
    typed = {"kind": "fxo", "name": "", "device": "socket://10.0.0.9:7000", "port": "0"}
    typed |= {"is_enabled": "yes", "number_form": "national", "dial_mode": "tone"}
    typed |= {"answer_by": "tones", "hangs_up_on.busy_tone": "yes", "extension": "2001"}
    page = admin.post("/lines/new", typed, code=422)
    assert 'id="name-error"' in page and "Rule outside" not in page


def test_rules_and_numbers_follow_a_new_name_and_hold_a_line_back(web: Web, admin: Browser) -> None:
    number = {"number": "+74951112233", "trunk": "city", "extension": "2001", "is_enabled": "yes"}
    admin.get("/numbers/new")
    admin.post("/numbers/new", number)
    admin.post("/rules/new", {"name": "by town", "kinds.local": "yes", "ways": "city"})
    admin.get("/lines/city/edit")
    given = {"kind": "fxo", "name": "town", "device": "sim:office", "port": "1"}
    given |= {"is_enabled": "yes", "number": "+74951112233", "dial_mode": "tone"}
    given |= {"answer_by": "tones", "number_form": "national"}
    admin.post("/lines/city/edit", given)
    document = settings(web)
    assert [line.name for line in document.lines] == ["desk", "town", "sim"]
    assert document.rules[-1].ways == ("town",) and document.dids[-1].trunk == "town"
    page = admin.post("/lines/town/remove", code=409)
    assert "The rule by town leads" in page and "The number +74951112233 comes by town" in page
    admin.post("/lines/desk/remove")
    assert [line.name for line in settings(web).lines] == ["town", "sim"]


@pytest.mark.parametrize(
    ("kind", "state", "offered", "withheld"),
    [
        ("fxs", "idle", "Lift", "Put down"),
        ("fxs", "off_hook", "Put down", "Lift"),
        ("fxo", "idle", "Call by this line", "The caller hangs up"),
        ("fxo", "talking", "The caller hangs up", "Call by this line"),
    ],
)
def test_the_hand_of_the_simulator(
    box: StandIn, admin: Browser, kind: str, state: str, offered: str, withheld: str
) -> None:
    name = "desk" if kind == "fxs" else "city"
    box.answers["lines"] = {"lines": [ROW | {"name": name, "kind": kind, "state": state}]}
    page = admin.get("/lines/")
    assert offered in page and withheld not in page
    box.answers["lines"] = {"lines": [ROW | {"name": name, "is_simulated": False}]}
    assert offered not in admin.get("/lines/")


def test_a_line_is_played(box: StandIn, admin: Browser) -> None:
    for do in ("line_lift", "line_dial", "line_ring"):
        box.answers[do] = {"line": "desk", "state": "off_hook"}
    admin.post("/lines/desk/play", {"do": "lift"})
    admin.post("/lines/desk/play", {"do": "dial", "digits": "2002"})
    admin.post("/lines/city/play", {"do": "ring", "number": "84951234567"})
    assert ("line_dial", {"line": "desk", "digits": "2002"}) in box.asked
    assert ("line_ring", {"line": "city", "number": "84951234567"}) in box.asked
    box.answers["line_lift"] = UserError("line.off_hook", line="desk")
    assert "lifted already" in admin.post("/lines/desk/play", {"do": "lift"}, code=409)
    admin.post("/lines/desk/play", {"do": "burn"}, code=404)
    admin.post("/lines/nobody/play", {"do": "lift"}, code=404)


def test_a_real_city_line_is_flashed_in_a_call(box: StandIn, admin: Browser) -> None:
    box.answers["line_flash"] = {"line": "city", "state": "talking"}
    show(box, state="talking", calls=1, is_simulated=False)
    assert "Flash the exchange" in admin.get("/lines/")
    admin.post("/lines/city/play", {"do": "flash"})
    assert ("line_flash", {"line": "city"}) in box.asked
    for quiet in ({"calls": 0}, {"calls": 1, "why_no_flash": "line.coarse_flash"}):
        show(box, state="talking", is_simulated=False, **quiet)
        assert "Flash the exchange" not in admin.get("/lines/")
    assert "too coarsely" in admin.get("/lines/")


def test_a_line_that_says_words_has_numbers_that_ring_nobody(web: Web, admin: Browser) -> None:
    did = {"number": "+74951112233", "trunk": "city", "extension": "2001"}
    furnish(web, lines=LINES, dids=[did])
    assert "answers by itself" not in admin.get("/lines/") + admin.get("/numbers/")
    lines = [LINES[0], LINES[1] | {"announces": "call_later"}, LINES[2]]
    furnish(web, lines=lines, dids=[did])
    assert "these outside numbers ring nobody: +74951112233" in admin.get("/lines/")
    assert "answers by itself, rings nobody" in admin.get("/numbers/")


@pytest.mark.parametrize(
    ("can", "told", "is_fit"),
    [
        ({"announces": "alaw", "records": True}, "answer with words, or take a message", True),
        ({"announces": "alaw", "records": False}, "it may answer with words", False),
        ({"announces": None, "records": False}, "it shows who calls, and no more", False),
    ],
)
def test_what_a_line_without_duplex_can_do(
    web: Web, box: StandIn, admin: Browser, can: dict[str, Any], told: str, is_fit: bool
) -> None:
    takes = LINES[1] | {"announces": "voicemail", "extension": "2001"}
    owner = {"number": "2001", "secret": "Secret-of-the-phone", "voicemail": True}
    furnish(web, lines=[LINES[0], takes, LINES[2]], extensions=[owner])
    show(box, can={"duplex": True, "announces": None, "records": False})
    assert "Without sound both ways" not in admin.get("/lines/")
    show(box, can={"duplex": False} | can)
    page = admin.get("/lines/")
    assert told in page
    assert ("takes no message" not in page) is is_fit


def test_messages_are_read_and_sent(web: Web, box: StandIn, admin: Browser) -> None:
    row = {"line": "sim", "direction": "in", "number": "+79161234567", "text": HOSTILE}
    box.answers["sms"] = {"messages": [row | {"at": 1772440000.0, "sent_at": "", "reference": "1"}]}
    page = admin.get("/lines/messages")
    assert "+79161234567" in page and HOSTILE not in page
    box.answers["sms_send"] = {"line": "sim", "reference": "7"}
    admin.post("/lines/messages/send", {"line": "sim", "number": "+7999", "text": "Привет"})
    assert ("sms_send", {"line": "sim", "number": "+7999", "text": "Привет"}) in box.asked
    assert web.parts.audit.entries(1)[0].action == "sms_sent"
    box.answers["sms_send"] = UserError("sms.unsupported", line="sim")
    assert "carries no messages" in admin.post("/lines/messages/send", {"line": "sim"}, code=409)


def test_who_may_what(web: Web, box: StandIn, admin: Browser) -> None:
    box.answers["sms"] = {"messages": []}
    installer, supervisor = web.signed_in(Role.INSTALLER), web.signed_in(Role.SUPERVISOR)
    installer.post("/lines/messages/send", {"line": "sim"}, code=403)
    assert "play" not in supervisor.get("/lines/")
    supervisor.get("/lines/messages", code=403)


def test_no_daemon(web: Web) -> None:
    furnish(web, lines=LINES)
    assert "not running" in web.signed_in().get("/lines/")


def test_the_line_doctor_examines_and_its_advice_is_followed(
    web: Web, box: StandIn, admin: Browser
) -> None:
    found = {"key": "level_faint", "verdict": "warn", "params": {"level_dbm0": "-31"}}
    proposed = {"country": "DE", "receive_gain_db": 6, "hangs_up_on": ["busy_tone", "loop_break"]}
    box.answers["line_doctor"] = {"line": "city", "is_running": True}
    box.answers["line_examinations"] = {"examinations": []}
    assert "doctor" in admin.get("/lines/")
    assert "being examined" not in admin.get("/lines/city/doctor")
    admin.post("/lines/city/doctor", {"call": "100"})
    assert ("line_doctor", {"line": "city", "wait": False, "call": "100"}) in box.asked
    last = {"line": "city", "is_running": True, "findings": [], "proposed": {}, "error": None}
    box.answers["line_examinations"] = {"examinations": [last | {"line": "sim"}, last]}
    assert "being examined" in admin.get("/lines/city/doctor")
    last |= {"is_running": False, "findings": [found], "proposed": proposed}
    box.answers["line_examinations"] = {"examinations": [last]}
    live = admin.get("/lines/city/doctor/live", query_string={"once": "1"})
    page = json.loads(live)["parts"]["examination"]
    assert "being examined" not in page
    assert "The line is faint: -31 dBm0" in page and 'name="set.country" value="DE"' in page
    assert "<dd>busy tone, the exchange opens the loop</dd>" in page
    advice = {"set.country": "DE", "set.receive_gain_db": "6"}
    advice |= {"set.hangs_up_on.busy_tone": "yes", "set.hangs_up_on.loop_break": "yes"}
    before = settings(web).line_by_name["city"]
    admin.post("/lines/city/follow", advice)
    after = settings(web).line_by_name["city"]
    assert (after.country, after.receive_gain_db) == ("DE", 6)
    assert after.number == before.number and "loop_break" in after.hangs_up_on
    page = admin.post("/lines/city/follow", {"set.receive_gain_db": "99"}, code=422)
    assert "receive_gain_db-error" in page and 'action="/lines/city/edit"' in page


def test_a_line_that_is_busy_is_not_examined(box: StandIn, admin: Browser) -> None:
    admin.get("/lines/city/doctor")
    box.answers["line_doctor"] = UserError("line.busy", line="city")
    assert "is busy" in admin.post("/lines/city/doctor", {"call": ""}, code=409)


def test_an_examination_that_failed_says_why(box: StandIn, admin: Browser) -> None:
    error = {"key": "doctor.failed", "params": {"line": "city", "reason": "line.ringing"}}
    last = {"line": "city", "is_running": False, "findings": [], "proposed": {}, "error": error}
    box.answers["line_examinations"] = {"examinations": [last]}
    page = admin.get("/lines/city/doctor")
    assert "it is being called" in page and "What was found" not in page


def test_what_is_plugged_in_is_offered(box: StandIn, admin: Browser) -> None:
    modem = "serial:/dev/serial/by-id/usb-modem"
    box.answers["line_devices"] = {"devices": [{"device": modem, "lines": ["sim"]}]}
    page = admin.get("/lines/new")
    assert modem in page and "kind=fxo&amp;device=serial:" in page
    shown = admin.get("/lines/new", query_string={"kind": "fxo", "device": modem})
    assert f'value="{modem}"' in shown
    box.answers["line_devices"] = {"devices": []}
    assert "No modem, card or board" in admin.get("/lines/new")
