"""What each torture message must lead to, for a registrar and B2BUA user agent like this box.

One row a message; the messages stand beside, bit-exact, in rfc4475/ and rfc5118/. The reasons are
in our words with the section of the RFC that shows the message; where that RFC leaves a choice, the
row holds what we chose and ``statuses`` everything that the RFC allows. For a live replay: make the
branch unique, since many of the messages share one (see unique_branch).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

FOLDER = Path(__file__).parent


class Verdict(Enum):
    ACCEPT = "accept"  # well-formed: understood, then answered by what it asks for
    ANSWER = "answer"  # refused with one of the statuses
    DROP = "drop"  # must not be answered, must not disturb


@dataclass(frozen=True, slots=True)
class Row:
    """statuses: final responses that are right; empty for a message that gets none.

    decided_by: ``message`` where parse_message and check_request or check_response say it all,
    ``endpoint`` where methods, extensions, bodies or the state of the box have a word.
    """

    file: str
    section: str
    is_request: bool
    verdict: Verdict
    statuses: frozenset[int]
    decided_by: str
    reason: str

    @property
    def path(self) -> Path:
        return FOLDER / self.file

    def read(self) -> bytes:
        """The message's octets."""
        return self.path.read_bytes()


#: What a stranger may get for a request that was understood: a challenge, no such user, no way.
_UNDERSTOOD = frozenset({200, 401, 403, 404, 407, 480, 486, 487, 488, 603})
_OPTIONS = frozenset({200, 401, 403, 404, 407, 480})
_REGISTER = frozenset({200, 401, 403, 404})
_NOT_OUR_METHOD = frozenset({405, 501})
_NO_DIALOG = frozenset({401, 407, 481})
_BAD = frozenset({400})
_NONE: frozenset[int] = frozenset()


def _accept(file: str, section: str, statuses: frozenset[int], reason: str) -> Row:
    return Row(file, section, True, Verdict.ACCEPT, statuses, "endpoint", reason)


def _refuse(
    file: str, section: str, statuses: frozenset[int], reason: str, by: str = "message"
) -> Row:
    return Row(file, section, True, Verdict.ANSWER, statuses, by, reason)


def _response(file: str, section: str, verdict: Verdict, reason: str) -> Row:
    return Row(file, section, False, verdict, _NONE, "message", reason)


