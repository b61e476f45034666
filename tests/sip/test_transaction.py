"""The table of transactions is total, and says what RFC 3261 §17 and RFC 6026 say."""

from __future__ import annotations

from itertools import product

import pytest

from appliance.errors import LocalProtocolError
from appliance.sip.transaction import TABLE, Act, Input, Kind, State, step

_S, _I = State, Input
_ANSWERS = {_I.PROVISIONAL, _I.SUCCESS, _I.FAILURE}
#: What can happen in each state; everything else is a defect of ours.
_POSSIBLE: dict[tuple[Kind, State], set[Input]] = {
    (Kind.INVITE_CLIENT, _S.CALLING): {
        *_ANSWERS,
        _I.RETRANSMIT,
        _I.TIMEOUT,
        _I.TRANSPORT_ERROR,
    },
    (Kind.INVITE_CLIENT, _S.PROCEEDING): {*_ANSWERS, _I.TIMEOUT, _I.TRANSPORT_ERROR},
    (Kind.INVITE_CLIENT, _S.COMPLETED): {*_ANSWERS, _I.LINGER, _I.TRANSPORT_ERROR},
    (Kind.INVITE_CLIENT, _S.ACCEPTED): {*_ANSWERS, _I.LINGER, _I.TRANSPORT_ERROR},
    (Kind.CLIENT, _S.TRYING): {*_ANSWERS, _I.RETRANSMIT, _I.TIMEOUT, _I.TRANSPORT_ERROR},
    (Kind.CLIENT, _S.PROCEEDING): {*_ANSWERS, _I.RETRANSMIT, _I.TIMEOUT, _I.TRANSPORT_ERROR},
    (Kind.CLIENT, _S.COMPLETED): {*_ANSWERS, _I.LINGER, _I.TRANSPORT_ERROR},
    (Kind.INVITE_SERVER, _S.PROCEEDING): {*_ANSWERS, _I.REQUEST, _I.ACK},
    (Kind.INVITE_SERVER, _S.COMPLETED): {_I.REQUEST, _I.ACK, _I.RETRANSMIT, _I.TIMEOUT},
    (Kind.INVITE_SERVER, _S.CONFIRMED): {_I.REQUEST, _I.ACK, _I.LINGER},
    (Kind.INVITE_SERVER, _S.ACCEPTED): {_I.REQUEST, _I.ACK, _I.SUCCESS, _I.LINGER},
    (Kind.SERVER, _S.TRYING): {*_ANSWERS, _I.REQUEST},
    (Kind.SERVER, _S.PROCEEDING): {*_ANSWERS, _I.REQUEST},
    (Kind.SERVER, _S.COMPLETED): {_I.REQUEST, _I.LINGER},
}


@pytest.mark.parametrize(("kind", "state", "what"), list(product(Kind, State, Input)))
def test_every_pair_is_listed_or_raises(kind: Kind, state: State, what: Input) -> None:
    if what in _POSSIBLE.get((kind, state), set()):
        assert step(kind, state, what) is TABLE[kind, state, what]
    else:
        with pytest.raises(LocalProtocolError):
            step(kind, state, what)


@pytest.mark.parametrize("key", TABLE)
def test_rows_do_not_contradict_themselves(key: tuple[Kind, State, Input]) -> None:
    """Who lingers sets its timer once on entering; who is terminated leaves no timer running."""
    kind, state, what = key
    row = TABLE[key]
    lingers = row.state in (State.COMPLETED, State.CONFIRMED, State.ACCEPTED)
    is_refusal = kind is Kind.INVITE_SERVER and row.state is State.COMPLETED
    if state is not row.state and lingers and not is_refusal:
        assert Act.START_LINGERING in row.acts
    else:
        assert Act.START_LINGERING not in row.acts
    if row.state is State.TERMINATED and what is not Input.LINGER:
        assert {Act.STOP_RETRANSMITTING, Act.STOP_TIMEOUT} <= set(row.acts)
    assert len(set(row.acts)) == len(row.acts)


def test_2xx_opens_accepted_and_only_repeats_the_users_2xx() -> None:
    """RFC 6026 §7.1, §8.4: ACCEPTED absorbs INVITEs and passes further 2xx to the user."""
    assert step(Kind.INVITE_SERVER, State.PROCEEDING, Input.SUCCESS).state is State.ACCEPTED
    assert step(Kind.INVITE_SERVER, State.ACCEPTED, Input.REQUEST).acts == ()
    assert step(Kind.INVITE_CLIENT, State.CALLING, Input.SUCCESS).state is State.ACCEPTED
    assert step(Kind.INVITE_CLIENT, State.ACCEPTED, Input.SUCCESS).acts == (Act.PASS_UP,)
    assert step(Kind.INVITE_CLIENT, State.ACCEPTED, Input.FAILURE).acts == ()
