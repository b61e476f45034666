"""The wizard's second step: country and dial profile, and what six sample numbers become by them.

PURE: ``rows`` asks ``decide``, the very function that routes live calls, with an office that lacks
nothing but what this step is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from appliance.config.checks.forwards import FIELDS as FORWARDS
from appliance.config.codec import Decoded, decode, to_data
from appliance.config.model import DestinationKind, DialRule, Document, Extension, Trunk
from appliance.config.presets import make_snapshot
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, Decision, LiveState, UseTrunk, Verdict
from appliance.routing.samples import samples
from appliance.routing.texts import say, say_kind
from webui.words import N_

#: Profile -> its outside prefix; a custom one brings its own.
PREFIXES = {"P9": "9", "P0": "0", "none": ""}
FIELDS = ("country", "profile", "outside_prefix", "area_code", "local_length")
PATHS = {
    "site.country": "country",
    "dialling.name": "profile",
    "dialling.outside_prefix": "outside_prefix",
    "dialling.area_code": "area_code",
    "dialling.local_length": "local_length",
}
LABELS = {
    "country": N_("Country"),
    "profile": N_("To call outside, people dial"),
    "outside_prefix": N_("Another prefix"),
    "area_code": N_("Area code"),
    "local_length": N_("City number, figures"),
}
MOST_ROWS = 7
_NO_FORWARDS: Mapping[str, Any] = dict.fromkeys(FORWARDS, "")
_HOST = "192.0.2.1"  # RFC 5737


@dataclass(frozen=True, slots=True)
class Row:
    """One sample: what is dialled, what it is, what it becomes, whether it goes, and why so."""

    dialled: str
    kind: str
    becomes: str
    goes: bool
    reasons: tuple[str, ...]


def values_of(document: Document) -> dict[str, str]:
    """What the form holds at first."""
    dialling = document.dialling
    return {
        "country": document.site.country,
        "profile": dialling.name,
        "outside_prefix": dialling.outside_prefix,
        "area_code": dialling.area_code,
        "local_length": str(dialling.local_length),
    }


def apply(document: Document, values: Mapping[str, str]) -> Decoded:
    """The document with what was chosen; a profile with a prefix of its own brings it."""
    given = {name: values.get(name, "").strip() for name in FIELDS}
    data = to_data(document)
    data["site"]["country"] = given["country"]
    prefix = PREFIXES.get(given["profile"], given["outside_prefix"])
    data["dialling"] |= {
        "name": given["profile"],
        "outside_prefix": prefix,
        "area_code": given["area_code"],
        "local_length": given["local_length"],
    }
    return decode(data)


def rows(document: Document, now: datetime, language: str) -> tuple[Row, ...]:
    """The samples of an office that dials so; now: aware, in the office's zone."""
    office = _complete(document, "оператор" if language == "ru" else "provider")
    caller = office.extensions[-1].number
    snapshot = make_snapshot(0, office)
    state = LiveState(bindings={e.number: ("phone",) for e in office.extensions})
    found = []
    for sample in samples(snapshot)[:MOST_ROWS]:
        request = CallRequest(dialled=sample.dialled, extension=caller)
        found.append(_row(sample.dialled, decide(request, snapshot, state, now), language))
    return tuple(found)


def _complete(document: Document, way: str) -> Document:
    """The document with two extensions of the usual class, and with a trunk and a rule of that
    name: what a real one may not call, or forwards, is no matter of this step."""
    classes = [c.name for c in document.classes]
    usual = "national" if "national" in classes else (classes[-1] if classes else "")
    extensions = document.extensions
    for number in ("2001", "2002", "2003"):
        if len(extensions) < 2 and number not in document.extension_by_number:
            sample = Extension(number=number, secret="-", class_of_service=usual)
            extensions = (*extensions, sample)
    extensions = tuple(
        replace(each, class_of_service=usual, is_enabled=True, **_NO_FORWARDS)
        for each in extensions
    )
    rule = DialRule(name=way, kinds=tuple(DestinationKind), ways=(way,))
    return replace(
        document,
        extensions=extensions,
        trunks=(*document.trunks, Trunk(name=way, host=_HOST)),
        rules=(*document.rules, rule),
    )


def _row(dialled: str, decision: Decision, language: str) -> Row:
    sent = next((s.number for s in decision.steps if isinstance(s, UseTrunk)), "")
    becomes = decision.number or sent or "—"
    return Row(
        dialled=dialled,
        kind=say_kind(decision.kind, language) if decision.kind else "",
        becomes=becomes,
        goes=decision.verdict is Verdict.ROUTE,
        reasons=tuple(say(reason, language) for reason in decision.reasons),
    )
