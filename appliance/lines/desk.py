"""The control socket's words about lines: how each is, messages, doctor, the simulator's hand.

Owns nothing: it reads the keeper's posts and asks ports; simulated lines are moved by
lines/simulator_hand.py. What only lines need is loaded by the request that needs it. Operations are
documented in docs/control.md. Sending a message costs money: who may open the control socket may do
it, the web pages let admins alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from appliance.config.model import Snapshot
from appliance.errors import UserError
from appliance.legs.lines.keeper import BINDING, LineKeeper
from appliance.lines.examinations import Examinations
from appliance.live.calls import LiveCalls
from appliance.store.messages import Message

if TYPE_CHECKING:
    from appliance.legs.lines.post import LinePost

Args = Mapping[str, Any]
Operation = Callable[[Args], Awaitable[dict[str, Any]]]
LONGEST_SMS = 1000
_MOST_MESSAGES = 500
_LONGEST_CALL = 20


class Messages(Protocol):
    """Where messages are kept (store/messages.py)."""

    async def keep(self, message: Message) -> bool: ...
    async def recent(self, limit: int) -> list[Message]: ...


@dataclass(frozen=True, slots=True)
class LinesDeskParts:
    """What the desk reads and moves."""

    snapshot: Callable[[], Snapshot]
    lines: LineKeeper
    live: LiveCalls
    messages: Messages


class LinesDesk:
    """operations: by name, for control_desk.py."""

    def __init__(self, parts: LinesDeskParts) -> None:
        self._parts = parts
        self._examinations = Examinations()
        self.operations: dict[str, Operation] = {
            "lines": self._lines,
            "line_devices": self._devices,
            "line_doctor": self._doctor,
            "line_examinations": self._look_at_examinations,
            "line_lift": self._by_hand("lift"),
            "line_dial": self._by_hand("dial"),
            "line_flash": self._flash,
            "line_hang_up": self._by_hand("hang_up"),
            "line_ring": self._by_hand("ring"),
            "sms": self._sms,
            "sms_send": self._send_sms,
        }

    def telephones(self, extension: str) -> list[str]:
        """Names of the lines on which this extension has a telephone that can ring now."""
        bindings = self._parts.lines.bindings(extension)
        return [binding.removeprefix(BINDING) for binding in bindings]

    # ---- how lines are

    async def _lines(self, args: Args) -> dict[str, Any]:
        document = self._parts.snapshot().document
        rows = [self._row(line) for line in document.lines]
        name = str(args.get("line", "") or "")
        if name:
            rows = [row for row in rows if row["name"] == name]
            if not rows:
                raise UserError("line.unknown", line=name)
        return {"lines": rows}

    def _row(self, line: Any) -> dict[str, Any]:
        post = self._parts.lines.posts.get(line.name)
        row = {
            "name": line.name,
            "kind": line.kind.value,
            "device": line.device,
            "port": line.port,
            "country": line.country or self._parts.snapshot().document.site.country,
            "extension": line.extension,
            "number": line.number,
            "is_enabled": line.is_enabled,
            "is_simulated": line.device.startswith("sim:"),
            "calls": len(self._parts.live.counts.trunk_calls.get(line.name, ())),
        }
        return row | (_shown(post) if post is not None else _ABSENT)

    async def _devices(self, args: Args) -> dict[str, Any]:
        """What is plugged in, and which lines have it already."""
        from drivers.plugged_in import plugged_in

        lines = self._parts.snapshot().document.lines
        held: dict[str, list[str]] = {}
        for line in lines:
            held.setdefault(line.device.partition("?")[0], []).append(line.name)
        found = [{"device": url, "lines": held.get(url, [])} for url in plugged_in()]
        return {"devices": found}

    # ---- the doctor

    async def _doctor(self, args: Args) -> dict[str, Any]:
        """Takes 6 s, with a number to call up to 35. wait false: answers when it has begun."""
        name, number = str(args.get("line", "")), str(args.get("call", "") or "")
        snapshot = self._parts.snapshot()
        if name not in snapshot.document.line_by_name:
            raise UserError("line.unknown", line=name)
        if set(number) - set("0123456789*#") or len(number) > _LONGEST_CALL:
            raise UserError("line.bad_digits", digits=number[:40])
        if emergency := _emergency_in(number, snapshot.numbering.emergency):
            raise UserError("doctor.emergency", number=emergency)
        post = self._parts.lines.posts.get(name)
        if post is None or not post.is_there:
            raise UserError("line.not_open", line=name)
        from appliance.legs.lines.fxo_desk import FxoDesk
        from appliance.lines.doctor import LineDoctor
        from drivers.api import PortKind

        desk = post.desk
        if not isinstance(desk, FxoDesk) or desk.port.kind is not PortKind.FXO:
            raise UserError("doctor.wrong_kind", line=name)
        await self._examinations.begin(name, LineDoctor(post, desk, number))
        if args.get("wait", True):
            return await self._examinations.wait(name)
        return {"line": name, "is_running": True}

    async def _look_at_examinations(self, args: Args) -> dict[str, Any]:
        """Each line's last one since the start, whether it goes on or is over."""
        return {"examinations": self._examinations.rows()}

    # ---- the hook

    async def _flash(self, args: Args) -> dict[str, Any]:
        """A city line's exchange is asked for its services; a simulated telephone's cradle is
        pressed."""
        name = str(args.get("line", ""))
        post = self._parts.lines.posts.get(name)
        if post is None or post.is_phone or post.port is None:
            return await self._by_hand("flash")(args)
        from appliance.legs.lines.fxo_desk import FxoDesk
        from drivers.api import LineError

        assert isinstance(post.desk, FxoDesk)
        try:
            post.desk.flash()
        except LineError as error:
            raise UserError("line.not_flashed", line=name, reason=error.key) from error
        return {"line": name, "state": post.port.health.state.value}

    # ---- the simulator's hand

    def _by_hand(self, action: str) -> Operation:
        async def operation(args: Args) -> dict[str, Any]:
            name = str(args.get("line", ""))
            if name not in self._parts.snapshot().document.line_by_name:
                raise UserError("line.unknown", line=name)
            found = self._parts.lines.device_of(name)
            if found is None:
                raise UserError("line.not_open", line=name)
            # A box without simulated lines need not load it.
            from appliance.lines import simulator_hand

            return simulator_hand.act(action, args, *found)

        return operation

    # ---- messages

    async def _sms(self, args: Args) -> dict[str, Any]:
        limit = args.get("limit", 50)
        limit = min(limit, _MOST_MESSAGES) if isinstance(limit, int) and limit > 0 else 50
        kept = await self._parts.messages.recent(limit)
        return {"messages": [asdict(message) for message in kept]}

    async def _send_sms(self, args: Args) -> dict[str, Any]:
        name, number = str(args.get("line", "")), str(args.get("number", ""))
        text = str(args.get("text", ""))
        digits = number.removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and 2 <= len(digits) <= 20):
            raise UserError("sms.bad_number", number=number[:40])
        if not text or len(text) > LONGEST_SMS or not _is_writable(text):
            raise UserError("sms.bad_text", longest=str(LONGEST_SMS))
        if name not in self._parts.snapshot().document.line_by_name:
            raise UserError("line.unknown", line=name)
        post = self._parts.lines.posts.get(name)
        if post is None or post.port is None or not post.is_there:
            raise UserError("line.not_open", line=name)
        if not post.port.capabilities.sms:
            raise UserError("sms.unsupported", line=name)
        from drivers.api import LineError

        try:
            reference = await post.port.send_sms(number, text)
        except LineError as error:
            raise UserError("sms.not_sent", line=name, reason=error.key) from error
        now = post.parts.legs.clock.wall()
        await self._parts.messages.keep(Message(name, "out", number, text, "", now, reference))
        return {"line": name, "reference": reference}


