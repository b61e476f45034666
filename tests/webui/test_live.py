"""Live parts: what changed is sent, a silent daemon is told, listeners are counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from appliance.errors import UserError
from tests.commands.stand_in import StandIn
from tests.kit.processes import wait_until
from tests.webui.conftest import Web
from tests.webui.office import furnish
from webui.access import Role
from webui.broker import Broker

_WAIT_S = 10.0


def _look(broker: Broker, since: int) -> tuple[int, object]:
    return broker.look(("status",), since, _WAIT_S)


def test_a_listener_is_told_what_the_daemon_says(folder: Path, box: StandIn) -> None:
    broker = Broker(folder / "control.sock", 2)
    assert broker.join(("status",))
    version, found = _look(broker, 0)
    assert isinstance(found, dict)
    assert found["status"]["calls"] == 2
    later, _ = _look(broker, version)
    assert later > version
    broker.leave(("status",))


def test_nobody_asks_while_nobody_looks(folder: Path, box: StandIn) -> None:
    broker = Broker(folder / "control.sock", 2)
    broker.join(("status",))
    _look(broker, 0)
    broker.leave(("status",))
    wait_until(lambda: broker._thread is None, _WAIT_S, "the thread ends")
    asked = len(box.asked)
    broker.join(("status",))
    _look(broker, broker._version)
    assert len(box.asked) > asked
    broker.leave(("status",))


def test_a_daemon_that_does_not_run_is_told(folder: Path) -> None:
    broker = Broker(folder / "control.sock", 2)
    broker.join(("status",))
    _, found = _look(broker, 0)
    assert isinstance(found, UserError)
    broker.leave(("status",))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_question_that_failed_oddly_is_asked_again_for_the_next(
    folder: Path, box: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    broker = Broker(folder / "control.sock", 2)
    with monkeypatch.context() as patched:
        patched.setattr("webui.broker.call", fail)
        broker.join(("status",))
        wait_until(lambda: broker._thread is None, _WAIT_S, "the thread ended")
    assert broker.join(("status",))
    assert isinstance(_look(broker, 0)[1], dict)
    broker.leave(("status",))
    broker.leave(("status",))


def test_no_thread_to_be_had_keeps_no_place(
    folder: Path, box: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    broker = Broker(folder / "control.sock", 1)
    with monkeypatch.context() as patched:
        patched.setattr("threading.Thread.start", refuse)
        assert not broker.join(("status",))
    assert broker.join(("status",))
    assert isinstance(_look(broker, 0)[1], dict)
    broker.leave(("status",))


def test_there_are_only_so_many_listeners(folder: Path, box: StandIn) -> None:
    broker = Broker(folder / "control.sock", 2)
    assert broker.join(("status",))
    assert broker.join(("calls",))
    assert not broker.join(("status",))
    broker.leave(("calls",))
    assert broker.join(("status",))
    broker.leave(("status",))
    broker.leave(("status",))


def _events(chunks: Iterator[bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    """(event, data) of a stream, comments left out."""
    for chunk in chunks:
        lines = dict(line.split(": ", 1) for line in chunk.decode().splitlines() if ": " in line)
        if "event" in lines:
            yield lines["event"], json.loads(lines["data"])


def test_a_stream_sends_parts_once_and_then_what_changed(web: Web, box: StandIn) -> None:
    answer = web.signed_in().client.get("/status/live")
    assert answer.mimetype == "text/event-stream"
    events = _events(iter(answer.response))  # type: ignore[arg-type]
    name, data = next(events)
    assert name == "part"
    assert data["id"]
    box.answers["status"] = box.answers["status"] | {"calls": 77}
    assert any("77" in event["html"] for kind, event in events if kind == "part")
    answer.close()
    wait_until(lambda: not web.parts.broker._wanted, _WAIT_S, "the listener leaves")


def test_a_stream_knows_what_others_saved_since_it_began(web: Web, box: StandIn) -> None:
    """It lives for minutes: it must not hold the settings of its first second against the box."""
    document = furnish(web)
    box.answers["status"] = box.answers["status"] | {"revision": 1}
    answer = web.signed_in().client.get("/status/live")
    events = _events(iter(answer.response))  # type: ignore[arg-type]
    told = "uses other settings than the saved ones"
    assert all(told not in data["html"] for _, data in islice(events, 4))
    store = web.store()
    site = replace(document.site, name="Another")
    store.save(replace(document, site=site), 1, "anna", "another name")
    store.close()
    assert any(told in data["html"] for kind, data in events if kind == "part")
    box.answers["status"] = box.answers["status"] | {"revision": 2}
    assert any(data["id"] == "attention" and told not in data["html"] for _, data in events)
    answer.close()


def test_a_stream_ends_with_its_session(web: Web, box: StandIn) -> None:
    """Whoever signs out on a strange computer leaves no page behind that goes on telling."""
    browser = web.signed_in()
    browser.get("/status/")
    answer = browser.client.get("/status/live")
    events = _events(iter(answer.response))  # type: ignore[arg-type]
    assert next(events)[0] == "part"
    (session,) = web.parts.sessions.of("admin")
    web.parts.sessions.end(session.id)
    box.answers["status"] = box.answers["status"] | {"calls": 40404}
    assert all(
        "40404" not in data["html"] for kind, data in events if kind == "part"
    )  # and it ends
    answer.close()
    wait_until(lambda: not web.parts.broker._wanted, _WAIT_S, "the listener leaves")


def test_a_stream_ends_when_its_role_may_look_no_more(web: Web, box: StandIn) -> None:
    browser = web.signed_in(Role.INSTALLER)
    answer = browser.client.get("/phones/live")
    events = _events(iter(answer.response))  # type: ignore[arg-type]
    next(events)
    web.parts.accounts.set_role("installer", Role.USER)
    assert len(list(islice(events, 50))) < 50
    answer.close()


def test_too_many_streams_are_sent_away(web: Web, box: StandIn) -> None:
    for _ in range(web.parts.settings.most_listeners):
        assert web.parts.broker.join(("status",))
    browser = web.signed_in()
    browser.get("/status/live", 503)
    assert json.loads(browser.get("/status/live?once=1"))["parts"]
    for _ in range(web.parts.settings.most_listeners):
        web.parts.broker.leave(("status",))


def test_asking_once_tells_of_a_silent_daemon(web: Web) -> None:
    said = json.loads(web.signed_in().get("/status/live?once=1"))
    assert "not running" in said["down"]
