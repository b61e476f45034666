"""Numbers as text: what was dialled, what it is in E.164, and how a trunk wants it.

PURE. ``normalise`` cleans a SIP user part (RFC 3261 §19.1.1, RFC 3966 separators); ``Numbers`` is a
country's numbering plan joined with the office's area, made once per snapshot. E.164 digits carry
no plus in here; a plus is put on where a person or another room reads them.
Which dialled digits lead outside at all is profile.py's business.
"""

from __future__ import annotations

from urllib.parse import unquote

from appliance.config.model import DestinationKind, DialProfile, NumberForm, NumberingPlan

#: Digits of country code and national number together (E.164 §6.1); the shortest in use has 7.
LONGEST_E164 = 15
SHORTEST_E164 = 7
#: Longest text of a dialled number that is repeated in reasons.
SHOWN_LENGTH = 40

#: What people write between digits, and the marks of direction that address books put around a
#: number that is copied.
_SEPARATORS = dict.fromkeys(
    map(
        ord,
        " \t\r\n-.()/\u00a0\u2007\u2009\u200e\u200f\u2010\u2011\u2012\u2013\u2014\u202a\u202c\u202d"
        "\u202f\u2066\u2067\u2068\u2069\u2212",
    )
)
_SCHEMES = ("sip:", "sips:", "tel:")


def normalise(dialled: str) -> str:
    """The dialled characters alone: ``sip:+7%20(495)555-15-25;x=y@host`` gives ``+74955551525``.

    Visual separators, user parameters, percent-escapes, a scheme and a host are taken off; what
    else is no digit stays, so that it matches nothing.
    """
    if is_digits(dialled):
        return dialled
    text = dialled
    for scheme in _SCHEMES:
        if text[: len(scheme)].lower() == scheme:
            text = text[len(scheme) :]
            break
    text = text.partition("@")[0].partition(";")[0]
    if "%" in text:
        text = unquote(text)
    return text.translate(_SEPARATORS)


def shown(text: str) -> str:
    """Hostile text made fit for a reason, a log line or a terminal: printable and short."""
    if len(text) <= SHOWN_LENGTH and text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "?" for letter in text[:SHOWN_LENGTH])


def is_digits(text: str) -> bool:
    """True for one or more of the ten ASCII digits and nothing else."""
    return text.isascii() and text.isdigit()


