"""Tests of appliance/guard/gate.py: whose messages are read."""

from __future__ import annotations

import pytest

from appliance.guard.gate import ALL_STRANGERS, RATES, SEATS, Gate, Standing
from appliance.guard.scanner_list import scanners
from appliance.sip.events import Hop, Transport
from tests.guard.houses import AROUND, LAN, PHONE, PROVIDER, stranger

MESSAGE = b"OPTIONS sip:a SIP/2.0\r\nUser-Agent: Phone\r\n\r\n"
SCANNER = b"OPTIONS sip:a SIP/2.0\r\nUser-Agent: friendly-scanner\r\n\r\n"
OWN = Hop(Transport.UDP, "127.0.0.1", 5060)


@pytest.fixture
def alerts() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def gate(alerts: list[tuple[str, str]]) -> Gate:
    return Gate(AROUND, scanners(), lambda key, detail: alerts.append((key, detail)))


def admitted(gate: Gate, source: Hop, tries: int, now: float = 100.0, data: bytes = MESSAGE) -> int:
    return sum(gate.admits(data, source, now) for _ in range(tries))


@pytest.mark.parametrize(
    ("source", "standing"),
    [(LAN, Standing.LAN), (PROVIDER, Standing.TRUNK), (stranger(), Standing.STRANGER)],
)
def test_everybody_has_his_budget(gate: Gate, source: Hop, standing: Standing) -> None:
    rate = RATES[standing]
    assert admitted(gate, source, 9999) == rate.burst
    assert admitted(gate, source, 9999, 101.0) == rate.per_s
    assert gate.unanswered["budget"] == 2 * 9999 - rate.burst - rate.per_s


def test_this_machine_itself_has_no_limit(gate: Gate) -> None:
    assert admitted(gate, OWN, 20_000) == 20_000


def test_who_proved_himself_is_known_at_once(gate: Gate) -> None:
    admitted(gate, PHONE, 100)
    gate.proved("2001", PHONE, 100.0)
    assert admitted(gate, PHONE, 9999) == RATES[Standing.KNOWN].burst


def test_strangers_share_a_budget_that_does_not_touch_others(
    gate: Gate, alerts: list[tuple[str, str]]
) -> None:
    gate.proved("2001", PHONE, 100.0)
    assert sum(admitted(gate, stranger(n), 1) for n in range(2000)) == ALL_STRANGERS.burst
    assert sum(admitted(gate, stranger(n), 1, 101.0) for n in range(2000)) == ALL_STRANGERS.per_s
    for source in (PHONE, LAN, PROVIDER):
        assert admitted(gate, source, 50, 101.0) == 50
    assert alerts == [("flood", "")]


def test_a_crowd_of_seats_is_bounded(gate: Gate) -> None:
    gate.proved("2001", PHONE, 100.0)
    for number in range(3 * SEATS):
        gate.admits(MESSAGE, stranger(number), 100.0)
        assert len(gate) <= SEATS
    assert admitted(gate, PHONE, 100) == 100


def test_addresses_of_one_network_take_no_seats_without_end(gate: Gate) -> None:
    for n in range(3 * SEATS):
        gate.admits(MESSAGE, Hop(Transport.UDP, f"2001:db8::{n:x}", 5060), 100.0)
        assert len(gate) <= SEATS
    assert admitted(gate, Hop(Transport.UDP, "2001:db8::ffff", 5060), 9, 100.0) == 0


def test_many_addresses_of_one_network_share_a_budget(gate: Gate) -> None:
    hops = [Hop(Transport.UDP, f"2001:db8::{n:x}", 5060) for n in range(1, 300)]
    assert sum(admitted(gate, hop, 1) for hop in hops) == RATES[Standing.STRANGER].burst


def test_a_banned_place_gets_nothing_from_any_port(
    gate: Gate, alerts: list[tuple[str, str]]
) -> None:
    for _ in range(10):
        gate.failed("2001", stranger(), 100.0)
    assert alerts == [("place_banned", "192.0.0.1 10 600 2001")]
    assert admitted(gate, stranger(port=777), 5, 101.0) == 0
    assert not gate.admits_connection(stranger().host, 101.0)
    assert gate.admits_connection(stranger(2).host, 101.0)
    assert gate.unanswered["banned"] == 5
    assert admitted(gate, stranger(2), 5, 101.0) == 5
    assert admitted(gate, stranger(), 5, 701.0) == 5
    gate.logins.forgive(stranger().host, 102.0)


@pytest.mark.parametrize("source", [LAN, PROVIDER, OWN])
def test_scanners_are_answered_inside(gate: Gate, source: Hop) -> None:
    assert gate.admits(SCANNER, source, 100.0)


def test_scanners_are_not_answered_outside(gate: Gate) -> None:
    assert admitted(gate, stranger(), 3, data=SCANNER) == 0
    assert gate.unanswered["scanner"] == 3
    gate.proved("2001", PHONE, 100.0)
    assert gate.admits(SCANNER, PHONE, 100.0)


def test_a_thousand_bans_are_ten_alerts(gate: Gate, alerts: list[tuple[str, str]]) -> None:
    for number in range(100):
        for _ in range(10):
            gate.failed("2999", stranger(number), 100.0)
    assert [key for key, _ in alerts] == ["place_banned"] * 10
    assert len(gate.logins.bans.listed(100.0)) == 100


def test_an_account_under_attack_is_told_once(gate: Gate, alerts: list[tuple[str, str]]) -> None:
    for number in range(40):
        gate.failed("2001", stranger(number), 100.0)
    assert alerts == [("account_attacked", "2001")]
    assert not gate.may_try("2001", stranger(99), 100.0)


def test_somebody_known_who_floods_is_told(gate: Gate, alerts: list[tuple[str, str]]) -> None:
    admitted(gate, LAN, 9999)
    assert alerts == [("flood", LAN.host)]


def test_new_settings_are_followed(gate: Gate) -> None:
    admitted(gate, LAN, 9999)
    gate.configure()
    assert len(gate) == 0 and gate.admits(MESSAGE, LAN, 100.0)
