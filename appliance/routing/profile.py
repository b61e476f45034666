"""How this office dials: dial profiles P9, P0, none and custom (K1), and what digits mean in them.

PURE. ``Profile`` is compiled once per snapshot. The order of meanings is fixed: emergency numbers
before everything that an owner can edit (K2), then feature codes, extensions, and what a custom
profile's replacements or the outside prefix lead to. ``can_grow`` answers for phones that dial
digit by digit whether a longer number could still come (K5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from appliance.config.model import (
    DestinationKind,
    DialProfile,
    Document,
    NumberingPlan,
    Replacement,
)
from appliance.routing.decision import Reason
from appliance.routing.number import Numbers, normalise, shown
from appliance.routing.way import ways_of

_PREFIXES = {"P9": "9", "P0": "0", "none": ""}


class Feature(Enum):
    """What a code of the box does."""

    PICKUP = "pickup"
    DIRECTED_PICKUP = "directed_pickup"
    WAY = "way"  # the key of a trunk or a line
    ECHO = "echo"
    ADDRESS = "address"
    VOICEMAIL = "voicemail"
    FORWARD_ALWAYS = "forward_always"
    FORWARD_BUSY = "forward_busy"
    FORWARD_NO_ANSWER = "forward_no_answer"
    FORWARD_OFFLINE = "forward_offline"
    FORWARD_END = "forward_end"
    FORWARD_BUSY_END = "forward_busy_end"
    FORWARD_NO_ANSWER_END = "forward_no_answer_end"
    FORWARD_OFFLINE_END = "forward_offline_end"


#: Codes behind which the number follows that calls shall go to.
FORWARDING = (
    Feature.FORWARD_ALWAYS,
    Feature.FORWARD_BUSY,
    Feature.FORWARD_NO_ANSWER,
    Feature.FORWARD_OFFLINE,
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What dialled digits are. kind None = nothing that anybody could be called by.

    number: the extension, E.164 digits without plus, the service number, or a feature's argument;
    country: ISO code for outside numbers.
    """

    kind: DestinationKind | None
    number: str
    reasons: tuple[Reason, ...]
    country: str = ""
    feature: Feature | None = None


def outside_prefix(profile: DialProfile) -> str:
    """The digits that lead outside: fixed by a named profile, free in a custom one."""
    return _PREFIXES.get(profile.name, profile.outside_prefix)


