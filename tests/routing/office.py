"""Offices for routing's tests: one document with everything in it, in any dial profile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.config.model import (
    ClassOfService,
    DestinationKind,
    DialProfile,
    DialRule,
    Did,
    Document,
    Extension,
    NumberForm,
    Site,
    Snapshot,
    Trunk,
)
from appliance.config.presets.loader import make_snapshot
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, Decision, LiveState

K = DestinationKind
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo("Europe/Moscow"))

INSIDE = (K.INTERNAL, K.FEATURE)
CITY = (*INSIDE, K.LOCAL, K.TOLL_FREE)
COUNTRY = (*CITY, K.NATIONAL, K.MOBILE)
ABROAD = (*COUNTRY, K.INTERNATIONAL)
CLASSES = (
    ClassOfService(name="nothing", allows=()),
    ClassOfService(name="internal", allows=(K.INTERNAL,)),
    ClassOfService(name="local", allows=CITY),
    ClassOfService(name="national", allows=COUNTRY),
    ClassOfService(name="neighbours", allows=ABROAD, countries=("BY", "KZ")),
    ClassOfService(name="prefixes", allows=ABROAD, countries=("+3806", "+44")),
    ClassOfService(name="international", allows=ABROAD, countries=("*",)),
    ClassOfService(name="all", allows=tuple(K), countries=("*",)),
)


def extension(number: str, service: str = "all", **fields: object) -> Extension:
    return Extension(number=number, secret="s3cret-words", class_of_service=service, **fields)  # type: ignore[arg-type]


EXTENSIONS = (
    extension("2001", name="Anna", pickup_group="desk"),
    extension("2002", name="Boris", pickup_group="desk", caller_id="+74951112233"),
    extension("2003", "nothing"),
    extension("2004", "internal"),
    extension("2005", "local", max_calls=1),
    extension("2006", "national", pickup_group="store"),
    extension("2007", "neighbours", ring_time_s=20),
    extension("2008", "prefixes"),
    extension("2009", "international"),
    extension("2010", is_enabled=False),
)
TRUNKS = (
    Trunk(name="plus", host="plus.example", caller_id="+74951234567", max_calls=2),
    Trunk(
        name="eight",
        host="eight.example",
        number_form=NumberForm.NATIONAL,
        caller_id="+74957654321",
        no_answer_s=6.0,
    ),
    Trunk(
        name="city",
        host="city.example",
        number_form=NumberForm.LOCAL,
        caller_id="+74959998877",
        leave_on=(503,),
    ),
    Trunk(name="bare", host="bare.example", number_form=NumberForm.E164),
    Trunk(name="off", host="off.example", is_enabled=False),
)
OUTSIDE = (K.LOCAL, K.NATIONAL, K.MOBILE, K.TOLL_FREE, K.PREMIUM, K.INTERNATIONAL)
RULES = (
    DialRule(name="switched off", kinds=OUTSIDE, ways=("bare",), is_enabled=False),
    DialRule(name="emergency", kinds=(K.EMERGENCY,), ways=("city", "eight")),
    DialRule(name="ukraine", kinds=(K.INTERNATIONAL,), prefix="380", ways=("bare",)),
    DialRule(name="city", kinds=(K.LOCAL,), ways=("city", "plus")),
    DialRule(name="everything", kinds=OUTSIDE, ways=("off", "plus", "eight")),
)
DIDS = (
    Did(number="+74951234567", trunk="plus", extension="2001"),
    Did(number="+74951234568", trunk="plus", extension="2010"),
    Did(number="+74957654321", trunk="eight", extension="2002"),
    Did(number="+380441234567", trunk="eight", extension="2006"),
    Did(number="+74957654322", trunk="eight", extension="2002", is_enabled=False),
)
DOCUMENT = Document(
    site=Site(default_extension="2009", ring_time_s=45),
    dialling=DialProfile(name="P9"),
    classes=CLASSES,
    extensions=EXTENSIONS,
    trunks=TRUNKS,
    rules=RULES,
    dids=DIDS,
)
BINDINGS = {e.number: (f"{e.number}-desk", f"{e.number}-mobile") for e in EXTENSIONS}
STATE = LiveState(bindings=BINDINGS)


def office(profile: str = "P9", *, country: str = "RU", **dialling: object) -> Snapshot:
    """The office of this file in a dial profile: ``office("custom", outside_prefix="7")``."""
    fields: dict[str, object] = {"name": profile, "area_code": "495", **dialling}
    if country == "US":
        fields = {"name": profile, "area_code": "212", **dialling}
    document = replace(
        DOCUMENT,
        site=replace(DOCUMENT.site, country=country),
        dialling=DialProfile(**fields),  # type: ignore[arg-type]
    )
    return make_snapshot(7, document)


def changed(snapshot: Snapshot, **parts: object) -> Snapshot:
    """The same office with some of its collections replaced."""
    return make_snapshot(snapshot.revision, replace(snapshot.document, **parts))  # type: ignore[arg-type]


P9 = office("P9")
P0 = office("P0")
BARE = office("none")
SIX = office("P9", area_code="3522", local_length=6)
US9 = office("P9", country="US")


def dial(
    dialled: str,
    snapshot: Snapshot = P9,
    state: LiveState = STATE,
    *,
    by: str = "2001",
) -> Decision:
    """What an extension gets when its phone sends these digits en bloc."""
    return decide(CallRequest(dialled=dialled, extension=by), snapshot, state, NOW)


def key_in(
    digits: str,
    snapshot: Snapshot = P9,
    *,
    by: str = "2001",
    is_complete: bool = False,
) -> Decision:
    """What an analog phone gets when these digits were dialled one by one so far."""
    request = CallRequest(
        dialled=digits, extension=by, is_digit_by_digit=True, is_complete=is_complete
    )
    return decide(request, snapshot, STATE, NOW)


def come_in(
    dialled: str, trunk: str = "plus", snapshot: Snapshot = P9, state: LiveState = STATE
) -> Decision:
    """What a trunk's caller gets."""
    return decide(CallRequest(dialled=dialled, trunk=trunk), snapshot, state, NOW)


def keys(decision: Decision) -> list[str]:
    return [reason.key for reason in decision.reasons]


def ways(decision: Decision) -> list[tuple[str, str]]:
    """(trunk, number) of each trunk step, in order."""
    return [(s.trunk, s.number) for s in decision.steps if hasattr(s, "trunk")]
