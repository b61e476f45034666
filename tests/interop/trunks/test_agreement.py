"""1,000 random numbers: what ``explain`` says is what the call then does.

Each number is asked about on the control socket and then dialled. The trunks and phones answer by a
fixed rule, so that the places that must be tried follow from the explained steps; they are compared
with those that really were, and with the journal's row. Callers offer G.729 alone: no announcement
can be played to them, so that a refusal comes at once.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from appliance.call.record import CallRecord
from appliance.config.model import Trunk
from appliance.net import control_client
from appliance.routing.decision import Reason
from appliance.store.database import open_for_reading
from appliance.store.journal import JournalFilter, query
from tests.kit.box import Box
from tests.kit.calling import MANY_PORTS
from tests.kit.health import Health
from tests.kit.office import Document, extension, office, secret_of, trunk
from tests.kit.processes import wait_until
from tests.kit.raw_sip import Address, Heard, RawCall, RawEnd, audio
from tests.kit.responder import Responder

SEED = 1000
CASES = 1000
WORKERS = 8
CLASSES = ("internal", "local", "national", "neighbours", "international", "everything")
PROVIDER = "127.0.0.2"  # not the callers' address, so that they are never taken for a trunk
TRUNKS = ("alpha", "beta", "gamma", "full", "down")
PHONES = {"2001": 1, "2002": 3, "2003": 1, "2004": 0, "2005": 1}  # 2005 is busy
EMERGENCY = ("112", "101", "102", "103", "104", "911", "01", "02", "03", "04")
REFUSALS = (200, 403, 404, 480, 484, 486, 487, 488, 500, 503, 600, 603)
LEAVE_ON = frozenset(Trunk.__dataclass_fields__["leave_on"].default)
DEAD = frozenset({408, 480, 504})
G729 = "18"


def number_of_caller(worker: int, rank: int) -> str:
    return str(3000 + 10 * worker + rank)


def status_at(place: str, number: str) -> int:
    """What a trunk or a phone answers to a number: any mixture, always the same."""
    if place == "gamma" and number in EMERGENCY:
        return 200  # before an emergency call drops another one
    mixed = blake2b(f"{SEED} {place} {number}".encode(), digest_size=4).digest()
    status = REFUSALS[int.from_bytes(mixed, "big") % len(REFUSALS)]
    return 503 if place == "down" and status == 200 else status


class World:
    """The box, its trunks' providers and its phones, with one trunk full and one phone busy."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.places: dict[str, list[Responder]] = {
            name: [self._responder(stack, name, PROVIDER)] for name in TRUNKS
        }
        self.places["down"][0].options_status = 503
        self.box = stack.enter_context(Box(folder, self._document(), rtp_ports=MANY_PORTS)).start()
        self.address: Address = (self.box.host, self.box.sip_port)
        for name in TRUNKS:
            self.places[name][0].start()
        for number, phones in PHONES.items():
            self.places[number] = [self._responder(stack, number) for _ in range(phones)]
            for phone in self.places[number]:
                phone.register(self.address, number, secret_of(number)).start()
        self._occupy(stack.enter_context(RawEnd()))
        wait_until(self._trunks_are_known, 10, "trunks are up and down")

    @staticmethod
    def _responder(stack: ExitStack, place: str, host: str = "127.0.0.1") -> Responder:
        responder = Responder(lambda request: status_at(place, dialled(request)), host)
        responder.codecs = G729
        return stack.enter_context(responder)

    def _document(self) -> Document:
        callers = [
            extension(
                number_of_caller(worker, rank),
                class_of_service=name,
                caller_id=f"+7495100{number_of_caller(worker, rank)}",
            )
            for worker in range(WORKERS)
            for rank, name in enumerate(CLASSES)
        ]
        phones = [extension(n, max_calls=1 if n == "2005" else 100) for n in PHONES]
        off = extension("2006", is_enabled=False)
        return office([*callers, *phones, off], self._trunks(), self._rules())

    def _trunks(self) -> list[Document]:
        forms = {"alpha": "+e164", "beta": "e164", "gamma": "national", "full": "local"}
        limits = {"full": 1}
        return [
            trunk(
                name,
                PROVIDER,
                self.places[name][0].port,
                authentication="address",
                number_form=forms.get(name, "+e164"),
                max_calls=limits.get(name, 1000),
                qualify_s=5,
            )
            for name in TRUNKS
        ]

    @staticmethod
    def _rules() -> list[Document]:
        return [
            {"name": "full first", "kinds": ["local"], "prefix": "7495777", "ways": ["full"]},
            {"name": "city", "kinds": ["local"], "ways": ["full", "alpha", "beta"]},
            {"name": "far", "kinds": ["national"], "ways": ["down", "beta", "gamma", "alpha"]},
            {"name": "mobile", "kinds": ["mobile"], "ways": ["gamma"]},
            {"name": "free", "kinds": ["toll_free"], "ways": ["alpha", "down"]},
            {"name": "abroad", "kinds": ["international"], "prefix": "375", "ways": ["beta"]},
            {"name": "world", "kinds": ["international"], "ways": list(TRUNKS)},
        ]

    def _occupy(self, end: RawEnd) -> None:
        """A call that stays on trunk full, and one at 2005."""
        for number in ("97770000", "2005"):
            self.places["full" if number != "2005" else "2005"][0].answer = lambda request: 200
            body = audio("127.0.0.1", 40000, codecs=G729)
            user = "2001"
            call = RawCall(end, self.address, user, secret_of(user), number, body)
            call.invite()
            assert call.final().status == 200, number
            call.acknowledge()

    def _trunks_are_known(self) -> bool:
        states = {t["name"]: t["state"] for t in self.box.control("trunks")["trunks"]}
        return all(states[n] == ("down" if n == "down" else "up") for n in TRUNKS)

    def explain(self, number: str, caller: str) -> Mapping[str, Any]:
        path = self.box.data / "control.sock"
        args = {"number": number, "from": caller}
        explained: Mapping[str, Any] = control_client.call(path, "explain", args, timeout_s=5)
        return explained

    def contacted(self, caller: str) -> list[tuple[float, str, str]]:
        """(when, place, number as sent) of all INVITEs of this caller so far, in order."""
        found = [
            (invited.request.at_s, place, invited.number)
            for place, responders in self.places.items()
            for responder in responders
            for invited in responder.invited
            if caller_of(invited.request).endswith(caller)
        ]
        return sorted(found)


