"""Tests of appliance/guard/logins.py: who is banned, who is barred, who is never either."""

from __future__ import annotations

import pytest

from appliance.guard.bans import Scope
from appliance.guard.logins import Logins
from appliance.sip.events import Hop
from tests.guard.houses import AROUND, LAN, NEIGHBOUR, PHONE, PROVIDER, stranger


def fail(logins: Logins, account: str, source: Hop, times: int, now: float = 100.0) -> list[Scope]:
    """Wrong passwords, a second between them; what they led to."""
    found: list[Scope] = []
    for number in range(times):
        found += [ban.scope for ban in logins.failed(account, source, now + number).bans]
    return found


def test_a_stranger_is_banned_at_the_tenth_failure() -> None:
    logins = Logins(AROUND)
    assert fail(logins, "2001", stranger(), 9) == []
    assert fail(logins, "2999", stranger(port=9), 1) == [Scope.PLACE]
    assert logins.bans.is_in_force(Scope.PLACE, stranger().host, "", 400.0)


def test_failures_that_are_spread_over_time_are_forgotten() -> None:
    logins = Logins(AROUND)
    for minute in range(0, 300, 2):
        assert fail(logins, "2999", stranger(), 1, minute * 60.0) == []


def test_the_registered_phone_is_never_barred() -> None:
    logins = Logins(AROUND)
    assert fail(logins, "2001", PHONE, 100) == []
    fail(logins, "2001", NEIGHBOUR, 1)
    logins.homes.proved(PHONE.host, "2001", 0.0)
    fail(logins, "2001", NEIGHBOUR, 40)
    assert not logins.may_try("2001", NEIGHBOUR, 140.0)
    assert logins.may_try("2001", PHONE, 140.0)


def test_a_lan_address_is_barred_for_one_account_and_never_banned() -> None:
    logins = Logins(AROUND)
    assert fail(logins, "2001", LAN, 29) == [Scope.LOGIN]
    assert not logins.may_try("2001", LAN, 130.0)
    assert logins.may_try("2002", LAN, 130.0)
    assert logins.may_try("2001", Hop(LAN.transport, "192.168.1.51", 5060), 130.0)
    assert logins.may_try("2001", LAN, 129.0 + 301.0)


def test_an_address_that_tries_all_accounts_keeps_its_own() -> None:
    logins = Logins(AROUND)
    logins.homes.proved(LAN.host, "2002", 0.0)
    found = [scope for n in range(30) for scope in fail(logins, str(3000 + n), LAN, 1)]
    assert found == [Scope.NEW_LOGINS]
    assert not logins.may_try("2001", LAN, 130.0)
    assert logins.may_try("2002", LAN, 130.0)
    assert logins.may_try("2001", LAN, 500.0)


def test_typing_errors_behind_a_nat_do_not_touch_its_other_phones() -> None:
    logins = Logins(AROUND)
    logins.homes.proved(PHONE.host, "2001", 0.0)
    assert fail(logins, "2002", NEIGHBOUR, 10) == [Scope.LOGIN]
    assert not logins.may_try("2002", NEIGHBOUR, 111.0)
    assert logins.may_try("2001", NEIGHBOUR, 111.0)
    assert logins.bans.listed(111.0)[0].place == PHONE.host


def test_a_provider_is_not_banned() -> None:
    assert fail(Logins(AROUND), "2001", PROVIDER, 10) == [Scope.LOGIN]


def test_an_account_under_attack_is_open_to_its_homes_and_the_lan() -> None:
    logins = Logins(AROUND)
    logins.homes.proved("198.51.100.99", "2001", 0.0)
    begun = [logins.failed("2001", stranger(n), 100.0).is_attack for n in range(30)]
    assert begun.index(True) == 19 and begun.count(True) == 1
    assert not logins.may_try("2001", stranger(999), 200.0)
    assert logins.may_try("2001", PHONE, 200.0)
    assert logins.may_try("2001", LAN, 200.0)
    assert logins.may_try("2001", Hop(LAN.transport, "198.51.100.99", 1), 200.0)
    assert logins.may_try("2002", stranger(999), 200.0)
    assert logins.attacked(200.0) == ["2001"]
    assert logins.may_try("2001", stranger(999), 800.0)


