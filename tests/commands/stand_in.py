"""A daemon that only answers: the real control server over answers written down here.

The shapes are those of docs/control.md.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from appliance.errors import UserError
from appliance.net.control import ControlServer

STATUS: dict[str, Any] = {
    "version": "0.1.0",
    "is_compiled": True,
    "revision": 7,
    "site": "Контора",
    "language": "ru",
    "started_at": 1772434800.0,  # 2026-03-02 07:00 UTC
    "uptime_s": 3725.4,
    "sip": [
        {"transport": "udp", "host": "0.0.0.0", "port": 5060},
        {"transport": "tcp", "host": "::", "port": 5060},
    ],
    "host": "192.168.1.2",
    "rtp_ports": [10000, 19999],
    "calls": 2,
    "registrations": 3,
    "extensions": 4,
    "alive": {"subscriptions": 12},
    "trunks": [
        {"name": "first", "state": "up", "why": ""},
        {"name": "second", "state": "down", "why": "credentials_refused"},
    ],
    "alerts": [
        {"at": 1772434860.0, "key": "trunk_down", "detail": "second: no_answer", "count": 3}
    ],
}

_TALKING: dict[str, Any] = {
    "call_ref": "a1",
    "state": "connected",
    "direction": "outbound",
    "caller": "2001",
    "caller_name": "Anna\x1b[31m",
    "dialled": "95551525",
    "number": "+74955551525",
    "trunk": "first",
    "answered_by": "trunk first",
    "started_at": 1772434800.0,
    "duration_s": 75.2,
    "talk_s": 62.0,
    "legs": [
        {"leg": 1, "role": "originating", "party": "extension 2001", "state": "answered"},
        {"leg": 2, "role": "terminating", "party": "trunk first", "state": "answered"},
    ],
}
_RINGING: dict[str, Any] = _TALKING | {
    "call_ref": "b2",
    "state": "hunting",
    "direction": "internal",
    "dialled": "2002",
    "number": "2002",
    "trunk": "",
    "answered_by": "",
    "duration_s": 3.0,
    "talk_s": 0.0,
    "legs": [
        {"leg": 3, "role": "originating", "party": "extension 2001", "state": "offered"},
        {"leg": 4, "role": "terminating", "party": "extension 2002", "state": "ringing"},
        {"leg": 5, "role": "terminating", "party": "extension 2002", "state": "dialled"},
        {"leg": 6, "role": "terminating", "party": "extension 2009", "state": "gone"},
    ],
}
CALLS: dict[str, Any] = {"calls": [_TALKING, _RINGING]}

REGISTRATIONS: dict[str, Any] = {
    "registrations": [
        {
            "extension": "2001",
            "name": "Anna",
            "contact": "sip:2001@192.0.2.5:5062",
            "source": "192.0.2.5:5062",
            "transport": "udp",
            "user_agent": "Phone 1.0",
            "expires_in_s": 1800,
            "round_trip_ms": 12.34,
            "is_reachable": True,
            "why": "",
        },
        {
            "extension": "2002",
            "name": "Борис",
            "contact": "",
            "source": "",
            "transport": "",
            "user_agent": "",
            "expires_in_s": None,
            "round_trip_ms": None,
            "is_reachable": False,
            "why": "never_seen",
        },
    ]
}

REACHABILITY: dict[str, Any] = {"reachable": 1, "absent": {"never_seen": ["2002"]}}

TRUNKS: dict[str, Any] = {
    "trunks": [
        {
            "name": "first",
            "host": "sip.example.net",
            "state": "up",
            "why": "",
            "status": 0,
            "round_trip_ms": 20.0,
            "calls": 1,
            "max_calls": 10,
            "expires_in_s": 240,
            "changed_at": 1772434800.0,
        },
        {
            "name": "second",
            "host": "sip.example.org",
            "state": "down",
            "why": "credentials_refused",
            "status": 403,
            "round_trip_ms": None,
            "calls": 0,
            "max_calls": 0,
            "expires_in_s": None,
            "changed_at": 1772434860.0,
        },
    ]
}

BANS: dict[str, Any] = {
    "bans": [
        {
            "kind": "place",
            "address": "203.0.113.9",
            "account": "2003\x1b[2J",
            "failures": 10,
            "since_at": 1772434800.0,
            "until_at": 1772435400.0,
            "times": 1,
        },
        {
            "kind": "account",
            "address": "",
            "account": "2001",
            "failures": 20,
            "since_at": None,
            "until_at": None,
            "times": 1,
        },
    ],
    "unanswered": {"banned": 7, "budget": 0, "crowd": 0, "scanner": 3},
}


SPENDING: dict[str, Any] = {
    "date": "2026-03-02",
    "spending": [
        {
            "extension": number,
            "name": "Anna\x1b[31m",
            "class_of_service": "national",
            "calls": calls,
            "max_calls": 3,
            "calls_last_hour": calls * 7,
            "max_calls_per_hour": 60,
            "minutes_today": calls * 12.5,
            "max_minutes_per_day": 240,
            "max_call_minutes": 0,
        }
        for number, calls in (("2001", 1), ("2002", 0))
    ],
    "box": {"calls": 1, "calls_last_hour": 7, "max_calls_per_hour": 500, "minutes_today": 12.5},
}


class StandIn:
    """Answers operations; `asked` is what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {
            "status": STATUS,
            "calls": CALLS,
            "registrations": REGISTRATIONS,
            "reachability": REACHABILITY,
            "trunks": TRUNKS,
            "lines": {"lines": []},
            "hangup": {"ended": 1},
            "bans": BANS,
            "spending": SPENDING,
            "unban": {"lifted": 1},
        }

    def answer(self, operation: str, args: Mapping[str, Any]) -> Any:
        self.asked.append((operation, dict(args)))
        answer = self.answers[operation]
        if isinstance(answer, UserError):
            raise answer
        return answer


@contextmanager
def running(folder: Path) -> Iterator[StandIn]:
    """A daemon of that data folder, on a thread of its own."""
    stand_in = StandIn()
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        begun, over = threading.Event(), asyncio.Event()

        async def serve() -> None:
            server = ControlServer(folder / "control.sock", stand_in.answer)
            await server.start()
            begun.set()
            await over.wait()
            await server.close()

        thread = threading.Thread(target=runner.run, args=(serve(),))
        thread.start()
        try:
            assert begun.wait(10)
            yield stand_in
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join(10)