RFC_4475 = (
    # ---- 3.1.1 valid messages
    _accept(
        "rfc4475/wsinv.dat",
        "RFC 4475 §3.1.1.1",
        _UNDERSTOOD | {481},
        "folding, blanks around every separator, compact forms, escapes in quotes and an unknown "
        "header of separators alone are all allowed; its To tag names a dialog that we do not know",
    ),
    _refuse(
        "rfc4475/intmeth.dat",
        "RFC 4475 §3.1.1.2",
        _NOT_OUR_METHOD,
        "each odd character is allowed where it stands; the method is merely unknown to a UAS",
        "endpoint",
    ),
    _accept(
        "rfc4475/esc01.dat",
        "RFC 4475 §3.1.1.3",
        _UNDERSTOOD,
        "the Request-URI's user is the escaped text sips:user@example.com; the scheme is sip",
    ),
    _accept(
        "rfc4475/escnull.dat",
        "RFC 4475 §3.1.1.4",
        _REGISTER,
        "escaped NULs are ordinary letters of a user; the two Contacts differ",
    ),
    _refuse(
        "rfc4475/esc02.dat",
        "RFC 4475 §3.1.1.5",
        _NOT_OUR_METHOD,
        "a percent sign is a token character: the method is not REGISTER, C%6Fntact no Contact",
        "endpoint",
    ),
    _accept(
        "rfc4475/lwsdisp.dat",
        "RFC 4475 §3.1.1.6",
        _OPTIONS,
        "no blank is needed between a display name and its angle bracket",
    ),
    _accept(
        "rfc4475/longreq.dat",
        "RFC 4475 §3.1.1.7",
        _UNDERSTOOD,
        "long values and 34 Via lines in every spelling are within any honest limit",
    ),
    _accept(
        "rfc4475/dblreq.dat",
        "RFC 4475 §3.1.1.8",
        _REGISTER,
        "octets behind the Content-Length of a datagram are no second request: REGISTER alone",
    ),
    _accept(
        "rfc4475/semiuri.dat",
        "RFC 4475 §3.1.1.9",
        _OPTIONS,
        "a semicolon before the at sign belongs to the user, as does the escaped at sign",
    ),
    _accept(
        "rfc4475/transports.dat",
        "RFC 4475 §3.1.1.10",
        _OPTIONS,
        "unknown transports in Via are well-formed",
    ),
    _accept(
        "rfc4475/mpart01.dat",
        "RFC 4475 §3.1.1.11",
        _UNDERSTOOD | {202, 415},
        "a binary multipart body is carried or refused as a type, never read as text",
    ),
    _response(
        "rfc4475/unreason.dat",
        "RFC 4475 §3.1.1.12",
        Verdict.ACCEPT,
        "a reason phrase may hold UTF-8 and figures",
    ),
    _response(
        "rfc4475/noreason.dat",
        "RFC 4475 §3.1.1.13",
        Verdict.ACCEPT,
        "a reason phrase may be empty",
    ),
    # ---- 3.1.2 invalid messages
    _refuse(
        "rfc4475/badinv01.dat",
        "RFC 4475 §3.1.2.1",
        _BAD,
        "separators without anything between them leave empty values in Via",
    ),
    _refuse(
        "rfc4475/clerr.dat",
        "RFC 4475 §3.1.2.2",
        _BAD,
        "the datagram ends before its Content-Length",
    ),
    _refuse(
        "rfc4475/ncl.dat",
        "RFC 4475 §3.1.2.3",
        _BAD,
        "no body has a negative length",
    ),
    _refuse(
        "rfc4475/scalar02.dat",
        "RFC 4475 §3.1.2.4",
        _BAD,
        "a CSeq beyond 2**31 cannot be echoed as a number; Max-Forwards is beyond 255 too",
    ),
    _response(
        "rfc4475/scalarlg.dat",
        "RFC 4475 §3.1.2.5",
        Verdict.DROP,
        "a response whose CSeq is beyond 2**31 answers nothing that anybody sent",
    ),
    _refuse(
        "rfc4475/quotbal.dat",
        "RFC 4475 §3.1.2.6",
        _BAD,
        "To's display name never ends",
    ),
    _refuse(
        "rfc4475/ltgtruri.dat",
        "RFC 4475 §3.1.2.7",
        _BAD,
        "a Request-URI stands without angle brackets",
    ),
    _refuse(
        "rfc4475/lwsruri.dat",
        "RFC 4475 §3.1.2.8",
        _BAD,
        "a Request-URI holds no blanks",
    ),
    _refuse(
        "rfc4475/lwsstart.dat",
        "RFC 4475 §3.1.2.9",
        _BAD,
        "the parts of a request line are parted by one blank each",
    ),
    _refuse(
        "rfc4475/trws.dat",
        "RFC 4475 §3.1.2.10",
        _BAD,
        "a request line ends with its version",
    ),
    _refuse(
        "rfc4475/escruri.dat",
        "RFC 4475 §3.1.2.11",
        _BAD,
        "a Request-URI carries no header fields; honouring them would let strangers route",
    ),
    _refuse(
        "rfc4475/baddate.dat",
        "RFC 4475 §3.1.2.12",
        _BAD | _UNDERSTOOD,
        "Date is written in GMT alone; the RFC allows to ignore the header instead",
    ),
    _refuse(
        "rfc4475/regbadct.dat",
        "RFC 4475 §3.1.2.13",
        _BAD,
        "a URI with a question mark needs angle brackets in Contact",
    ),
    _refuse(
        "rfc4475/badaspec.dat",
        "RFC 4475 §3.1.2.14",
        _BAD,
        "no blanks stand between an angle bracket and the URI",
    ),
    _refuse(
        "rfc4475/baddn.dat",
        "RFC 4475 §3.1.2.15",
        _BAD,
        "a display name with a comma needs quotes",
    ),
    _refuse(
        "rfc4475/badvers.dat",
        "RFC 4475 §3.1.2.16",
        frozenset({505}),
        "there is no SIP/7.0",
    ),
    _refuse(
        "rfc4475/mismatch01.dat",
        "RFC 4475 §3.1.2.17",
        _BAD,
        "CSeq names another method than the request line",
    ),
    _refuse(
        "rfc4475/mismatch02.dat",
        "RFC 4475 §3.1.2.18",
        _BAD | {501},
        "as above, with a method that is unknown besides",
    ),
    _response(
        "rfc4475/bigcode.dat",
        "RFC 4475 §3.1.2.19",
        Verdict.DROP,
        "a status is three digits",
    ),
    # ---- 3.2 transaction layer
    _accept(
        "rfc4475/badbranch.dat",
        "RFC 4475 §3.2.1",
        _OPTIONS,
        "a branch that is the magic cookie alone names no transaction: match as RFC 2543 did",
    ),
    # ---- 3.3 application layer
    _refuse(
        "rfc4475/insuf.dat",
        "RFC 4475 §3.3.1",
        _BAD,
        "To, From and Call-ID are missing; Via is enough to say so",
    ),
    _refuse(
        "rfc4475/unkscm.dat",
        "RFC 4475 §3.3.2",
        frozenset({416}),
        "well-formed, with a scheme in the Request-URI that nobody knows",
    ),
    _refuse(
        "rfc4475/novelsc.dat",
        "RFC 4475 §3.3.3",
        frozenset({416}),
        "well-formed, with a known scheme that no SIP element serves",
    ),
    _refuse(
        "rfc4475/unksm2.dat",
        "RFC 4475 §3.3.4",
        _BAD,
        "schemes in From and Contact may be any, but an address-of-record in To is a SIP URI",
    ),
    _refuse(
        "rfc4475/bext01.dat",
        "RFC 4475 §3.3.5",
        frozenset({420}),
        "extensions are required that nobody supports",
        "endpoint",
    ),
    _refuse(
        "rfc4475/invut.dat",
        "RFC 4475 §3.3.6",
        frozenset({415}),
        "a body of an unknown type is refused with Accept",
        "endpoint",
    ),
    _refuse(
        "rfc4475/regaut01.dat",
        "RFC 4475 §3.3.7",
        frozenset({401}),
        "credentials of an unknown scheme are as good as none",
        "endpoint",
    ),
    _refuse(
        "rfc4475/multi01.dat",
        "RFC 4475 §3.3.8",
        _BAD,
        "CSeq, Call-ID, To, From and Max-Forwards stand once",
    ),
    _refuse(
        "rfc4475/mcl01.dat",
        "RFC 4475 §3.3.9",
        _BAD,
        "with two Content-Lengths nobody knows where the body ends",
    ),
    _response(
        "rfc4475/bcast.dat",
        "RFC 4475 §3.3.10",
        Verdict.DROP,
        "a response with a second Via is meant for somebody else, here for a broadcast address",
    ),
    _accept(
        "rfc4475/zeromf.dat",
        "RFC 4475 §3.3.11",
        _OPTIONS | {483},
        "Max-Forwards 0 forbids to pass it on, not to answer it",
    ),
    _accept(
        "rfc4475/cparam01.dat",
        "RFC 4475 §3.3.12",
        _REGISTER,
        "without angle brackets an unknown parameter belongs to the Contact, and is ignored",
    ),
    _accept(
        "rfc4475/cparam02.dat",
        "RFC 4475 §3.3.13",
        _REGISTER,
        "within angle brackets an unknown parameter belongs to the URI, and is kept",
    ),
    _accept(
        "rfc4475/regescrt.dat",
        "RFC 4475 §3.3.14",
        _REGISTER,
        "a Contact's URI may carry headers; whether to obey them is for whoever calls it",
    ),
    _refuse(
        "rfc4475/sdp01.dat",
        "RFC 4475 §3.3.15",
        frozenset({406}) | _UNDERSTOOD,
        "the caller accepts no SDP, so that no answer could be given; a challenge may come first",
        "endpoint",
    ),
    # ---- 3.4 backward compatibility
    _accept(
        "rfc4475/inv2543.dat",
        "RFC 4475 §3.4.1",
        _UNDERSTOOD,
        "RFC 2543 knew no branch, no From tag and no Max-Forwards, and let a body end with its "
        "datagram",
    ),
)

