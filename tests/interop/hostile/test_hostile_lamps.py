"""SUBSCRIBEs that mean harm: thousands of them, of strangers and of an extension that was stolen.

After each the box lives, holds no more than it may, and a lamp beside follows a call as before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.kit.box import Box
from tests.kit.calling import MANY_PORTS
from tests.kit.health import Health, alive
from tests.kit.lamp_phone import AT_ONCE, LampPhone
from tests.kit.office import office, secret_of
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.subscriber import Subscriber, Watch

MOST = 400  # subscriptions of one extension (docs/phones.md)
HOSTILE = '%22%3E%3C!DOCTYPE%20x%20[%3C!ENTITY%20e%20SYSTEM%20"x"%3E]%3E&amp;'


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("box")
    with Box(folder, office(extensions=range(2001, 2006)), rtp_ports=MANY_PORTS) as box:
        yield box.start()


@pytest.fixture
def health(box: Box) -> Iterator[Health]:
    """Memory is counted by the first test, and in tests/legs/test_notifier_watchers.py: here it is
    full of answers that are kept for a while."""
    health = Health(box)
    yield health
    health.check_log()
    health.wait_for_rest()


def held(box: Box) -> int:
    return int(box.control("status")["alive"]["subscriptions"])


@contextmanager
def lamp_of_another(box: Box) -> Iterator[None]:
    """Before and after, 2005's lamp for 2004 follows a call of 2003 within a second."""
    with LampPhone(box, "2005") as watching, LampPhone(box, "2004"), RawEnd() as end:
        (watch,) = watching.ask(["2004"])
        _follows(box, watch, end)
        yield
        _follows(box, watch, end)
        watching.lamps.refresh(watch, 0)
        wait_until(lambda: watch.notifies and watch.state == "terminated", 5, "it ends")


def _follows(box: Box, watch: Watch, end: RawEnd) -> None:
    body = audio("127.0.0.1", 40000)
    call = RawCall(end, (box.host, box.sip_port), "2003", secret_of("2003"), "2004", body)
    call.invite()
    while call.progress().status != 180:
        pass
    since = time.monotonic()
    wait_until(lambda: watch.lamp == "ringing", 5, "the lamp rings")
    assert watch.last.at_s - since < 1.0
    call.cancel()
    assert call.final().status == 487
    wait_until(lambda: watch.lamp == "idle", 5, "the lamp is out")


def test_thousands_of_a_stranger(box: Box) -> None:
    """Twice 2,500 without a password: nothing is kept of them but their answers, for the 32 s that
    any answer is kept (RFC 3261 §17.2.2), in memory that the next ones use again."""
    with lamp_of_another(box), RawEnd() as end:
        _flood(box, end)
        Health(box).wait_for_rest()
        wait_until(lambda: alive(box)["transactions"] < 100, 45, "its answers are forgotten")
        health = Health(box)
        _flood(box, end)
        assert held(box) == 1
    health.check(growth_kib=8_000)


def _flood(box: Box, end: RawEnd) -> None:
    address = (box.host, box.sip_port)
    stranger = Subscriber(
        "2001", "", (end.host, end.port), address, lambda data: end.send(data, address)
    )
    for number in range(2500):
        stranger.subscribe(f"{2000 + number}")
        while end.listen(0) is not None:
            pass


def test_thousands_of_an_extension_that_was_stolen(box: Box, health: Health) -> None:
    """2,000 that prove themselves: so many are kept, the others are refused, and none of theirs
    takes another extension's place."""
    with lamp_of_another(box), LampPhone(box, "2001") as thief:
        watches = thief.ask([f"{3000 + number}" for number in range(2000)])
        taken = [watch for watch in watches if watch.statuses == [200]]
        assert len(taken) == MOST
        assert {watch.statuses[0] for watch in watches} == {200, 403}
        assert held(box) == MOST + 1
        _unsubscribe(thief, taken)
        wait_until(lambda: held(box) == 1, 5, "none is left")


def _unsubscribe(phone: LampPhone, watches: list[Watch]) -> None:
    for start in range(0, len(watches), AT_ONCE):
        some = watches[start : start + AT_ONCE]
        for watch in some:
            phone.lamps.refresh(watch, 0)
        wait_until(lambda some=some: all(len(watch.statuses) == 2 for watch in some), 20, "all end")


def test_a_subscriber_who_answers_no_notify(box: Box, health: Health) -> None:
    """Each has one NOTIFY under way; when the phone is unplugged, all is forgotten."""
    with lamp_of_another(box):
        with LampPhone(box, "2001") as deaf:
            deaf.lamps.answer_notify = lambda notify: 0
            deaf.ask([f"{4000 + number}" for number in range(200)])
            alive = box.control("status")["alive"]
            assert alive["subscriptions"] == 201 and alive["requests"] <= 210
        wait_until(lambda: held(box) == 1, 40, "it is forgotten")


def test_names_and_fields_that_mean_harm(box: Box, health: Health) -> None:
    """Whatever is subscribed to, what is told is one document that another parser reads."""
    with lamp_of_another(box), LampPhone(box, "2001") as phone:
        names = [
            HOSTILE.replace('"', "%22").replace(" ", ""),
            "a'b",
            "%00%0d%0aX:1",
            "%ff%fe",
            "x" * 200,
        ]
        named = phone.ask(names)
        for watch in named:
            assert watch.statuses == [200], watch.number
            wait_until(lambda w=watch: w.lamp, 5, f"{watch.number} is told")
            assert watch.lamp == "idle"
            assert len(watch.last.headers("x")) == 0
        for fields in (
            {"Event": "dialog;" * 2000},
            {"Accept": "a/b," * 5000},
            {"Record-Route": ",".join("<sip:10.0.0.1;lr>" for _ in range(500))},
            {"Expires": "99999999999999999999"},
            {"Expires": "-1"},
            {"Event": 'dialog;id="\x01\x02"'},
            {"Contact": "<sip:a@255.255.255.255>"},
            {"Contact": "<sip:a@224.0.1.75>"},
        ):
            phone.lamps.fields = fields
            (watch,) = phone.ask(["2002"])
            assert watch.statuses[0] in (200, 400, 406, 413, 489), fields
            if watch.statuses == [200]:
                fields.pop("Expires", "")
                _unsubscribe(phone, [watch])
        phone.lamps.fields = {}
        _unsubscribe(phone, named)
        wait_until(lambda: held(box) == 1, 5, "none is left")
