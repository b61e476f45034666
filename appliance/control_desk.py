"""The daemon's side of the control socket: one method an operation, documented in docs/control.md.

Owns nothing: it reads the live tables and asks the parts to act. Every result is plain data; errors
are UserErrors with stable keys.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from appliance import IS_COMPILED, __version__
from appliance.alerts import Alerts
from appliance.call.leg import Cause
from appliance.clock import Clock
from appliance.config.model import Extension, Snapshot
from appliance.errors import UserError
from appliance.guard.gate import Gate
from appliance.guard.report import bans_report
from appliance.legs.phone import bracket
from appliance.legs.registrations import Registrations
from appliance.legs.trunks.given import trunk_to_try
from appliance.legs.trunks.keeper import TrunkKeeper
from appliance.legs.trunks.state import TrunkStatus
from appliance.legs.trunks.trial import TrunkTrial
from appliance.lines.desk import LinesDesk
from appliance.live.calls import LiveCalls
from appliance.options import RunOptions
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest
from appliance.routing.explain import to_data
from appliance.selftest_desk import SelfTestDesk
from appliance.spending.view import spending_report
from appliance.switchboard import Switchboard

Args = Mapping[str, Any]
Operation = Callable[[Args], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class DeskParts:
    """What the control desk reads and moves.

    started: monotonic seconds; forgive: an address or an account, returns how much was held against
    it; listeners: (transport, host, port) of SIP; own_host: our address in the office; alive: how
    many things of each kind there are; phones: operations of desk phones (phones/desk.py);
    voicemail: of mailboxes.
    """

    options: RunOptions
    clock: Clock
    started: float
    snapshot: Callable[[], Snapshot]
    reload: Callable[[int | None], Awaitable[int]]
    live: LiveCalls
    switchboard: Switchboard
    registrations: Registrations
    trunks: TrunkKeeper
    trial: TrunkTrial
    selftest: SelfTestDesk
    lines: LinesDesk
    alerts: Alerts
    gate: Gate
    forgive: Callable[[str], int]
    listeners: Callable[[], list[tuple[str, str, int]]]
    own_host: Callable[[], str]
    alive: Callable[[], dict[str, int]]
    phones: Mapping[str, Operation] = field(default_factory=dict)
    voicemail: Mapping[str, Operation] = field(default_factory=dict)


class ControlDesk:
    """Answers ``dozvon status | calls | …`` and later the web pages."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts
        self._operations: dict[str, Operation] = {
            "status": self._status,
            "calls": self._calls,
            "registrations": self._registrations,
            "reachability": self._reachability,
            "trunks": self._trunks,
            "try_trunk": self._try_trunk,
            "selftest_begin": self._begin_self_test,
            "selftest_end": self._end_self_test,
            "explain": self._explain,
            "reload": self._reload,
            "hangup": self._hang_up,
            "spending": self._spending,
            "bans": self._bans,
            "unban": self._unban,
            **parts.lines.operations,
            **parts.phones,
            **parts.voicemail,
        }

    async def handle(self, operation: str, args: Args) -> dict[str, Any]:
        """One request of the control socket; raises UserError ``control.unknown_operation``."""
        method = self._operations.get(operation)
        if method is None:
            raise UserError("control.unknown_operation", op=operation)
        return await method(args)

    async def _status(self, args: Args) -> dict[str, Any]:
        parts = self._parts
        snapshot = parts.snapshot()
        wall, uptime_s = parts.clock.wall(), parts.clock.now() - parts.started
        return {
            "version": __version__,
            "is_compiled": IS_COMPILED,
            "revision": snapshot.revision,
            "site": snapshot.document.site.name,
            "language": snapshot.document.site.language,
            "started_at": wall - uptime_s,
            "uptime_s": uptime_s,
            "sip": [
                {"transport": transport, "host": host, "port": port}
                for transport, host, port in parts.listeners()
            ],
            "host": parts.own_host(),
            "rtp_ports": list(parts.options.rtp_ports),
            "calls": len(parts.live.by_ref),
            "registrations": sum(1 for _ in parts.registrations.registrar.all()),
            "extensions": len(snapshot.document.extensions),
            "trunks": [
                {"name": t["name"], "state": t["state"], "why": t["why"]}
                for t in self._trunk_rows()
            ],
            "alerts": parts.alerts.listed(),
            "alive": parts.alive(),
        }

    async def _calls(self, args: Args) -> dict[str, Any]:
        return {"calls": self._parts.live.shown()}

    async def _registrations(self, args: Args) -> dict[str, Any]:
        rows: list[dict[str, Any]] = []
        for extension in self._parts.snapshot().document.extensions:
            bindings = self._parts.registrations.bindings(extension.number)
            rows += [self._binding_row(extension.name, b) for b in bindings]
            wired = self._parts.lines.telephones(extension.number)
            rows += [_wired_row(extension.number, extension.name, line) for line in wired]
            if not bindings and not wired:
                why = self._absence(extension)
                rows.append(_absent_row(extension.number, extension.name, why))
        return {"registrations": rows}

    async def _reachability(self, args: Args) -> dict[str, Any]:
        """The sum of ``registrations``, for those who ask each second."""
        parts, reachable = self._parts, 0
        absent: dict[str, list[str]] = {}
        for extension in parts.snapshot().document.extensions:
            number = extension.number
            bindings = parts.registrations.bindings(number)
            if any(b.is_reachable for b in bindings) or parts.lines.telephones(number):
                reachable += 1
            else:
                why = bindings[0].why if bindings else self._absence(extension)
                absent.setdefault(why, []).append(number)
        return {"reachable": reachable, "absent": absent}

    def _absence(self, extension: Extension) -> str:
        """Why an extension has no phone at all."""
        if not extension.is_enabled:
            return "disabled"
        return self._parts.registrations.registrar.absence(extension.number)

    def _binding_row(self, name: str, binding: Any) -> dict[str, Any]:
        return {
            "extension": binding.address_of_record,
            "name": name,
            "contact": binding.contact_uri,
            "source": f"{bracket(binding.hop.host)}:{binding.hop.port}",
            "transport": binding.hop.transport.value.lower(),
            "user_agent": binding.user_agent,
            "expires_in_s": round(binding.expires_at - self._parts.clock.wall()),
            "round_trip_ms": binding.round_trip_ms,
            "is_reachable": binding.is_reachable,
            "why": binding.why,
        }

    async def _trunks(self, args: Args) -> dict[str, Any]:
        return {"trunks": self._trunk_rows()}

    def _trunk_rows(self) -> list[dict[str, Any]]:
        parts = self._parts
        now, wall = parts.clock.now(), parts.clock.wall()
        calls = parts.live.counts.trunk_calls
        rows = []
        for trunk in parts.snapshot().document.trunks:
            line = parts.trunks.lines.get(trunk.name)
            state = line.state if line is not None else None
            rows.append(
                {
                    "name": trunk.name,
                    "host": trunk.host,
                    "state": state.status.value if state else TrunkStatus.DISABLED.value,
                    "why": state.why if state else "",
                    "status": state.code if state else 0,
                    "round_trip_ms": state.round_trip_ms if state else None,
                    "calls": len(calls.get(trunk.name, ())),
                    "max_calls": trunk.max_calls,
                    "expires_in_s": _left(state.expires_at, now) if state else None,
                    "changed_at": wall - (now - state.changed_at) if state else None,
                }
            )
        return rows

    async def _try_trunk(self, args: Args) -> dict[str, Any]:
        trunk = trunk_to_try(args.get("trunk"), self._parts.snapshot().document)
        return (await self._parts.trial.run(trunk)).shown()

    async def _begin_self_test(self, args: Args) -> dict[str, Any]:
        code = self._parts.snapshot().document.dialling.echo_code
        return self._parts.selftest.begin(self._parts.listeners(), code)

    async def _end_self_test(self, args: Args) -> dict[str, Any]:
        return self._parts.selftest.end()

    async def _explain(self, args: Args) -> dict[str, Any]:
        request = CallRequest(
            dialled=str(args.get("number", "")),
            extension=str(args.get("from", "") or ""),
            trunk=str(args.get("trunk", "") or ""),
        )
        snapshot = self._parts.snapshot()
        now = self._moment(args.get("at"), snapshot)
        decision = decide(request, snapshot, self._parts.live.state(), now)
        return to_data(decision, snapshot)

    def _moment(self, at: Any, snapshot: Snapshot) -> datetime:
        zone = ZoneInfo(snapshot.document.site.timezone)
        if not at:
            return datetime.fromtimestamp(self._parts.clock.wall(), zone)
        try:
            moment = datetime.fromisoformat(str(at))
        except ValueError as error:
            raise UserError("explain.bad_time", at=str(at)) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    async def _reload(self, args: Args) -> dict[str, Any]:
        revision = args.get("revision")
        applied = await self._parts.reload(revision if isinstance(revision, int) else None)
        return {"applied": applied}

    async def _hang_up(self, args: Args) -> dict[str, Any]:
        if args.get("all"):
            return {"ended": self._parts.switchboard.hang_up_all(Cause.NORMAL)}
        call_ref = str(args.get("call_ref", ""))
        if not self._parts.switchboard.hang_up(call_ref, Cause.NORMAL):
            raise UserError("hangup.no_such_call", call_ref=call_ref)
        return {"ended": 1}

    async def _spending(self, args: Args) -> dict[str, Any]:
        parts = self._parts
        snapshot = parts.snapshot()
        today = self._moment(None, snapshot).date()
        return spending_report(parts.live.spending, snapshot.document, parts.clock.now(), today)

    async def _bans(self, args: Args) -> dict[str, Any]:
        clock = self._parts.clock
        return bans_report(self._parts.gate, clock.now(), clock.wall())

    async def _unban(self, args: Args) -> dict[str, Any]:
        name = str(args.get("name", ""))
        lifted = self._parts.forgive(name)
        if not lifted:
            raise UserError("unban.nothing", name=name)
        return {"lifted": lifted}


def _wired_row(extension: str, name: str, line: str) -> dict[str, Any]:
    """A telephone on our wires: it need not register."""
    facts = {"contact": f"line:{line}", "source": line, "transport": "wire", "is_reachable": True}
    return _absent_row(extension, name, "") | facts


def _absent_row(extension: str, name: str, why: str) -> dict[str, Any]:
    return {
        "extension": extension,
        "name": name,
        "contact": "",
        "source": "",
        "transport": "",
        "user_agent": "",
        "expires_in_s": None,
        "round_trip_ms": None,
        "is_reachable": False,
        "why": why,
    }


def _left(expires_at: float, now: float) -> int | None:
    return round(expires_at - now) if expires_at > now else None
