"""Trunks, rules, classes and the site as wholes: what belongs together within one entity.

PURE. Most of these are warnings: the box runs, but not as its owner will expect.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import suppress

from appliance.config.checks.fields import is_address
from appliance.config.codec import item_path
from appliance.config.model import (
    Authentication,
    ClassOfService,
    DestinationKind,
    DialRule,
    Document,
    NumberingPlan,
    Trunk,
)
from appliance.errors import Problem

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Classes of extensions that nobody sees (routing/claim.py, routing/feature.py).
RESERVED_CLASSES = ("*unclaimed", "self-test")
_INSIDE = (DestinationKind.INTERNAL, DestinationKind.FEATURE)


def check_wholes(document: Document, numbering: NumberingPlan) -> Iterator[Problem]:
    """Problems of site, classes, trunks and rules that no single field shows."""
    site = document.site
    if site.registration_min_s > site.registration_max_s:
        params = {"low": str(site.registration_min_s), "high": str(site.registration_max_s)}
        yield Problem("site.registration.min_above_max", "site.registration_min_s", params)
    for index, service in enumerate(document.classes):
        path = item_path("classes", ClassOfService, service, index)
        if service.name in RESERVED_CLASSES:
            yield Problem("class.name.reserved", f"{path}.name", {"value": service.name})
        yield from _check_class(service, f"{path}.countries", numbering)
    for index, trunk in enumerate(document.trunks):
        yield from _check_trunk(trunk, item_path("trunks", Trunk, trunk, index))
    yield from _check_overlaps(document.trunks)
    yield from _check_rules(document.rules)
    is_any_line = any(line.is_enabled and line.is_way_out for line in document.lines)
    if not is_any_line and not any(trunk.is_enabled for trunk in document.trunks):
        yield Problem("emergency.no_way_out", "trunks", is_warning=True)


def _check_class(service: ClassOfService, path: str, numbering: NumberingPlan) -> Iterator[Problem]:
    for index, country in enumerate(service.countries):
        is_prefix = country.startswith("+") and country[1:].isdecimal() and country.isascii()
        if country != "*" and country not in numbering.zone_names and not is_prefix:
            yield Problem("class.country.unknown", f"{path}[#{index + 1}]", {"value": country})
    is_open = DestinationKind.INTERNATIONAL in service.allows
    if is_open and not service.countries:
        yield Problem("class.countries.none_open", path, is_warning=True)
    if service.countries and not is_open:
        yield Problem("class.countries.unused", path, is_warning=True)


def _check_trunk(trunk: Trunk, path: str) -> Iterator[Problem]:
    if trunk.authentication is Authentication.REGISTRATION:
        if not trunk.username:
            yield Problem("trunk.username.needed", f"{path}.username")
        if not trunk.secret:
            yield Problem("trunk.secret.needed", f"{path}.secret")
    elif not trunk.source_addresses and not is_address(trunk.host):
        yield Problem("trunk.source_addresses.empty", f"{path}.source_addresses", is_warning=True)


def _check_overlaps(trunks: tuple[Trunk, ...]) -> Iterator[Problem]:
    """Trunks that are known by their address alone must differ in it."""
    by_address = [
        (item_path("trunks", Trunk, trunk, index), trunk)
        for index, trunk in enumerate(trunks)
        if trunk.is_enabled and trunk.authentication is Authentication.ADDRESS
    ]
    for place, (path, trunk) in enumerate(by_address):
        for _, earlier in by_address[:place]:
            if _overlap(trunk, earlier):
                key = "trunk.source_addresses.overlap"
                where = f"{path}.source_addresses"
                yield Problem(key, where, {"trunk": earlier.name}, is_warning=True)
                break


def _overlap(one: Trunk, other: Trunk) -> bool:
    """Whether an address could be either's."""
    return any(
        mine.version == theirs.version and mine.overlaps(theirs)
        for mine in _networks(one)
        for theirs in _networks(other)
    )


def _networks(trunk: Trunk) -> Iterator[Network]:
    """What a trunk may call from, as far as it is an address; wrong ones are left out."""
    for address in (*trunk.source_addresses, trunk.host):
        with suppress(ValueError):
            yield ipaddress.ip_network(address.strip("[]"), strict=False)


def _check_rules(rules: tuple[DialRule, ...]) -> Iterator[Problem]:
    for index, rule in enumerate(rules):
        path = item_path("rules", DialRule, rule, index)
        for place, kind in enumerate(rule.kinds):
            if kind in _INSIDE:
                params = {"value": kind.value}
                yield Problem("rule.kind.not_outside", f"{path}.kinds[#{place + 1}]", params)
        if rule.is_enabled and (winner := _covering(rule, rules[:index])):
            yield Problem("rule.unreachable", path, {"rule": winner}, is_warning=True)


def _covering(rule: DialRule, earlier: tuple[DialRule, ...]) -> str:
    """The name of an earlier rule that takes every number of this one, or empty."""
    for other in earlier:
        is_wider = rule.prefix.startswith(other.prefix) and set(rule.kinds) <= set(other.kinds)
        if other.is_enabled and rule.kinds and is_wider:
            return other.name
    return ""