def _emergency_in(number: str, emergency: Iterable[str]) -> str:
    """The emergency number that an exchange would understand: it knows one by its first digits,
    and needs no key around them."""
    digits = number.replace("*", "").replace("#", "")
    return next((each for each in emergency if digits.startswith(each)), "")


def _is_writable(text: str) -> bool:
    """Half of a letter, as JSON can carry it, could not be kept once it was paid for."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_ABSENT: dict[str, Any] = {
    "state": "disabled",
    "why": "",
    "changed_at": None,
    "caller": "",
    "caller_name": "",
    "called_at": None,
    "model": "",
    "firmware": "",
    "serial_number": "",
    "operator": "",
    "detail": "",
    "figures": {},
    "can": {},
    "why_no_flash": "",
    "audio": None,
}


def _shown(post: LinePost) -> dict[str, Any]:
    """A line that is switched on, as it is now."""
    clock = post.parts.legs.clock
    row = dict(_ABSENT)
    row["state"] = post.port.health.state.value if post.port is not None else "down"
    row["why"] = post.why_not
    row["changed_at"] = clock.wall() - (clock.now() - post.changed_at)
    if post.last_caller is not None:
        row["caller"] = post.last_caller.number
        row["caller_name"] = post.last_caller.name
        row["called_at"] = post.last_caller.at
    if post.port is not None:
        health = post.port.health
        for name in ("model", "firmware", "serial_number", "operator", "detail"):
            row[name] = getattr(health, name)
        row["figures"] = dict(health.figures)
        row["can"] = asdict(post.port.capabilities)
        row["why_no_flash"] = getattr(post.desk, "why_no_flash", "")
    statistics = post.audio.statistics()
    row["audio"] = asdict(statistics) if statistics is not None else None
    return row