def dialled(request: Heard) -> str:
    return request.uri.partition(":")[2].partition("@")[0]


def caller_of(request: Heard) -> str:
    """The user part of From: an extension, or its number outside in a trunk's form."""
    return request.header("from").partition("sip:")[2].partition("@")[0]


# ---- numbers


def random_number(chance: random.Random) -> str:
    """Something that a person, a phone or a fool dials."""
    return chance.choice(_KINDS)(chance)


def digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("0123456789", k=count))


def _outside(chance: random.Random) -> str:
    area = chance.choice(("495", "499", "343", "812", "903", "916", "800", "803", "809", "777"))
    return "9" + chance.choice(("8", "8", "7", "+7")) + area + digits(chance, 7)


def _abroad(chance: random.Random) -> str:
    country = chance.choice(("375", "380", "1212", "44", "7727", "998", "881", "49", "999", "0"))
    return "9810" + country + digits(chance, chance.randint(5, 10))


def _garbage(chance: random.Random) -> str:
    alphabet = "0123456789*#+-.()!~'abcXYZ&=$,/_"
    return "".join(chance.choices(alphabet, k=chance.randint(1, 30))).replace("#", "%23")


_KINDS = (
    lambda c: c.choice([*PHONES, "2006", "2999", "3000", "3041"]),
    lambda c: c.choice([*PHONES]),
    lambda c: "9" + c.choice(("777", "555", "123")) + digits(c, 4),
    lambda c: "9" + digits(c, 7),
    _outside,
    _outside,
    _abroad,
    lambda c: c.choice(("", "9", "8")) + c.choice(EMERGENCY),
    lambda c: c.choice(("*43", "0", "*82004", "*83000", "*89", "*8", "*", "00", "*44", "%23")),
    lambda c: c.choice(("+", "%2B", "8", "7", "")) + digits(c, c.randint(1, 15)),
    lambda c: digits(c, c.randint(1, 40)),
    _garbage,
)


# ---- cases


