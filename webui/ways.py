"""Ways out of the office on the pages: a trunk or a line, what leads to it, what follows its name.

PURE. Rules and outside numbers name a way: they follow it to a new name, and while they name it, it
is not removed. The words of what both kinds have in common stand here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from appliance.config.model import Document
from appliance.routing.way import ways_of
from webui import entity_form
from webui.i18n import gettext
from webui.words import N_

#: Where the name of a way stands beside its own.
_FOLLOWER = re.compile(r"rules\[.*\]\.ways|dids\[.*\]\.trunk")
#: How a number is written for it: (value, text).
NUMBER_FORMS = (
    ("+e164", N_("+74955551525, as everywhere in the world")),
    ("e164", N_("74955551525, without the plus")),
    ("national", N_("84955551525, as dialled in the country")),
    ("local", N_("5551525 inside the city, else as in the country")),
)
#: How a provider knows us: (value, text).
_AUTHENTICATIONS = (
    ("registration", N_("By name and password: the box signs in there")),
    ("address", N_("By our address: the provider knows it")),
)


def trunk_choices() -> dict[str, list[tuple[str, str]]]:
    """What the choices of a trunk's fields are called."""
    tables = {"authentication": _AUTHENTICATIONS, "number_form": NUMBER_FORMS}
    return {
        field: [(value, str(gettext(text))) for value, text in pairs]
        for field, pairs in tables.items()
    }


def names_of(document: Document) -> list[str]:
    """Trunks, then the lines by which calls leave."""
    return [way.name for way in ways_of(document)]


def has_lines(document: Document) -> bool:
    """Whether calls leave by a line that is switched on."""
    return any(line.is_enabled and line.is_way_out for line in document.lines)


def users_of(document: Document, name: str) -> tuple[list[str], list[str]]:
    """Names of rules, and numbers outside, that lead to it."""
    rules = [rule.name for rule in document.rules if name in rule.ways]
    return rules, [did.number for did in document.dids if did.trunk == name]


def mute(document: Document) -> frozenset[str]:
    """Lines that answer with words themselves, so that their numbers ring nobody."""
    return frozenset(line.name for line in document.lines if line.is_way_out and line.announces)


def why_kept(document: Document, name: str) -> list[str]:
    """A sentence for each thing that must let go of it before it can be removed."""
    rules, dids = users_of(document, name)
    texts = [
        gettext(
            "The rule %(rule)s leads calls to %(name)s. Take it out of the rule first.",
            rule=rule,
            name=name,
        )
        for rule in rules
    ]
    texts += [
        gettext("The number %(did)s comes by %(name)s. Remove the number first.", did=d, name=name)
        for d in dids
    ]
    return [str(text) for text in texts]


def finder(collection: str, name: str, names: Sequence[str]) -> Callable[[str], str]:
    """Path of a problem -> field of the form of a way: what is wrong with its name in rules and
    numbers that follow it is wrong with the name itself."""
    find = entity_form.finder(collection, name, names)
    return lambda path: find(path) or ("name" if not name and _FOLLOWER.match(path) else "")


def renamed(data: Mapping[str, Any], was: str, name: str) -> dict[str, Any]:
    """Plain data of a document whose rules and numbers follow a way to its new name."""
    rules = [
        rule | {"ways": [name if way == was else way for way in rule["ways"]]}
        for rule in data["rules"]
    ]
    dids = [did | {"trunk": name} if did["trunk"] == was else did for did in data["dids"]]
    return {**data, "rules": rules, "dids": dids}
