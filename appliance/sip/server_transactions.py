"""Requests that came to us: the server transactions.

PURE. Owns every live server transaction. RFC 3261 §17.2, §18.2.2, RFC 3581 (rport), RFC 6026.
Matching takes the branch together with Call-ID and CSeq, so that phones which reuse a branch, or
have none (RFC 2543), are understood too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from appliance.sip.events import UDP, Hop
from appliance.sip.headers import Via, format_via
from appliance.sip.message import Request, Response, format_message
from appliance.sip.timers import Alarm, Lingering, TimerQueue, TimerValues, cancel
from appliance.sip.transaction import Act, Input, Kind, State, step
from appliance.sip.wire import Wire

#: Branch, sent-by, From tag, Call-ID, method, CSeq (§17.2.3).
Key = tuple[str, str, int | None, str, str, str, int]
Merge = tuple[str, str, int, str]
#: What stands in the place of a request that nobody will ask for any more: most of what a
#: transaction holds, for 32 s.
_ANSWERED = Request("", "")
_BARE_RPORT = re.compile(r";[ \t]*rport[ \t]*(?=;|$)", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Server:
    """A request that came to us.

    request: until nobody asks for it any more; sent_by_port: where its sender says that it listens;
    merge: where the first of merged requests is noted; last: what we said last.
    """

    kind: Kind
    key: Key
    request: Request
    reply_to: Hop
    number: int
    state: State
    sent_by_port: int = 5060
    merge: Merge | None = None
    last: bytes = b""
    interval: float = 0.0
    retransmission: Alarm | None = None
    timeout: Alarm | None = None

    @property
    def is_open(self) -> bool:
        """True while no final response was given."""
        return self.state in (State.TRYING, State.PROCEEDING)


class Servers:
    """Every server transaction of an endpoint."""

    def __init__(self, wire: Wire, timers: TimerQueue, values: TimerValues) -> None:
        self._wire = wire
        self._timers = timers
        self._values = values
        self._servers: dict[Key, Server] = {}
        self._merges: dict[Merge, Key] = {}
        self._numbers: dict[int, Server] = {}
        self._next_number = 0
        self._by_stream: dict[int, set[Server]] = {}  # connection -> those who are answered by it
        self._lingering: Lingering[Server] = Lingering(timers, self._linger_over)

    def __len__(self) -> int:
        return len(self._servers)

    def by_number(self, number: int) -> Server | None:
        return self._numbers.get(number)

    def absorb(self, request: Request, key: Key, now: float) -> bool:
        """True when the request belongs to a transaction that we have: repeated, or its ACK."""
        is_ack = request.method == "ACK"
        server = self._servers.get(key)
        if server is None and is_ack:
            server = self._invite_of(request)
        if server is None or (is_ack and server.state is State.ACCEPTED):
            return False
        self._step(server, Input.ACK if is_ack else Input.REQUEST, now)
        return True

    def cancelled(self, cancel_request: Request) -> Server | None:
        """The INVITE that a CANCEL is about (§9.2)."""
        server = self._servers.get(key_of_request(cancel_request, "INVITE"))
        return server if server is not None else self._invite_of(cancel_request)

    def _invite_of(self, request: Request) -> Server | None:
        """The first INVITE of a call, for an ACK or CANCEL by Call-ID, From tag and CSeq alone.

        Deviation from §9.1 and §17.1.1.3: field phones give these a branch of their own.
        """
        number = request.cseq.number
        key = self._merges.get((request.call_id, request.from_.tag, number, "INVITE"))
        return self._servers.get(key) if key is not None else None

    def is_merged(self, request: Request, key: Key) -> bool:
        """True when the same request came by another way before (§8.2.2.2)."""
        return self._merges.get(_merge(request), key) != key

    def begin(self, request: Request, key: Key, source: Hop) -> Server:
        """A new transaction for a request that was not absorbed."""
        is_invite = request.method == "INVITE"
        self._next_number += 1
        server = Server(
            kind=Kind.INVITE_SERVER if is_invite else Kind.SERVER,
            key=key,
            request=request,
            reply_to=reply_hop(request, source),
            number=self._next_number,
            state=State.PROCEEDING if is_invite else State.TRYING,
            sent_by_port=request.via.port or 5060,
        )
        self._servers[server.key] = server
        self._numbers[server.number] = server
        if server.reply_to.connection:
            self._by_stream.setdefault(server.reply_to.connection, set()).add(server)
        if not request.to.tag:
            server.merge = _merge(request)
            self._merges.setdefault(server.merge, server.key)
        return server

    def respond(self, server: Server, response: Response, now: float) -> None:
        """Say something; after a final response only a 2xx to INVITE may be repeated."""
        if response.status < 200:
            what = Input.PROVISIONAL
        else:
            what = Input.SUCCESS if response.status < 300 else Input.FAILURE
        self._step(server, what, now, format_message(response))

    def settled(self, server: Server) -> None:
        """Nobody will ask for the request of this server any more, unless it is open."""
        if not server.is_open:
            server.request = _ANSWERED

    def forget(self, server: Server) -> None:
        """Leave a request without any answer; repeated, it is a new one."""
        self._drop(server)

    def stream_lost(self, hop: Hop) -> None:
        """The stream of a request is gone: its answers go where its sender listens (§18.2.2)."""
        for server in self._by_stream.pop(hop.connection, ()):
            server.reply_to = replace(hop, port=server.sent_by_port, connection=0)

    def _step(self, server: Server, what: Input, now: float, new: bytes = b"") -> None:
        """The one place where the state of a server transaction changes."""
        row = step(server.kind, server.state, what)
        server.state = row.state
        if row.state is State.TERMINATED:
            self._drop(server)
        if new:
            server.last = new
        for act in row.acts:
            _DO[act](self, server, now)

    # ---- acts

    def _send(self, server: Server, now: float) -> None:
        if server.last:
            self._wire.send(server.reply_to, server.last)

    def _start_retransmitting(self, server: Server, now: float) -> None:
        self._arm(server, self._values.t1, now)

    def _retransmit_again(self, server: Server, now: float) -> None:
        self._arm(server, min(server.interval * 2, self._values.t2), now)

    def _stop_retransmitting(self, server: Server, now: float) -> None:
        cancel(server.retransmission)

    def _start_timeout(self, server: Server, now: float) -> None:
        """Timer H."""
        server.timeout = self._timers.set(
            now + self._values.timeout, lambda at: self._step(server, Input.TIMEOUT, at)
        )

    def _stop_timeout(self, server: Server, now: float) -> None:
        cancel(server.timeout)

    def _linger(self, server: Server, now: float) -> None:
        """Timers I, J and L."""
        if server.state is State.ACCEPTED:
            wait = self._values.timeout
        elif server.reply_to.transport is not UDP:
            wait = 0.0
        else:
            wait = self._values.t4 if server.kind is Kind.INVITE_SERVER else self._values.timeout
        self._lingering.add(server, wait, now)
        if server.state is not State.ACCEPTED:  # a call that stands knows its INVITE
            server.request = _ANSWERED

    def _linger_over(self, server: Server, now: float) -> None:
        self._step(server, Input.LINGER, now)

    def _arm(self, server: Server, interval: float, now: float) -> None:
        """Timer G."""
        if server.reply_to.transport is UDP:
            server.interval = interval
            server.retransmission = self._timers.set(
                now + interval, lambda at: self._step(server, Input.RETRANSMIT, at)
            )

    def _drop(self, server: Server) -> None:
        del self._servers[server.key]
        del self._numbers[server.number]
        self._leave_stream(server)
        merge = server.merge
        if merge is not None and self._merges.get(merge) == server.key:
            del self._merges[merge]

    def _leave_stream(self, server: Server) -> None:
        stream = server.reply_to.connection
        here = self._by_stream.get(stream) if stream else None
        if here is not None:
            here.discard(server)
            if not here:
                del self._by_stream[stream]


_DO: dict[Act, Callable[[Servers, Server, float], None]] = {
    Act.SEND_NEW: Servers._send,
    Act.SEND: Servers._send,
    Act.START_RETRANSMITTING: Servers._start_retransmitting,
    Act.RETRANSMIT_AGAIN: Servers._retransmit_again,
    Act.STOP_RETRANSMITTING: Servers._stop_retransmitting,
    Act.START_TIMEOUT: Servers._start_timeout,
    Act.STOP_TIMEOUT: Servers._stop_timeout,
    Act.START_LINGERING: Servers._linger,
}


def key_of_request(request: Request, method: str = "") -> Key:
    """What tells a request's transaction from others (§17.2.3); an ACK has its INVITE's."""
    if not method:
        method = "INVITE" if request.method == "ACK" else request.method
    via = request.via
    number = request.cseq.number
    return (via.branch, via.host, via.port, request.from_.tag, request.call_id, method, number)


def note_source(request: Request, source: Hop) -> None:
    """Write where a request really came from into its topmost Via (§18.2.1, RFC 3581 §4)."""
    via = request.via
    wants_rport = "rport" in via.params
    if via.host == source.host and not wants_rport:
        return
    line = request.headers.first("via") or ""
    if wants_rport and "received" not in via.params and '"' not in line and "," not in line:
        written = _with_source(line, source)
        if written:
            request.headers.replace_first("Via", written)
            return
    params = dict(via.params)
    params["received"] = source.host
    if wants_rport:
        params["rport"] = str(source.port)
    told = Via(via.transport, via.host, via.port, params)
    rest = line[_end_of_first(line) :]
    request.headers.replace_first("Via", format_via(told) + rest)


def _with_source(line: str, source: Hop) -> str:
    """A Via with the first bare rport filled in; empty if there is none."""
    known = f";rport={source.port};received={source.host}"
    before, found, behind = line.partition(";rport")
    if found and (not behind or behind[0] == ";"):
        return before + known + behind
    written, times = _BARE_RPORT.subn(known, line, 1)
    return written if times else ""


def reply_hop(request: Request, source: Hop) -> Hop:
    """Where the responses go (§18.2.2, RFC 3581 §4): the same stream, or the datagram's source.

    Without rport the port is the Via's own; field phones that forget rport behind NAT are only
    reached by the source port, which is therefore taken when the Via's host is not the source's.
    """
    via = request.via
    is_plain = "rport" not in via.params and via.host == source.host
    port = via.port or 5060
    if source.transport is not UDP or not is_plain or port == source.port:
        return source
    return Hop(source.transport, source.host, port, source.connection)


def _end_of_first(line: str) -> int:
    """Where the first of several Vias in a line ends; quotes do not occur in a Via's comma."""
    comma = line.find(",")
    return len(line) if comma < 0 else comma


def _merge(request: Request) -> Merge:
    return (request.call_id, request.from_.tag, request.cseq.number, request.method)