@dataclass
class Case:
    """One number, what was explained, and what the call did."""

    caller: str
    number: str
    explained: Mapping[str, Any]
    contacted: list[tuple[str, str]] = field(default_factory=list)
    status: int = 0

    @property
    def expected(self) -> list[tuple[str, str]]:
        """(place, number as sent) of everything that the explained steps lead to."""
        tried: list[tuple[str, str]] = []
        for step in self.explained["steps"]:
            if step["step"] == "ring":
                return [(step["extension"], step["extension"])] * step["phones"]
            if step["step"] != "trunk":
                return []
            tried.append((step["trunk"], step["number"]))
            status = status_at(step["trunk"], step["number"])
            is_left = status in LEAVE_ON | DEAD or self.explained["is_emergency"]
            if status == 200 or not is_left:
                break
        return tried

    def told(self) -> str:
        return (
            f"{self.caller} dialled {self.number!r}: {self.explained['verdict']} "
            f"{self.explained['steps']}\nexpected {self.expected}\ncontacted {self.contacted}, "
            f"status {self.status}"
        )


class Worker(threading.Thread):
    """Dials its share of the cases, one after the other, from a socket of its own."""

    def __init__(self, world: World, place: int) -> None:
        super().__init__(daemon=True)
        self.cases: list[Case] = []
        self.failure: BaseException | None = None
        self._world = world
        self._place = place
        self._chance = random.Random(f"{SEED} {place}")

    def run(self) -> None:
        try:
            with RawEnd() as end:
                for _ in range(CASES // WORKERS):
                    self.cases.append(self._case(end))
        except BaseException as error:
            self.failure = error

    def _case(self, end: RawEnd) -> Case:
        caller = number_of_caller(self._place, self._chance.randrange(len(CLASSES)))
        number = random_number(self._chance)
        before = len(self._world.contacted(caller))
        case = Case(caller, number, self._world.explain(number, caller))
        body = audio("127.0.0.1", 40000, codecs=G729)
        call = RawCall(end, self._world.address, caller, secret_of(caller), number, body)
        call.invite()
        case.status = call.final().status
        if case.status == 200:
            call.acknowledge()
            assert call.hang_up() == 200
        now = self._world.contacted(caller)[before:]
        case.contacted = [(place, sent) for _, place, sent in now]
        return case


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path_factory.mktemp("box"), stack)


@pytest.fixture(scope="module")
def cases(world: World) -> list[Case]:
    health = Health(world.box)
    workers = [Worker(world, place) for place in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        if worker.failure is not None:
            raise worker.failure
    health.check_log()
    return [case for worker in workers for case in worker.cases]


def test_the_call_goes_where_explain_says(cases: list[Case]) -> None:
    assert len(cases) == CASES
    wrong = [case.told() for case in cases if case.contacted != case.expected]
    assert not wrong, f"{len(wrong)} differ\n" + "\n\n".join(wrong[:5])


def test_the_cases_are_of_all_kinds(cases: list[Case]) -> None:
    kinds = [case.explained["kind"] for case in cases]
    for kind in ("internal", "local", "national", "mobile", "international", "emergency"):
        assert kinds.count(kind) >= 15, kind
    assert kinds.count("feature") >= 15
    assert [c.explained["verdict"] for c in cases].count("refuse") >= 100
    assert len([c for c in cases if len(c.contacted) > 1]) >= 100
    assert len([c for c in cases if c.status == 200]) >= 50


def test_the_journal_says_the_same(world: World, cases: list[Case]) -> None:
    rows = rows_by_caller(world, {case.caller for case in cases}, len(cases))
    for case in cases:
        row = rows[case.caller].pop(0)
        assert row.dialled == case.number
        assert row.number == case.explained["number"], case.told()
        reasons = [Reason(r["key"], r["params"]) for r in case.explained["reasons"]]
        assert list(row.reasons) == reasons, case.told()
        assert row.revision == case.explained["revision"]
        assert parties(row) == [place for place, _ in case.expected], case.told()
        trunks = [pair for pair in case.expected if pair[0] in TRUNKS]
        assert (row.trunk, row.sent) == (trunks[-1] if trunks else ("", "")), case.told()


def parties(row: CallRecord) -> list[str]:
    """Phones and trunks that were called, in order."""
    called = [leg.party.split(" ", 1) for leg in row.legs if leg.role == "terminating"]
    return [name for kind, name in called if kind in ("extension", "trunk")]


def rows_by_caller(world: World, callers: set[str], count: int) -> dict[str, list[CallRecord]]:
    """Each caller's rows, the oldest first."""

    def read() -> list[CallRecord]:
        with closing(open_for_reading(world.box.data / "state.db")) as database:
            rows = query(database, JournalFilter(), 5000)
        found = [row for row in reversed(rows) if row.caller in callers]
        return found if len(found) == count else []

    rows = wait_until(read, 10, f"{count} rows in the journal")
    return {caller: [row for row in rows if row.caller == caller] for caller in callers}