class Profile:
    """One office's dial plan, compiled."""

    def __init__(self, document: Document, plan: NumberingPlan, numbers: Numbers) -> None:
        dialling = document.dialling
        self.name = dialling.name
        self.prefix = outside_prefix(dialling)
        self.numbers = numbers
        self.replacements: tuple[Replacement, ...] = (
            dialling.replacements if dialling.name == "custom" else ()
        )
        self.extensions = document.extension_by_number
        self.emergency = _emergency_numbers(plan, self.prefix)
        self.emergency_waits = _waiting_emergency_numbers(plan, self.prefix)
        self.directed_pickup_code = dialling.directed_pickup_code
        codes = (
            (dialling.pickup_code, Feature.PICKUP),
            (dialling.echo_code, Feature.ECHO),
            (dialling.address_code, Feature.ADDRESS),
            (dialling.voicemail_code, Feature.VOICEMAIL),
            (dialling.forward_always_code, Feature.FORWARD_ALWAYS),
            (dialling.forward_busy_code, Feature.FORWARD_BUSY),
            (dialling.forward_no_answer_code, Feature.FORWARD_NO_ANSWER),
            (dialling.forward_offline_code, Feature.FORWARD_OFFLINE),
            (dialling.forward_end_code, Feature.FORWARD_END),
            (dialling.forward_busy_end_code, Feature.FORWARD_BUSY_END),
            (dialling.forward_no_answer_end_code, Feature.FORWARD_NO_ANSWER_END),
            (dialling.forward_offline_end_code, Feature.FORWARD_OFFLINE_END),
        )
        self.codes = {code: feature for code, feature in codes if code}
        #: Those of FORWARDING, which a number follows.
        self.forward_codes = {c: f for c, f in self.codes.items() if f in FORWARDING}
        self._ways = _ways_by_key(document)
        self._growing = _proper_prefixes((*self.emergency, *self.codes, *self.extensions))
        self._growing_extensions = _proper_prefixes(self.extensions)

    def read(self, digits: str) -> Meaning:
        """What the normalised digits mean; the reasons tell the way to it."""
        found = self._read_exact(digits)
        if found is not None:
            return found
        for replacement in self.replacements:
            if _applies(replacement, digits):
                return self._read_replaced(replacement, digits)
        return self._read_outside(digits, ())

    def can_grow(self, digits: str) -> bool:
        """True when a longer number could still come of these digits."""
        if digits in self._growing or self._can_grow_into_pickup(digits):
            return True
        for start in self.forward_codes:
            if digits.startswith(start):
                return digits == start or self.can_grow(digits[len(start) :])
        for replacement in self.replacements:
            start = replacement.prefix
            if len(digits) < max(len(start), replacement.length) and (
                start.startswith(digits) or digits.startswith(start)
            ):
                return True
            if not replacement.length and digits.startswith(start):
                instead = replacement.instead + digits[len(start) :]
                return instead in self._growing or self._can_grow_outside(instead)
        return self._can_grow_outside(digits)

    def must_wait(self, digits: str, meaning: Meaning) -> bool:
        """True when digit-by-digit dialling should wait for the next digit or the timer.

        112 and 101-104 never wait; an emergency number that local numbers may start with does (K2).
        """
        if meaning.kind is DestinationKind.EMERGENCY and digits not in self.emergency_waits:
            return False
        return self.can_grow(digits)

    def _read_exact(self, digits: str) -> Meaning | None:
        number = self.emergency.get(digits[1:] if digits[:1] == "+" else digits)
        if number is not None:
            reason = Reason("meaning.emergency", {"digits": digits, "number": number})
            return Meaning(DestinationKind.EMERGENCY, number, (reason,))
        extension = self.extensions.get(digits)
        feature = self.codes.get(digits)
        if feature is not None:
            reason = Reason(f"meaning.{feature.value}", {"digits": digits})
            number = "" if digits in self.forward_codes else digits
            return Meaning(DestinationKind.FEATURE, number, (reason,), feature=feature)
        if extension is not None:
            key = "meaning.extension_named" if extension.name else "meaning.extension"
            reason = Reason(key, {"number": digits, "name": extension.name})
            return Meaning(DestinationKind.INTERNAL, digits, (reason,))
        code = self.directed_pickup_code
        if code and digits.startswith(code) and len(digits) > len(code):
            wanted = digits[len(code) :]
            wanted = self._ways.get(wanted, wanted)
            reason = Reason("meaning.directed_pickup", {"digits": shown(digits)})
            return Meaning(
                DestinationKind.FEATURE, wanted, (reason,), feature=Feature.DIRECTED_PICKUP
            )
        for start, feature in self.forward_codes.items():
            if digits.startswith(start):
                reason = Reason(f"meaning.{feature.value}", {"digits": shown(digits)})
                rest = digits[len(start) :]
                return Meaning(DestinationKind.FEATURE, rest, (reason,), feature=feature)
        way = self._ways.get(digits, "")
        if way:
            reason = Reason("meaning.way", {"trunk": shown(way)})
            return Meaning(DestinationKind.FEATURE, way, (reason,), feature=Feature.WAY)
        return None

    def _read_replaced(self, replacement: Replacement, digits: str) -> Meaning:
        instead = replacement.instead + digits[len(replacement.prefix) :]
        reason = Reason("profile.replaced", {"digits": shown(digits), "instead": shown(instead)})
        found = self._read_exact(instead)
        if found is None:
            return self._read_outside(instead, (reason,))
        return Meaning(found.kind, found.number, (reason, *found.reasons), feature=found.feature)

    def _read_outside(self, digits: str, reasons: tuple[Reason, ...]) -> Meaning:
        prefix = self.prefix
        outside = digits
        if prefix:
            if digits.startswith(prefix):
                outside = digits[len(prefix) :]
                params = {"profile": self.name, "prefix": prefix, "rest": shown(outside)}
                reasons = (*reasons, Reason("profile.prefix", params))
            elif digits[:1] != "+":
                params = {"digits": shown(digits), "prefix": prefix}
                return Meaning(None, digits, (*reasons, Reason("profile.prefix_missing", params)))
        e164 = self.numbers.read(outside)
        if not e164:
            reason = Reason("meaning.unknown", {"digits": shown(digits)})
            return Meaning(None, digits, (*reasons, reason))
        kind, country = self.numbers.classify(e164)
        params = {"number": "+" + e164, "kind": kind._value_}
        if kind is DestinationKind.INTERNATIONAL:
            params |= self.country_params(country)
            return Meaning(kind, e164, (*reasons, Reason("meaning.abroad", params)), country)
        return Meaning(kind, e164, (*reasons, Reason("meaning.outside", params)), country)

    def country_params(self, country: str) -> dict[str, str]:
        """How reasons name a country: its code, and its name in each language."""
        return {
            "country": country or "?",
            "country_ru": self.numbers.country_name(country, "ru") or "?",
            "country_en": self.numbers.country_name(country, "en") or "?",
        }

    def _can_grow_outside(self, digits: str) -> bool:
        if digits[:1] == "+":
            return self.numbers.can_grow(digits)
        if digits.startswith(self.prefix):
            return self.numbers.can_grow(digits[len(self.prefix) :])
        return self.prefix.startswith(digits)

    def _can_grow_into_pickup(self, digits: str) -> bool:
        code = self.directed_pickup_code
        if not digits.startswith(code):
            return bool(code) and code.startswith(digits)
        return bool(code) and digits[len(code) :] in self._growing_extensions


def _ways_by_key(document: Document) -> dict[str, str]:
    """The names of trunks and lines as a phone's key dials them; one without a letter could be
    somebody's number."""
    keys = {normalise(way.name): way.name for way in ways_of(document)}
    return {key: name for key, name in keys.items() if any(letter.isalpha() for letter in key)}


def _applies(replacement: Replacement, digits: str) -> bool:
    is_long_enough = replacement.length in (0, len(digits))
    return is_long_enough and digits.startswith(replacement.prefix)


def _emergency_numbers(plan: NumberingPlan, prefix: str) -> dict[str, str]:
    """Digits dialled -> emergency number, bare and behind the outside prefix."""
    numbers = {prefix + number: number for number in plan.emergency}
    numbers.update({number: number for number in plan.emergency})
    return numbers


def _waiting_emergency_numbers(plan: NumberingPlan, prefix: str) -> frozenset[str]:
    """Emergency digits that a longer number may start with: the plan's own, and the old two-digit
    ones that begin with the outside prefix (profile P0: ``04`` may be 0 and a city number)."""
    waiting = set(plan.emergency_after_timer)
    waiting.update(prefix + number for number in plan.emergency_after_timer)
    if prefix:
        waiting.update(n for n in plan.emergency if len(n) == 2 and n.startswith(prefix))
    return frozenset(waiting)


def _proper_prefixes(numbers: Iterable[str]) -> frozenset[str]:
    return frozenset(number[:length] for number in numbers for length in range(len(number)))
