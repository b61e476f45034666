"""The four SIP transactions as tables: RFC 3261 §17 with the corrections of RFC 6026.

PURE. A transaction turns what comes (a message, a timer, a dead transport) into what is to be done;
client_transactions.py and server_transactions.py do it. Members are hashed by identity, since the
table is asked with every message.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from appliance.errors import LocalProtocolError


class State(Enum):
    __hash__ = object.__hash__

    CALLING = auto()  # INVITE client: nothing heard
    TRYING = auto()  # non-INVITE: nothing heard, or nothing said
    PROCEEDING = auto()
    COMPLETED = auto()
    CONFIRMED = auto()  # INVITE server: ACK came
    ACCEPTED = auto()  # RFC 6026: a 2xx passed
    TERMINATED = auto()


class Kind(Enum):
    __hash__ = object.__hash__

    INVITE_CLIENT = auto()
    CLIENT = auto()
    INVITE_SERVER = auto()
    SERVER = auto()


class Input(Enum):
    __hash__ = object.__hash__

    PROVISIONAL = auto()  # 1xx: received by a client, said by a server
    SUCCESS = auto()  # 2xx
    FAILURE = auto()  # 3xx-6xx
    REQUEST = auto()  # the request again
    ACK = auto()
    RETRANSMIT = auto()  # Timers A, E, G
    TIMEOUT = auto()  # Timers B, F, H
    LINGER = auto()  # Timers D, K, I, J, L, M
    TRANSPORT_ERROR = auto()


class Act(Enum):
    """What the transaction layer does."""

    __hash__ = object.__hash__

    PASS_UP = auto()  # tell the user of the transaction
    SEND = auto()  # what was sent last, again
    SEND_NEW = auto()  # what is being said now
    SEND_ACK = auto()
    TELL_TIMEOUT = auto()
    TELL_TRANSPORT = auto()
    START_RETRANSMITTING = auto()
    RETRANSMIT_AGAIN = auto()  # twice as late, at most T2
    STOP_RETRANSMITTING = auto()
    START_TIMEOUT = auto()
    STOP_TIMEOUT = auto()
    START_LINGERING = auto()


class Row(NamedTuple):
    state: State
    acts: tuple[Act, ...] = ()


def step(kind: Kind, state: State, what: Input) -> Row:
    """The row of the table; raises LocalProtocolError for a pair that is not in it."""
    row = TABLE.get((kind, state, what))
    if row is None:
        raise LocalProtocolError(f"{kind.name}: {what.name} in {state.name}")
    return row


_S, _I, _A = State, Input, Act
_IC, _NC, _IS, _NS = Kind.INVITE_CLIENT, Kind.CLIENT, Kind.INVITE_SERVER, Kind.SERVER
_QUIET = (_A.STOP_RETRANSMITTING, _A.STOP_TIMEOUT)
_FINAL = (*_QUIET, _A.START_LINGERING, _A.PASS_UP)
_REFUSED = (*_QUIET, _A.SEND_ACK, _A.START_LINGERING, _A.PASS_UP)
_REPEAT = (_A.SEND, _A.RETRANSMIT_AGAIN)
_DEAD = (*_QUIET, _A.TELL_TRANSPORT)
_LATE = (*_QUIET, _A.TELL_TIMEOUT)
_SAY = (_A.SEND_NEW,)
_SAY_FINAL = (_A.SEND_NEW, _A.START_LINGERING)
_SAY_REFUSAL = (_A.SEND_NEW, _A.START_RETRANSMITTING, _A.START_TIMEOUT)
_CONFIRMED = (*_QUIET, _A.START_LINGERING)

TABLE: dict[tuple[Kind, State, Input], Row] = {
    # INVITE client: RFC 3261 §17.1.1, RFC 6026 §8.4
    (_IC, _S.CALLING, _I.PROVISIONAL): Row(_S.PROCEEDING, (*_QUIET, _A.PASS_UP)),
    (_IC, _S.CALLING, _I.SUCCESS): Row(_S.ACCEPTED, _FINAL),
    (_IC, _S.CALLING, _I.FAILURE): Row(_S.COMPLETED, _REFUSED),
    (_IC, _S.CALLING, _I.RETRANSMIT): Row(_S.CALLING, _REPEAT),  # Timer A
    (_IC, _S.CALLING, _I.TIMEOUT): Row(_S.TERMINATED, _LATE),  # Timer B
    (_IC, _S.CALLING, _I.TRANSPORT_ERROR): Row(_S.TERMINATED, _DEAD),  # §17.1.4
    (_IC, _S.PROCEEDING, _I.PROVISIONAL): Row(_S.PROCEEDING, (_A.PASS_UP,)),
    (_IC, _S.PROCEEDING, _I.SUCCESS): Row(_S.ACCEPTED, _FINAL),
    (_IC, _S.PROCEEDING, _I.FAILURE): Row(_S.COMPLETED, _REFUSED),
    (_IC, _S.PROCEEDING, _I.TIMEOUT): Row(_S.TERMINATED, _LATE),  # cancelled in vain, §9.1
    (_IC, _S.PROCEEDING, _I.TRANSPORT_ERROR): Row(_S.TERMINATED, _DEAD),
    (_IC, _S.COMPLETED, _I.PROVISIONAL): Row(_S.COMPLETED),
    (_IC, _S.COMPLETED, _I.SUCCESS): Row(_S.COMPLETED),
    (_IC, _S.COMPLETED, _I.FAILURE): Row(_S.COMPLETED, (_A.SEND_ACK,)),
    (_IC, _S.COMPLETED, _I.LINGER): Row(_S.TERMINATED),  # Timer D
    (_IC, _S.COMPLETED, _I.TRANSPORT_ERROR): Row(_S.COMPLETED),
    (_IC, _S.ACCEPTED, _I.PROVISIONAL): Row(_S.ACCEPTED),
    (_IC, _S.ACCEPTED, _I.SUCCESS): Row(_S.ACCEPTED, (_A.PASS_UP,)),  # repeated or forked
    (_IC, _S.ACCEPTED, _I.FAILURE): Row(_S.ACCEPTED),
    (_IC, _S.ACCEPTED, _I.LINGER): Row(_S.TERMINATED),  # Timer M
    (_IC, _S.ACCEPTED, _I.TRANSPORT_ERROR): Row(_S.ACCEPTED),
    # other clients: RFC 3261 §17.1.2
    (_NC, _S.TRYING, _I.PROVISIONAL): Row(_S.PROCEEDING, (_A.PASS_UP,)),
    (_NC, _S.TRYING, _I.SUCCESS): Row(_S.COMPLETED, _FINAL),
    (_NC, _S.TRYING, _I.FAILURE): Row(_S.COMPLETED, _FINAL),
    (_NC, _S.TRYING, _I.RETRANSMIT): Row(_S.TRYING, _REPEAT),  # Timer E
    (_NC, _S.TRYING, _I.TIMEOUT): Row(_S.TERMINATED, _LATE),  # Timer F
    (_NC, _S.TRYING, _I.TRANSPORT_ERROR): Row(_S.TERMINATED, _DEAD),
    (_NC, _S.PROCEEDING, _I.PROVISIONAL): Row(_S.PROCEEDING, (_A.PASS_UP,)),
    (_NC, _S.PROCEEDING, _I.SUCCESS): Row(_S.COMPLETED, _FINAL),
    (_NC, _S.PROCEEDING, _I.FAILURE): Row(_S.COMPLETED, _FINAL),
    (_NC, _S.PROCEEDING, _I.RETRANSMIT): Row(_S.PROCEEDING, _REPEAT),  # Timer E, at T2
    (_NC, _S.PROCEEDING, _I.TIMEOUT): Row(_S.TERMINATED, _LATE),
    (_NC, _S.PROCEEDING, _I.TRANSPORT_ERROR): Row(_S.TERMINATED, _DEAD),
    (_NC, _S.COMPLETED, _I.PROVISIONAL): Row(_S.COMPLETED),
    (_NC, _S.COMPLETED, _I.SUCCESS): Row(_S.COMPLETED),
    (_NC, _S.COMPLETED, _I.FAILURE): Row(_S.COMPLETED),
    (_NC, _S.COMPLETED, _I.LINGER): Row(_S.TERMINATED),  # Timer K
    (_NC, _S.COMPLETED, _I.TRANSPORT_ERROR): Row(_S.COMPLETED),
    # INVITE server: RFC 3261 §17.2.1, RFC 6026 §7.1
    (_IS, _S.PROCEEDING, _I.REQUEST): Row(_S.PROCEEDING, (_A.SEND,)),
    (_IS, _S.PROCEEDING, _I.ACK): Row(_S.PROCEEDING),
    (_IS, _S.PROCEEDING, _I.PROVISIONAL): Row(_S.PROCEEDING, _SAY),
    (_IS, _S.PROCEEDING, _I.SUCCESS): Row(_S.ACCEPTED, _SAY_FINAL),
    (_IS, _S.PROCEEDING, _I.FAILURE): Row(_S.COMPLETED, _SAY_REFUSAL),
    (_IS, _S.COMPLETED, _I.REQUEST): Row(_S.COMPLETED, (_A.SEND,)),
    (_IS, _S.COMPLETED, _I.ACK): Row(_S.CONFIRMED, _CONFIRMED),
    (_IS, _S.COMPLETED, _I.RETRANSMIT): Row(_S.COMPLETED, _REPEAT),  # Timer G
    (_IS, _S.COMPLETED, _I.TIMEOUT): Row(_S.TERMINATED, _QUIET),  # Timer H
    (_IS, _S.CONFIRMED, _I.REQUEST): Row(_S.CONFIRMED),
    (_IS, _S.CONFIRMED, _I.ACK): Row(_S.CONFIRMED),
    (_IS, _S.CONFIRMED, _I.LINGER): Row(_S.TERMINATED),  # Timer I
    (_IS, _S.ACCEPTED, _I.REQUEST): Row(_S.ACCEPTED),
    (_IS, _S.ACCEPTED, _I.ACK): Row(_S.ACCEPTED),  # it has no transaction: the session hears it
    (_IS, _S.ACCEPTED, _I.SUCCESS): Row(_S.ACCEPTED, _SAY),  # the user's own repetition
    (_IS, _S.ACCEPTED, _I.LINGER): Row(_S.TERMINATED),  # Timer L
    # other servers: RFC 3261 §17.2.2
    (_NS, _S.TRYING, _I.REQUEST): Row(_S.TRYING),
    (_NS, _S.TRYING, _I.PROVISIONAL): Row(_S.PROCEEDING, _SAY),
    (_NS, _S.TRYING, _I.SUCCESS): Row(_S.COMPLETED, _SAY_FINAL),
    (_NS, _S.TRYING, _I.FAILURE): Row(_S.COMPLETED, _SAY_FINAL),
    (_NS, _S.PROCEEDING, _I.REQUEST): Row(_S.PROCEEDING, (_A.SEND,)),
    (_NS, _S.PROCEEDING, _I.PROVISIONAL): Row(_S.PROCEEDING, _SAY),
    (_NS, _S.PROCEEDING, _I.SUCCESS): Row(_S.COMPLETED, _SAY_FINAL),
    (_NS, _S.PROCEEDING, _I.FAILURE): Row(_S.COMPLETED, _SAY_FINAL),
    (_NS, _S.COMPLETED, _I.REQUEST): Row(_S.COMPLETED, (_A.SEND,)),
    (_NS, _S.COMPLETED, _I.LINGER): Row(_S.TERMINATED),  # Timer J
}
