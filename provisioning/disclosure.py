"""May a secret leave? The one decision about every request of a phone, as one table of rules.

PURE. A password leaves inside an open window to the device whose own hardware address asks, to
whoever proves the device's own secret, and by a link for a softphone that was not used yet; never
to another network, never to a neighbour that is not the one it says to be, and never by TFTP to a
device that has spoken HTTP. The rules are read from the top; the first that fits holds. What is
counted as a miss throttles its source (throttle.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from provisioning.api import Transport
from provisioning.credentials import Proof


class Verdict(Enum):
    """What the answer is; the value is the stable key of the log of requests."""

    OUTSIDE = "outside"  # not our network
    THROTTLED = "throttled"
    SWITCHED_OFF = "switched_off"
    UNKNOWN = "unknown"  # no brand of ours asks so
    TFTP_OFF = "tftp_off"
    PUBLIC = "public"  # a file of a model, without anything of a device
    MISMATCH = "mismatch"  # it claims another's hardware address
    WRONG_PROOF = "wrong_proof"
    FULL = "full"
    CHALLENGE = "challenge"
    PLAIN = "plain"  # its settings without passwords
    GUEST = "guest"  # a phone without a number
    STRANGER = "stranger"
    LINK = "link"  # a softphone's account, once
    LINK_SHOWN = "link_shown"  # a browser, or a head, which uses nothing up
    LINK_USED = "link_used"
    LINK_LATE = "link_late"
    LINK_WRONG = "link_wrong"
    UNWRITABLE = "unwritable"  # a value of it cannot stand in the brand's file
    UNAVAILABLE = "unavailable"  # nobody could decide: the daemon does not answer


#: What counts towards the throttle of a source.
MISSES = frozenset(
    {
        Verdict.UNKNOWN,
        Verdict.MISMATCH,
        Verdict.WRONG_PROOF,
        Verdict.STRANGER,
        Verdict.LINK_WRONG,
    }
)


class Link(Enum):
    """What the link of a request is worth; the values are those of the daemon."""

    NONE = "none"
    OPEN = "open"
    USED = "used"
    LATE = "late"
    WRONG = "wrong"  # nobody made it


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the decision looks at.

    claimed: the hardware address that the request names, or empty; seen: that of the neighbour who
    sent it, or empty when it is none; is_known: stands among the phones of the settings, switched
    on; has_window: a window is open for claimed; has_secret: its own secret was delivered; proof:
    by URL or credentials; may_tftp: the settings let this brand use TFTP; link: for a softphone; it
    names no device; is_look: a browser, or a HEAD, that is not to use it up;
    waits_for_key: it was never told a secret, and its own key is to open its window;
    is_unwritable: it may be told, but its file cannot be made.
    """

    is_local: bool = True
    is_throttled: bool = False
    is_enabled: bool = True
    is_identified: bool = True
    transport: Transport = Transport.HTTP
    may_tftp: bool = True
    claimed: str = ""
    seen: str = ""
    is_known: bool = False
    is_switched_off: bool = False
    has_window: bool = False
    has_secret: bool = False
    has_spoken_http: bool = False
    proof: Proof = Proof.NONE
    gives_guests: bool = True
    link: Link = Link.NONE
    is_look: bool = False
    waits_for_key: bool = False
    is_unwritable: bool = False

    @property
    def is_tftp(self) -> bool:
        return self.transport is Transport.TFTP

    @property
    def is_itself(self) -> bool:
        """The neighbour who asks is the device that it names."""
        return bool(self.claimed) and self.claimed == self.seen

    @property
    def is_somebody_else(self) -> bool:
        return bool(self.claimed) and bool(self.seen) and self.claimed != self.seen

    @property
    def is_refused_tftp(self) -> bool:
        return self.is_tftp and not self.may_tftp

    @property
    def is_made_up(self) -> bool:
        """It names a device that nobody knows, and that does not ask itself."""
        return bool(self.claimed) and not self.is_known and not self.is_itself

    @property
    def may_be_told(self) -> bool:
        """By this transport a secret may go to this device at all."""
        return not (self.is_tftp and self.has_spoken_http)


RULES: tuple[tuple[Verdict, Callable[[Facts], bool]], ...] = (
    (Verdict.OUTSIDE, lambda f: not f.is_local),
    (Verdict.THROTTLED, lambda f: f.is_throttled),
    (Verdict.SWITCHED_OFF, lambda f: not f.is_enabled),
    (Verdict.LINK_WRONG, lambda f: f.link is not Link.NONE and f.is_tftp),
    (Verdict.LINK_WRONG, lambda f: f.link is Link.WRONG),
    (Verdict.LINK_USED, lambda f: f.link is Link.USED),
    (Verdict.LINK_LATE, lambda f: f.link is Link.LATE),
    (Verdict.UNWRITABLE, lambda f: f.is_unwritable),
    (Verdict.LINK_SHOWN, lambda f: f.link is Link.OPEN and f.is_look),
    (Verdict.LINK, lambda f: f.link is Link.OPEN),
    (Verdict.UNKNOWN, lambda f: not f.is_identified),
    (Verdict.MISMATCH, lambda f: f.is_somebody_else),
    (Verdict.STRANGER, lambda f: f.is_refused_tftp and f.is_made_up),
    (Verdict.TFTP_OFF, lambda f: f.is_refused_tftp),
    (Verdict.PUBLIC, lambda f: not f.claimed),
    (Verdict.SWITCHED_OFF, lambda f: f.is_switched_off),
    (Verdict.FULL, lambda f: f.is_known and f.has_window and f.is_itself and f.may_be_told),
    (Verdict.WRONG_PROOF, lambda f: f.proof is Proof.WRONG),
    (Verdict.FULL, lambda f: f.is_known and f.proof is Proof.RIGHT and f.may_be_told),
    (Verdict.CHALLENGE, lambda f: f.is_known and f.has_secret and not f.is_tftp),
    (Verdict.GUEST, lambda f: f.is_known and f.waits_for_key and f.is_itself and f.may_be_told),
    (Verdict.PLAIN, lambda f: f.is_known),
    (Verdict.GUEST, lambda f: f.gives_guests and f.is_itself and f.may_be_told),
    (Verdict.STRANGER, lambda f: True),
)


def decide(facts: Facts) -> Verdict:
    """The verdict of the first rule that fits."""
    return next(verdict for verdict, fits in RULES if fits(facts))
