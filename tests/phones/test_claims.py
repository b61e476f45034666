"""Claim codes: who may take one, how often, and what no code is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from appliance.config.model import Phone, PhoneKey
from appliance.phones.claiming import with_claim
from appliance.phones.claims import (
    CODE_LIVES_S,
    MOST_RESTS,
    MOST_WRONG,
    MOST_WRONG_OF_ALL,
    REST_S,
    Claims,
    Outcome,
)
from tests.config.offices import office, with_added

MAC, OTHER = "805ec0a1b2c3", "805ec0000002"


def _claims() -> Claims:
    return Claims(random.Random(7).choice)


def test_a_code_gives_its_extension_once() -> None:
    claims = _claims()
    code = claims.issue("2001", (), 0.0)
    assert len(code.code) == 4 and code.code.isdigit()
    assert claims.code_of("2001", 1.0) == code
    assert claims.take(MAC, code.code, 1.0, 1.0) == (Outcome.CLAIMED, code)
    assert claims.take(MAC, code.code, 1.0, 1.0) == (Outcome.WRONG, None)
    assert claims.code_of("2001", 1.0) is None


def test_a_code_that_led_to_nothing_serves_again() -> None:
    claims = _claims()
    code = claims.issue("2001", (), 0.0)
    assert claims.take(MAC, code.code, 1.0, 1.0) == (Outcome.CLAIMED, code)
    claims.give_back(code)
    assert claims.take(OTHER, code.code, 2.0, 2.0) == (Outcome.CLAIMED, code)
    newer = claims.issue("2001", (), 3.0)
    claims.give_back(code)
    assert claims.code_of("2001", 3.0) == newer


def test_a_code_lives_for_a_week() -> None:
    claims = _claims()
    code = claims.issue("2001", (), 0.0)
    assert claims.code_of("2001", CODE_LIVES_S) is None
    assert claims.take(MAC, code.code, CODE_LIVES_S, CODE_LIVES_S)[0] is Outcome.WRONG


def test_a_clock_that_is_set_does_no_harm() -> None:
    """Guesses are counted by a clock that nobody sets; a code of years ahead holds no more."""
    claims = _claims()
    now = 1_800_000_000.0
    code = claims.issue("2001", (), now)
    assert claims.code_of("2001", now - 3600) == code, "an hour back"
    assert claims.code_of("2001", 0.0) is None
    assert claims.take(MAC, code.code, 0.0, 1.0)[0] is Outcome.WRONG
    for _ in range(MOST_WRONG - 1):
        claims.take(MAC, "wrong", now, 2.0)
    assert claims.take(MAC, code.code, now + 10 * REST_S, 3.0)[0] is Outcome.RESTING
    assert claims.take(MAC, code.code, now - 10 * REST_S, 2.0 + REST_S)[0] is Outcome.CLAIMED


def test_no_code_is_an_emergency_number() -> None:
    claims = _claims()
    codes = [claims.issue(str(n), ("112", "01", "9112"), 0.0).code for n in range(2000, 2400)]
    assert len(set(codes)) == 400
    assert not [code for code in codes if code.startswith(("112", "01", "9112"))]


def test_who_guesses_rests() -> None:
    claims = _claims()
    code = claims.issue("2001", (), 0.0).code
    wrong = next(f"{n:04}" for n in range(10000) if f"{n:04}" != code)
    for _ in range(MOST_WRONG):
        assert claims.take(MAC, wrong, 0.0, 0.0)[0] is Outcome.WRONG
    assert claims.take(MAC, code, 1.0, 1.0)[0] is Outcome.RESTING
    assert claims.take(OTHER, wrong, 1.0, 1.0)[0] is Outcome.WRONG
    assert claims.take(MAC, code, REST_S, REST_S)[0] is Outcome.CLAIMED


def test_many_phones_that_guess_rest_together() -> None:
    claims = _claims()
    code = claims.issue("2001", (), 0.0).code
    wrong = next(f"{n:04}" for n in range(10000) if f"{n:04}" != code)
    for number in range(MOST_WRONG_OF_ALL):
        claims.take(f"{number:012x}", wrong, 0.0, 0.0)
    assert claims.take(MAC, code, 1.0, 1.0)[0] is Outcome.RESTING


def _guesses(claims: Claims, code: str, start: float) -> Iterator[tuple[float, Outcome]]:
    """All that whoever has phones without end can try from then on: (when, what came)."""
    now = start
    for number, text in enumerate(f"{n:04}" for n in range(10000)):
        if text == code:
            continue
        phone = f"{number // (MOST_WRONG - 1):012x}"
        while (outcome := claims.take(phone, text, now, now)[0]) is Outcome.RESTING:
            now += 60.0
        yield now, outcome


def test_rests_grow_longer_and_then_the_codes_are_to_be_revoked() -> None:
    claims = _claims()
    code = claims.issue("2001", (), 0.0).code
    tried, ends = 0, []
    for now, outcome in _guesses(claims, code, 0.0):
        if not ends or ends[-1] != now:
            ends.append(now)
        tried += 1
        if outcome is Outcome.GUESSED:
            break
    assert tried == MOST_RESTS * MOST_WRONG_OF_ALL
    assert ends == [0.0, REST_S, 3 * REST_S]
    assert claims.revoke() == ("2001",) and claims.code_of("2001", now) is None


def test_who_guesses_slowly_gets_no_further_within_the_week_of_a_code() -> None:
    """One fewer than make a rest each quarter of an hour would be 13,000 of the ten thousand."""
    claims = _claims()
    code = claims.issue("2001", (), 0.0).code
    wrong = next(f"{n:04}" for n in range(10000) if f"{n:04}" != code)
    now, tried = 0.0, 0
    while now < CODE_LIVES_S:
        for number in range(MOST_WRONG_OF_ALL - 1):
            outcome = claims.take(f"{tried + number:012x}", wrong, now, now)[0]
            tried += outcome is not Outcome.RESTING
            if outcome is Outcome.GUESSED:
                claims.revoke()
        now += REST_S
    assert claims.code_of("2001", 0.0) is None
    assert tried < 300, "with the codes that were made meanwhile"


def test_a_phone_rests_for_longer_each_time_and_from_the_last_wrong_one() -> None:
    claims = _claims()
    code = claims.issue("2001", (), 0.0).code
    wrong = next(f"{n:04}" for n in range(10000) if f"{n:04}" != code)
    now = 0.0
    for rest in (REST_S, 2 * REST_S):
        for _ in range(MOST_WRONG):
            now += 100.0
            assert claims.take(MAC, wrong, now, now)[0] is Outcome.WRONG
        assert claims.take(MAC, wrong, now, now + rest - 1)[0] is Outcome.RESTING
        now += rest
    assert claims.take(MAC, code, now, now)[0] is Outcome.CLAIMED


def test_an_office_that_mistypes_and_then_gets_it_right_does_not_rest() -> None:
    claims = _claims()
    for number in range(MOST_WRONG_OF_ALL * 2):
        code = claims.issue(str(2000 + number), (), 0.0)
        phone = f"{number:012x}"
        assert claims.take(phone, "wrong", 0.0, 0.0)[0] is Outcome.WRONG
        assert claims.take(phone, code.code, 0.0, 0.0) == (Outcome.CLAIMED, code)


def test_wrong_codes_of_weeks_ago_count_no_more() -> None:
    claims = _claims()
    for week in range(5):
        now = week * (CODE_LIVES_S + 1)
        code = claims.issue("2001", (), now).code
        for number in range(MOST_WRONG_OF_ALL):
            outcome = claims.take(f"{number:012x}", "wrong", now, now)[0]
            assert outcome is Outcome.WRONG
        assert claims.take(MAC, code, now, now + REST_S)[0] is Outcome.CLAIMED


# ---- what becomes of the settings


def test_a_new_phone_joins_the_list() -> None:
    document = with_claim(office(), Phone(mac=MAC, brand="yealink"), "2001", "")
    assert document.phones == (Phone(mac=MAC, brand="yealink", extensions=("2001",)),)


def test_a_known_phone_gets_a_further_number() -> None:
    start = with_added("phones", Phone(mac=MAC, label="Desk", extensions=("2002",)))
    (phone,) = with_claim(start, Phone(mac=MAC), "2001", "").phones
    assert (phone.extensions, phone.label) == (("2001", "2002"), "Desk")


def test_a_dead_phone_gives_its_place_up() -> None:
    keys = (PhoneKey(kind="blf", value="2002"),)
    old = Phone(mac=OTHER, label="Desk", model="T46U", extensions=("2001", "2002"), keys=keys)
    start = with_added("phones", old)
    (phone,) = with_claim(start, Phone(mac=MAC, brand="snom"), "2001", OTHER).phones
    assert (phone.mac, phone.brand, phone.model) == (MAC, "snom", "")
    assert (phone.extensions, phone.label, phone.keys) == (("2001", "2002"), "Desk", keys)


def test_a_phone_with_a_number_keeps_it_where_the_other_one_is_dead() -> None:
    """It has the dead one's number as well, and nothing else of it."""
    dead = Phone(mac=OTHER, label="Desk", extensions=("2001",))
    own = Phone(mac=MAC, label="Shop", extensions=("2002",))
    start = replace(office(), phones=(dead, own))
    phones = with_claim(start, Phone(mac=MAC), "2001", OTHER).phones
    assert phones == (dead, replace(own, extensions=("2001", "2002")))