RFC_5118 = (
    _accept(
        "rfc5118/ipv6-good.dat",
        "RFC 5118 §4.1",
        _REGISTER,
        "IPv6 addresses in brackets",
    ),
    _refuse(
        "rfc5118/ipv6-bad.dat",
        "RFC 5118 §4.2",
        _BAD,
        "an IPv6 address in a Request-URI needs brackets",
    ),
    _accept(
        "rfc5118/port-ambiguous.dat",
        "RFC 5118 §4.3",
        _REGISTER,
        "what looks like a port within the brackets is the address's last group",
    ),
    _accept(
        "rfc5118/port-unambiguous.dat",
        "RFC 5118 §4.4",
        _REGISTER,
        "a port stands behind the bracket",
    ),
    Row(
        "rfc5118/via-received-param-with-delim.dat",
        "RFC 5118 §4.5",
        True,
        Verdict.ACCEPT,
        _NO_DIALOG,
        "endpoint",
        "brackets in received are against the grammar, but are met: both forms are read",
    ),
    _accept(
        "rfc5118/via-received-param-no-delim.dat",
        "RFC 5118 §4.5",
        _OPTIONS,
        "received holds the address without brackets",
    ),
    _accept(
        "rfc5118/ipv6-in-sdp.dat",
        "RFC 5118 §4.6",
        _UNDERSTOOD,
        "IPv6 in the session description, without brackets",
    ),
    _accept(
        "rfc5118/mult-ip-in-header.dat",
        "RFC 5118 §4.7",
        _NO_DIALOG,
        "Vias of both families in one request; the BYE belongs to no dialog",
    ),
    _accept(
        "rfc5118/mult-ip-in-sdp.dat",
        "RFC 5118 §4.8",
        _UNDERSTOOD,
        "media of both families in one description",
    ),
    _accept(
        "rfc5118/ipv4-mapped-ipv6.dat",
        "RFC 5118 §4.9",
        _UNDERSTOOD,
        "IPv4-mapped IPv6 addresses are IPv6 addresses",
    ),
    _accept(
        "rfc5118/ipv6-bug-abnf-3-colons.dat",
        "RFC 5118 §4.10",
        _OPTIONS,
        "RFC 3261's grammar makes three colons before an embedded IPv4 address; read as two",
    ),
    _accept(
        "rfc5118/ipv6-correct-abnf-2-colons.dat",
        "RFC 5118 §4.10",
        _OPTIONS,
        "two colons before an embedded IPv4 address",
    ),
)

ROWS = RFC_4475 + RFC_5118


def unique_branch(message: bytes, branch: bytes) -> bytes:
    """The message with another branch in its topmost Via where it has one of RFC 3261's form.

    branch: begins with ``z9hG4bK``. A branch that is the cookie alone stays: that is its point.
    """
    start = message.find(b"branch=z9hG4bK")
    if start < 0:
        return message
    start += len(b"branch=")
    end = start
    while end < len(message) and message[end] not in b" \t\r\n;,":
        end += 1
    if end - start == len(b"z9hG4bK"):
        return message
    return message[:start] + branch + message[end:]
