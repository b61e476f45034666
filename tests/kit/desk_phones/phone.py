"""A desk phone on somebody's desk: boots, fetches, understands, registers, is called, reads again.

Owns its SIP socket and the thread that answers on it (``Responder``). Everything that it knows of
the box it was told by files and messages; it may live in a network namespace with its own MAC.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.kit.closing import Closing
from tests.kit.desk_phones.books import read_book
from tests.kit.desk_phones.discovery import discover
from tests.kit.desk_phones.family import Family, Line, Replacing, Understood
from tests.kit.desk_phones.fetching import fetch
from tests.kit.desk_phones.parsers import Config
from tests.kit.netns import inside
from tests.kit.processes import KitError, wait_until
from tests.kit.raw_sip import Fields, Heard, RawCall, RawEnd, audio
from tests.kit.responder import Responder
from tests.kit.subscriber import Subscriber, Watch

_TRIES = 8


class DeskPhone(Closing):
    """host: its own address; netns: where it lives, or empty."""

    def __init__(self, family: Family, host: str = "127.0.0.1", netns: str = "") -> None:
        self.family = family
        self.host = host
        self.netns = netns
        self.config: Config = {}
        self.works = Understood()
        #: What it asked for, with the answers' statuses, in order.
        self.asked: list[tuple[str, int]] = []
        self.booted_s = 0.0
        self.base = ""
        #: What its keys with lamps show, by the place of the key.
        self.lamps: dict[int, Watch] = {}
        self._responder: Responder | None = None

    def boot(self, base: str = "") -> Understood:
        """From power to a number: find the server (base: told by DHCP; empty: by PnP), fetch,
        understand, register. ``booted_s`` is how long it took."""
        began = time.monotonic()
        self.base = base or inside(
            self.netns, lambda: discover(self.host, self.family.mac, self.family.pnp)
        )
        self.read_files()
        self.register()
        self.booted_s = time.monotonic() - began
        return self.works

    def read_files(self) -> Understood:
        """Ask for all names of the family in order, and take what is there."""
        inside(self.netns, self._fetch_all, 30)
        self.works = self.family.understand(self.config)
        if self.works.resync_url:
            self.base = self.works.resync_url
        return self.works

    def _fetch_all(self) -> None:
        for name in self.family.names():
            status, octets = fetch(self.base + name, self.family.agent, self._credentials())
            self.asked.append((name, status))
            if status != 200:
                continue
            self.config.update(self.family.parse(octets))
            if self.family.stops:
                return

    def read_book(self) -> list[tuple[str, str]]:
        """(name, number) of the list that its files name; KitError when it is not there."""
        url = self.works.book_url or ""
        agent = self.family.agent
        status, octets = inside(self.netns, lambda: fetch(url, agent, self._credentials()))
        if status != 200:
            raise KitError(f"{self.family.model}: {status} for {url}")
        return read_book(self.family.brand, octets)

    def _credentials(self) -> tuple[str, str] | None:
        user, password = self.works.resync_user, self.works.resync_password
        return (user, password) if user and password else None

    @property
    def line(self) -> Line:
        """Its first account; KitError when it was given none."""
        if not self.works.lines:
            raise KitError(f"{self.family.model} has no account")
        return next(iter(self.works.lines.values()))

    @property
    def responder(self) -> Responder:
        """Its SIP side; KitError before it registered."""
        if self._responder is None:
            raise KitError(f"{self.family.model} is not registered")
        return self._responder

    def register(self) -> None:
        """REGISTER with what the files said, and answer calls and NOTIFYs from then on."""
        line = self.line
        if line.transport != "udp":
            raise KitError(f"this phone speaks UDP, not {line.transport}")
        if self._responder is None:
            self._responder = inside(self.netns, lambda: Responder(host=self.host))
            self._ask_to_register(self._responder, line)
            self._responder.start()

    def _ask_to_register(self, responder: Responder, line: Line) -> None:
        """As phones do: again when nobody answers in time."""
        for patience in reversed(range(_TRIES)):
            try:
                responder.register((line.server, line.port), line.user, line.password)
                return
            except KitError:
                if not patience:
                    raise

    def light_keys(self, timeout_s: float = 10.0) -> dict[int, Watch]:
        """Subscribe for every key with a lamp; they show something when this returns."""
        line, responder, keys = self.line, self.responder, self.works.keys or {}
        box = (line.server, line.port)
        own = (responder.host, responder.port)
        subscriber = Subscriber(
            line.user, line.password, own, box, lambda data: responder.end.send(data, box)
        )
        responder.take_lamps = subscriber.take
        for place, key in keys.items():
            if key.kind == "blf":
                self.lamps[place] = subscriber.subscribe(key.value)
        wait_until(
            lambda: all(watch.lamp for watch in self.lamps.values()),
            timeout_s,
            f"the lamps of {self.family.model} show something",
            lambda: str([(watch.number, watch.statuses) for watch in self.lamps.values()]),
        )
        return self.lamps

    def told_to_read_again(self, timeout_s: float = 10.0) -> Heard:
        """The NOTIFY that makes this family read its files; then it has read them."""
        wanted = self.family.reread
        notify = wait_until(
            lambda: next((r for r in self.responder.requests if r.header("event") == wanted), None),
            timeout_s,
            f"{self.family.model} is told {wanted}",
            lambda: str([r.first_line for r in self.responder.requests]),
        )
        self.read_files()
        return notify

    @contextmanager
    def pick_up(self, lamp: Watch, manner: Replacing) -> Iterator[RawCall]:
        """Take what rings on this lamp by INVITE with Replaces, in that manner."""
        caller = lamp.caller.partition("sip:")[2].partition("@")[0]
        value = lamp.replaces(is_swapped=manner.is_swapped) + manner.rest
        asks = (("Replaces", value), *((("Require", "replaces"),) if manner.requires else ()))
        with self.dial(caller if manner.turns_to_caller else lamp.number, asks) as call:
            yield call

    @contextmanager
    def dial(self, number: str, asks: Fields = ()) -> Iterator[RawCall]:
        """A call that has been sent; nothing was heard yet. asks: further fields of the INVITE."""
        line = self.line
        end: RawEnd = inside(self.netns, lambda: RawEnd(self.host))
        with end:
            box = (line.server, line.port)
            body = audio(self.host, 40000)
            call = RawCall(end, box, line.user, line.password, number, body, asks=asks)
            call.invite()
            yield call

    def call(self, number: str, timeout_s: float = 10.0) -> int:
        """Call, be answered, hang up; the final status."""
        with self.dial(number) as call:
            status = call.final(timeout_s).status
            if status == 200:
                call.acknowledge()
                call.hang_up()
            return status

    def close(self) -> None:
        """Unplug it."""
        if self._responder is not None:
            self._responder.close()
            self._responder = None
