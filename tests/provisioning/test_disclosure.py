"""Who is told what: every route × (stranger, windowed device, known device, other device)."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from provisioning.api import Transport
from provisioning.credentials import Proof
from provisioning.disclosure import MISSES, RULES, Facts, Link, Verdict, decide
from provisioning.server import STATUS

MINE, OTHER = "805ec0a1b2c3", "805ec0ffffff"
HTTP, TFTP = Transport.HTTP, Transport.TFTP
V = Verdict

#: Who asks for the file of MINE.
STRANGER = Facts(claimed=MINE, seen=MINE)  # itself, but in no settings
UNSEEN_STRANGER = replace(STRANGER, seen="")
KNOWN = Facts(claimed=MINE, seen=MINE, is_known=True, has_secret=True)
NEW = replace(KNOWN, has_secret=False)  # in the settings, was never told anything
WINDOWED = replace(NEW, has_window=True)
IMPOSTOR = replace(
    WINDOWED, seen=OTHER
)  # another device asks for its file while the window is open
ROUTED = replace(WINDOWED, seen="")  # from behind a router: nobody knows who it is
PROVED = replace(KNOWN, proof=Proof.RIGHT)
WRONG = replace(KNOWN, proof=Proof.WRONG)

TABLE: list[tuple[str, Facts, Verdict, Verdict]] = [
    # who, facts, by HTTP, by TFTP
    ("stranger", STRANGER, V.GUEST, V.GUEST),
    ("stranger without guests", replace(STRANGER, gives_guests=False), V.STRANGER, V.STRANGER),
    ("stranger from behind a router", UNSEEN_STRANGER, V.STRANGER, V.STRANGER),
    ("stranger who names another", replace(STRANGER, seen=OTHER), V.MISMATCH, V.MISMATCH),
    ("new device", NEW, V.PLAIN, V.PLAIN),
    ("new device that waits for its key", replace(NEW, waits_for_key=True), V.GUEST, V.GUEST),
    ("its double", replace(NEW, waits_for_key=True, seen=OTHER), V.MISMATCH, V.MISMATCH),
    ("the same behind a router", replace(NEW, waits_for_key=True, seen=""), V.PLAIN, V.PLAIN),
    ("the same, its key pressed", replace(WINDOWED, waits_for_key=True), V.FULL, V.FULL),
    ("windowed device", WINDOWED, V.FULL, V.FULL),
    ("windowed device with an old secret", replace(WINDOWED, proof=Proof.WRONG), V.FULL, V.FULL),
    ("windowed device after HTTP", replace(WINDOWED, has_spoken_http=True), V.FULL, V.PLAIN),
    ("windowed device behind a router", ROUTED, V.PLAIN, V.PLAIN),
    ("other device in the window", IMPOSTOR, V.MISMATCH, V.MISMATCH),
    ("known device without proof", KNOWN, V.CHALLENGE, V.PLAIN),
    ("known device with its secret", PROVED, V.FULL, V.FULL),
    ("the same, after HTTP", replace(PROVED, has_spoken_http=True), V.FULL, V.PLAIN),
    ("known device with its secret, routed", replace(PROVED, seen=""), V.FULL, V.FULL),
    ("other device with its secret", replace(PROVED, seen=OTHER), V.MISMATCH, V.MISMATCH),
    ("known device with an old nonce", replace(KNOWN, proof=Proof.STALE), V.CHALLENGE, V.PLAIN),
    ("known device with a wrong secret", WRONG, V.WRONG_PROOF, V.WRONG_PROOF),
    ("device that is switched off", replace(STRANGER, is_switched_off=True), *[V.SWITCHED_OFF] * 2),
    ("file of a model", Facts(), V.PUBLIC, V.PUBLIC),
    ("path of no brand", Facts(is_identified=False), V.UNKNOWN, V.UNKNOWN),
    ("where TFTP is off", replace(WINDOWED, may_tftp=False), V.FULL, V.TFTP_OFF),
    (
        "new phone of its own where TFTP is off",
        replace(STRANGER, may_tftp=False),
        *(V.GUEST, V.TFTP_OFF),
    ),
    ("routed phone where TFTP is off", replace(ROUTED, may_tftp=False), V.PLAIN, V.TFTP_OFF),
    ("impostor where TFTP is off", replace(IMPOSTOR, may_tftp=False), V.MISMATCH, V.MISMATCH),
    ("made-up name, TFTP off", replace(UNSEEN_STRANGER, may_tftp=False), *[V.STRANGER] * 2),
    ("softphone with its link", Facts(link=Link.OPEN), V.LINK, V.LINK_WRONG),
    ("browser with such a link", Facts(link=Link.OPEN, is_look=True), V.LINK_SHOWN, V.LINK_WRONG),
    ("softphone with a used link", Facts(link=Link.USED), V.LINK_USED, V.LINK_WRONG),
    ("softphone with an old link", Facts(link=Link.LATE), V.LINK_LATE, V.LINK_WRONG),
    ("stranger who makes links up", Facts(link=Link.WRONG), V.LINK_WRONG, V.LINK_WRONG),
    ("link where that is off", Facts(link=Link.OPEN, is_enabled=False), *[V.SWITCHED_OFF] * 2),
    ("where phones are not set up", replace(PROVED, is_enabled=False), *[V.SWITCHED_OFF] * 2),
]  # fmt: skip


@pytest.mark.parametrize(("who", "facts", "by_http", "by_tftp"), TABLE, ids=lambda v: str(v)[:40])
def test_table(who: str, facts: Facts, by_http: Verdict, by_tftp: Verdict) -> None:
    assert decide(replace(facts, transport=HTTP)) is by_http
    assert decide(replace(facts, transport=TFTP)) is by_tftp
    for transport in Transport:
        asked = replace(facts, transport=transport)
        assert decide(replace(asked, is_local=False)) is Verdict.OUTSIDE
        assert decide(replace(asked, is_throttled=True)) is Verdict.THROTTLED


def test_no_way_to_a_password_but_the_window_and_the_own_secret() -> None:
    """All combinations of all facts: 196,608 of them."""
    flags = [
        "is_local", "is_throttled", "is_enabled", "is_identified", "may_tftp", "is_known",
        "is_switched_off", "has_window", "has_secret", "has_spoken_http", "gives_guests",
        "waits_for_key",
    ]  # fmt: skip
    others = itertools.product(Transport, ("", MINE), ("", MINE, OTHER), Proof)
    count = 0
    for transport, claimed, seen, proof in others:
        for values in itertools.product((False, True), repeat=len(flags)):
            facts = Facts(
                **dict(zip(flags, values, strict=True)),
                transport=transport,
                claimed=claimed,
                seen=seen,
                proof=proof,
            )
            count += 1
            verdict = decide(facts)
            if verdict is Verdict.FULL:
                assert facts.is_local and not facts.is_throttled and facts.is_known
                assert facts.claimed == MINE and facts.seen != OTHER
                assert facts.proof is Proof.RIGHT or (facts.has_window and facts.seen == MINE)
                assert not (facts.is_tftp and (facts.has_spoken_http or not facts.may_tftp))
            if verdict is Verdict.GUEST:
                assert facts.is_local and facts.seen == facts.claimed == MINE
                assert not facts.is_known or (facts.waits_for_key and not facts.has_window)
    assert count == 196608


def test_no_way_to_a_softphones_password_but_a_link_that_is_open() -> None:
    """All combinations of what a request with a link may bring with it besides."""
    flags = ["is_local", "is_throttled", "is_enabled", "is_look", "has_window", "is_known"]
    for transport, link, proof in itertools.product(Transport, Link, Proof):
        for values in itertools.product((False, True), repeat=len(flags)):
            facts = Facts(
                **dict(zip(flags, values, strict=True)), transport=transport, link=link, proof=proof
            )
            verdict = decide(facts)
            if verdict is Verdict.LINK:
                assert facts.is_local and not facts.is_throttled and facts.is_enabled
                assert facts.link is Link.OPEN and not facts.is_tftp and not facts.is_look
            if facts.link is not Link.NONE:
                assert verdict not in (Verdict.FULL, Verdict.PLAIN, Verdict.GUEST)


def test_every_verdict_but_that_of_no_daemon_is_reached_by_a_rule() -> None:
    assert {verdict for verdict, _ in RULES} == set(Verdict) - {Verdict.UNAVAILABLE}


def test_a_miss_is_answered_as_a_file_that_is_not_there() -> None:
    assert MISSES & set(STATUS) == {Verdict.WRONG_PROOF}


def test_a_link_that_was_used_says_so_and_one_that_nobody_made_does_not() -> None:
    assert STATUS[Verdict.LINK_USED] == STATUS[Verdict.LINK_LATE] == 410
    assert Verdict.LINK_WRONG in MISSES and Verdict.LINK_USED not in MISSES
