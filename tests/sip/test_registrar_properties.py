"""Whatever phones do, the registrar's table and what it told the store agree."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.sip.binding import Binding, Change, ChangeKind
from appliance.sip.events import Hop, Transport
from appliance.sip.message import Headers, Request
from appliance.sip.registrar import Registrar

_MOST = 3
_HOSTS = ("192.0.2.1", "192.0.2.2", "203.0.113.5")


@dataclass(frozen=True)
class Step:
    """One thing that happens to the office."""

    kind: str
    number: str
    contacts: tuple[str, ...]
    expires: int | None
    call_id: str
    cseq: int
    source: Hop
    pause_s: float


_contact = st.builds(
    lambda host, port, instance, expires, q: (
        f"<sip:p@{host}:{port}>"
        + (f';+sip.instance="<urn:uuid:{instance}>";reg-id=1' if instance else "")
        + (f";expires={expires}" if expires is not None else "")
        + f";q={q}"
    ),
    st.sampled_from((*_HOSTS, "192.168.1.100")),
    st.sampled_from((5060, 5070)),
    st.integers(0, 2),
    st.sampled_from((None, None, 0, 10, 60, 600, 9999)),
    st.sampled_from(("1.0", "0.5")),
)
_step = st.builds(
    Step,
    kind=st.sampled_from(("register",) * 6 + ("expire", "dead", "alive", "lost", "step")),
    number=st.sampled_from(("2001", "2002")),
    contacts=st.one_of(st.just(("*",)), st.lists(_contact, max_size=3).map(tuple)),
    expires=st.sampled_from((None, None, 0, 30, 300)),
    call_id=st.sampled_from("abc"),
    cseq=st.integers(1, 6),
    source=st.builds(
        Hop,
        st.sampled_from((Transport.UDP, Transport.TCP)),
        st.sampled_from(_HOSTS),
        st.sampled_from((5060, 40000)),
        st.integers(0, 2),
    ),
    pause_s=st.sampled_from((0.0, 1.0, 100.0, 700.0)),
)


def _request(step: Step) -> Request:
    headers = [
        ("Via", "SIP/2.0/UDP h;branch=z9hG4bKx;rport"),
        ("From", "<sip:p@box>;tag=1"),
        ("To", "<sip:p@box>"),
        ("Call-ID", step.call_id),
        ("CSeq", f"{step.cseq} REGISTER"),
        *(("Contact", c) for c in step.contacts),
    ]
    if step.expires is not None:
        headers.append(("Expires", str(step.expires)))
    return Request("REGISTER", "sip:box", headers=Headers(headers))


class Model:
    """What the store would know from the changes alone."""

    def __init__(self) -> None:
        self.kept: dict[str, Binding] = {}

    def follow(self, changes: tuple[Change, ...]) -> None:
        for change in changes:
            key = change.binding.key
            if change.kind is ChangeKind.REMOVED:
                assert key in self.kept
                del self.kept[key]
            else:
                assert (change.kind is ChangeKind.ADDED) == (key not in self.kept)
                self.kept[key] = change.binding


def _changes(registrar: Registrar, step: Step, now: float) -> tuple[Change, ...]:
    if step.kind == "expire":
        return registrar.expire(now)
    if step.kind == "lost":
        return registrar.connection_lost(step.source.connection)
    if step.kind == "step":
        return registrar.clock_stepped(0.0)
    phones = registrar.bindings(step.number)
    if step.kind in ("dead", "alive") and phones:
        round_trip_ms = 5.0 if step.kind == "alive" else None
        return registrar.qualified(phones[-1].key, round_trip_ms, "", now)
    return ()


def _register(registrar: Registrar, step: Step, now: float) -> tuple[Change, ...]:
    before = registrar.all()
    count = len(registrar.bindings(step.number))
    outcome = registrar.register(_request(step), step.number, step.source, _MOST, now)
    after = registrar.bindings(step.number)
    assert outcome.status in (200, 400, 403, 423, 500)
    if outcome.status == 200:
        assert len(after) <= max(count, _MOST)
        assert sum(name == "Contact" for name, _ in outcome.headers) == len(after)
    else:
        assert outcome.changes == ()
        assert registrar.all() == before
    return outcome.changes


@settings(max_examples=250, deadline=None)
@given(st.lists(_step, max_size=30))
def test_table_and_changes_agree(steps: list[Step]) -> None:
    registrar, model, now = Registrar(60, 3600), Model(), 1_700_000_000.0
    for step in steps:
        now += step.pause_s
        act = _register if step.kind == "register" else _changes
        model.follow(act(registrar, step, now))
        everybody = registrar.all()
        assert {b.key: b for b in everybody} == model.kept
        assert registrar.next_expiry() == min((b.expires_at for b in everybody), default=None)
        for number in ("2001", "2002"):
            phones = registrar.bindings(number)
            assert [b.q for b in phones] == sorted((b.q for b in phones), reverse=True)
            assert bool(phones) != bool(registrar.absence(number))
            assert all(registrar.binding(b.key) is b for b in phones)