@pytest.mark.parametrize("place", [NEIGHBOUR, PROVIDER])
def test_an_old_phone_at_one_place_is_no_attack_on_its_number(place: Hop) -> None:
    """It goes on trying all day where others of the office live: that place alone is barred."""
    logins = Logins(AROUND)
    logins.homes.proved(logins.place(NEIGHBOUR.host), "2001", 0.0)
    for n in range(400):
        assert not logins.failed("2002", place, 100.0 + 9 * n).is_attack
        assert logins.may_try("2002", stranger(), 100.0 + 9 * n)
    begun = [logins.failed("2002", stranger(n), 3700.0).is_attack for n in range(20)]
    assert any(begun), "others beside it make one"


def test_numbers_that_do_not_exist_fill_no_table_of_accounts() -> None:
    logins = Logins(AROUND)
    for number in range(500):
        assert not logins.failed(f"no such {number}", stranger(number), 100.0).is_attack
    assert logins.attacked(100.0) == []
    assert logins.may_try("no such 1", stranger(1), 100.0)


def test_an_account_under_attack_bans_strangers_like_one_that_does_not_exist() -> None:
    """Or the ban itself would tell which numbers there are."""
    logins = Logins(AROUND)
    for number in range(20):
        logins.failed("2001", stranger(number), 100.0)
    assert not logins.may_try("2001", stranger(500), 100.0)
    assert fail(logins, "2001", stranger(500), 10) == [Scope.PLACE]
    assert fail(logins, "2999", stranger(501), 10) == [Scope.PLACE]
    assert logins.may_try("2001", stranger(502), 701.0)  # what was not looked at does not prolong


def test_a_phone_that_goes_on_trying_comes_out_of_its_bar() -> None:
    logins = Logins(AROUND)
    assert fail(logins, "2001", LAN, 10) == [Scope.LOGIN]
    assert fail(logins, "2001", LAN, 200, 110.0) == []
    assert logins.may_try("2001", LAN, 410.0)


def test_forgiving() -> None:
    logins = Logins(AROUND)
    fail(logins, "2001", stranger(), 10)
    for number in range(20):
        fail(logins, "2001", stranger(number + 10), 1, 110.0)
    assert logins.forgive(stranger().host, 120.0) == 1
    assert logins.forgive("2001", 120.0) == 1
    assert logins.forgive("2001", 120.0) == 0
    assert logins.may_try("2001", stranger(), 120.0)


def test_a_network_of_ipv6_is_one_place_and_neighbours_in_the_lan_are_not() -> None:
    logins = Logins(AROUND)
    hops = [Hop(LAN.transport, f"2001:db8::{n}", 5060) for n in range(1, 11)]
    assert [scope for hop in hops for scope in fail(logins, "2001", hop, 1)] == [Scope.PLACE]
    assert logins.place("fe80::1") != logins.place("fe80::2")


def test_any_address_of_a_network_is_forgiven_with_it() -> None:
    """Who is shut out tells his own address, and the log has that too."""
    logins = Logins(AROUND)
    hop = Hop(LAN.transport, "2001:db8::5", 5060)
    fail(logins, "2999", hop, 10)
    assert logins.forgive(hop.host, 110.0) == 1
    assert logins.bans.listed(110.0) == []


def test_an_endless_name_is_cut() -> None:
    logins = Logins(AROUND)
    fail(logins, "x" * 60_000, LAN, 10)
    assert len(logins.bans.listed(110.0)[0].account) == 64
    assert not logins.may_try("x" * 60_000, LAN, 110.0)


def test_whoever_is_forgiven_begins_anew() -> None:
    """Nine failures that were counted before must not make the next one the tenth."""
    for name in (LAN.host, "2001"):
        logins = Logins(AROUND)
        fail(logins, "2001", LAN, 9)
        logins.forgive(name, 110.0)
        assert fail(logins, "2001", LAN, 9, 120.0) == []
        assert fail(logins, "2001", LAN, 1, 130.0) == [Scope.LOGIN]
