"""Links for softphones: once, for five minutes, the newest of an extension alone."""

from __future__ import annotations

from appliance.phones.softphones import MOST, REMEMBERED_S, LinkState, SoftphoneLinks
from appliance.phones.windows import WINDOW_S
from provisioning.disclosure import Link

TOKEN = "f" * 40


def _state(links: SoftphoneLinks, token: str, now: float) -> LinkState:
    return links.state(token, now)[0]


def test_a_link_serves_once_and_says_so_afterwards() -> None:
    links = SoftphoneLinks()
    links.make(TOKEN, "2001", "linphone", 0.0)
    state, link = links.state(TOKEN, WINDOW_S - 1)
    assert state is LinkState.OPEN and link is not None
    assert (link.extension, link.app) == ("2001", "linphone")
    assert links.use(TOKEN, 1.0) and not links.use(TOKEN, 1.0)
    assert links.state(TOKEN, 2.0) == (LinkState.USED, None)


def test_a_link_is_too_old_after_five_minutes_and_after_the_next_one() -> None:
    links = SoftphoneLinks()
    links.make(TOKEN, "2001", "linphone", 0.0)
    links.make("other", "2002", "linphone", 1.0)
    assert _state(links, TOKEN, WINDOW_S) is LinkState.LATE and not links.use(TOKEN, WINDOW_S)
    links.make("next", "2002", "sipnetic", 2.0)
    assert _state(links, "other", 2.0) is LinkState.LATE
    assert _state(links, "next", 2.0) is LinkState.OPEN


def test_what_nobody_made_is_wrong_whatever_it_is() -> None:
    links = SoftphoneLinks()
    for token in ("", "nobody", "\ud800", "x" * 10000):
        assert links.state(token, 0.0) == (LinkState.WRONG, None) and not links.use(token, 0.0)


def test_memory_is_bounded_and_tokens_are_not_in_it() -> None:
    links = SoftphoneLinks()
    for number in range(3 * MOST):
        links.make(f"token-{number}", str(number), "linphone", 0.0)
    assert _state(links, "token-0", 0.0) is LinkState.WRONG
    assert _state(links, f"token-{3 * MOST - 1}", 0.0) is LinkState.OPEN
    assert "token-" not in repr(vars(links))
    links.make(TOKEN, "2001", "linphone", 2 * REMEMBERED_S)
    assert len(links._links) == 1


def test_both_processes_mean_the_same() -> None:
    assert {state.value for state in LinkState} == {link.value for link in Link} - {"none"}