class Numbers:
    """A numbering plan as one office dials in it."""

    def __init__(self, plan: NumberingPlan, profile: DialProfile) -> None:
        self.plan = plan
        self.area = plan.country_code + profile.area_code
        self.local_length = profile.local_length
        self.zone_length = len(plan.country_code) + plan.national_length
        # Where the trunk prefix is the country code too (+1), people dial national numbers bare.
        self.is_bare_national = plan.trunk_prefix == plan.country_code
        sure = set(plan.emergency) - set(plan.emergency_after_timer)
        self._never_local = ("0", plan.trunk_prefix, *sorted(sure))
        self._kinds = {
            plan.country_code + prefix: kind
            for kind, prefixes in (
                (DestinationKind.MOBILE, plan.mobile),
                (DestinationKind.PREMIUM, plan.premium),
                (DestinationKind.TOLL_FREE, plan.toll_free),
            )
            for prefix in prefixes
        }
        self._kind_lengths = sorted({len(prefix) for prefix in self._kinds}, reverse=True)
        self._zone_lengths = sorted({len(prefix) for prefix in plan.zones}, reverse=True)

    def country(self, e164: str) -> str:
        """The ISO code of the number's country (longest prefix wins), or empty."""
        zones = self.plan.zones
        for length in self._zone_lengths:
            found = zones.get(e164[:length])
            if found:
                return found
        return ""

    def country_name(self, country: str, language: str) -> str:
        """The country's name in that language; its ISO code where the plan has no name."""
        return self.plan.zone_names.get(country, {}).get(language, country)

    def classify(self, e164: str) -> tuple[DestinationKind, str]:
        """What the number is to this office, and its country."""
        country = self.country(e164)
        if not self._is_in_zone(e164) or country not in ("", self.plan.country):
            return DestinationKind.INTERNATIONAL, country
        for length in self._kind_lengths:
            kind = self._kinds.get(e164[:length])
            if kind is not None:
                return kind, self.plan.country
        if self._is_local(e164):
            return DestinationKind.LOCAL, self.plan.country
        return DestinationKind.NATIONAL, self.plan.country

    def is_valid(self, e164: str) -> bool:
        """True when the digits may be an E.164 number: length, and no zero in front.

        What a provider would read as an international call of his own is none, in any form of a
        trunk: +7 10… sent as 8 10…, or +8 10… sent as 810…, would reach any country unseen, and so
        would +7 26… sent as 8 26…, which chooses a carrier of calls abroad.
        """
        if not is_digits(e164) or e164[0] == "0":
            return False
        abroad = self.plan.international_prefix
        code = self.plan.country_code
        if e164.startswith(code):
            if (self.plan.trunk_prefix + e164[len(code) :]).startswith(abroad):
                return False
            is_whole = len(e164) == self.zone_length
            return is_whole and e164[len(code)] in self.plan.national_starts
        return SHORTEST_E164 <= len(e164) <= LONGEST_E164 and not e164.startswith(abroad)

    def read(self, digits: str) -> str:
        """The E.164 number that these digits reach when dialled on a public line, or empty.

        digits: +E.164, international prefix + E.164, trunk prefix + national, or a local number.
        """
        plan = self.plan
        if digits[:1] == "+":
            e164 = digits[1:]
        elif digits.startswith(plan.international_prefix):
            e164 = digits[len(plan.international_prefix) :]
        elif digits.startswith(plan.trunk_prefix):
            e164 = plan.country_code + digits[len(plan.trunk_prefix) :]
        elif len(digits) == self.local_length:
            return self.area + digits if is_digits(digits) and digits[0] != "0" else ""
        elif self.is_bare_national:
            e164 = plan.country_code + digits
        else:
            return ""
        return e164 if self.is_valid(e164) else ""

    def can_grow(self, digits: str) -> bool:
        """True when more digits could make a (longer) number of these (K5)."""
        plan = self.plan
        if not digits or (digits == "+"):
            return True
        if digits[0] == "+":
            return is_digits(digits[1:]) and len(digits) - 1 < self._longest(digits[1:])
        if not is_digits(digits):
            return False
        if digits.startswith(plan.international_prefix):
            rest = digits[len(plan.international_prefix) :]
            return rest[:1] != "0" and len(rest) < self._longest(rest)
        if plan.international_prefix.startswith(digits):
            return True
        if digits.startswith(plan.trunk_prefix):
            return len(digits) < len(plan.trunk_prefix) + plan.national_length
        longest = plan.national_length if self.is_bare_national else self.local_length
        return digits[0] != "0" and len(digits) < longest

    def interpret(self, text: str) -> str:
        """The E.164 number in a text from a trunk or the settings, in whatever form, or empty.

        A bare figure is read as +E.164 of this country, 8…, national, or local by its length;
        what is left is taken for foreign E.164 when its prefix is known.
        """
        digits = normalise(text)
        plan = self.plan
        if digits[:1] == "+":
            return digits[1:] if self.is_valid(digits[1:]) else ""
        if not is_digits(digits):
            return ""
        if digits.startswith(plan.international_prefix):
            e164 = digits[len(plan.international_prefix) :]
            if self.is_valid(e164):
                return e164
        e164 = self._complete(digits)
        return e164 if self.is_valid(e164) else ""

    def format(self, e164: str, form: NumberForm) -> str:
        """The E.164 number in a trunk's form."""
        if form is NumberForm.PLUS_E164:
            return "+" + e164
        if form is NumberForm.E164:
            return e164
        if form is NumberForm.LOCAL and self._is_local(e164):
            return e164[len(self.area) :]
        if self._is_in_zone(e164):
            return self.plan.trunk_prefix + e164[len(self.plan.country_code) :]
        return self.plan.international_prefix + e164

    def sent(self, e164: str, form: NumberForm) -> str:
        """The number as a way out is given it: in its form, but whole where an exchange would hear
        something else in the local digits (8…, 0…, 112…)."""
        digits = self.format(e164, form)
        is_short = form is NumberForm.LOCAL and self._is_local(e164)
        if is_short and digits.startswith(self._never_local):
            return self.format(e164, NumberForm.NATIONAL)
        return digits

    def _complete(self, digits: str) -> str:
        """Bare digits made E.164 by their length; foreign ones stay, others give empty."""
        plan = self.plan
        length = len(digits)
        if length == self.zone_length and digits.startswith(plan.country_code):
            return digits
        if length == len(plan.trunk_prefix) + plan.national_length and digits.startswith(
            plan.trunk_prefix
        ):
            return plan.country_code + digits[len(plan.trunk_prefix) :]
        if length == plan.national_length:
            return plan.country_code + digits
        if length == self.local_length and digits[0] != "0":
            return self.area + digits
        return digits if self.country(digits) not in ("", plan.country) else ""

    def _longest(self, e164: str) -> int:
        return self.zone_length if e164.startswith(self.plan.country_code) else LONGEST_E164

    def _is_in_zone(self, e164: str) -> bool:
        return len(e164) == self.zone_length and e164.startswith(self.plan.country_code)

    def _is_local(self, e164: str) -> bool:
        return len(e164) == len(self.area) + self.local_length and e164.startswith(self.area)
