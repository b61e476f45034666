"""Every check of a document: what raises each key, where, and whether it refuses or warns."""

from __future__ import annotations

import secrets as random_secrets
from dataclasses import replace

import pytest

from appliance.config.checking import problems_of
from appliance.config.model import (
    Authentication,
    ClassOfService,
    DestinationKind,
    DialProfile,
    DialRule,
    Did,
    Document,
    Extension,
    Replacement,
    Trunk,
)
from appliance.config.presets import numbering
from appliance.config.texts import problem_text
from appliance.config.validate import check, refusals, warnings
from appliance.routing.claim import UNCLAIMED_CLASS
from appliance.routing.feature import SELF_TEST_CLASS
from tests.config.offices import (
    OTHER_SECRET,
    SECRET,
    office,
    with_added,
    with_dialling,
    with_first,
    with_site,
)

K = DestinationKind
NATIONAL = (K.LOCAL, K.NATIONAL)


def _rule(**values: object) -> Document:
    return with_first("rules", **values)


def _extension(number: str, **dialling: object) -> Document:
    return replace(
        with_first("extensions", number=number),
        dialling=replace(office().dialling, **dialling) if dialling else office().dialling,
        site=replace(office().site, default_extension=""),
        dids=(),
    )


def _two_by_address(second: str = "192.0.2.0/28") -> Document:
    values = {"authentication": Authentication.ADDRESS, "host": "192.0.2.5"}
    document = with_first("trunks", **values)
    new = Trunk(name="b", **values | {"host": "b.example"}, source_addresses=(second,))  # type: ignore[arg-type]
    return replace(document, trunks=(*document.trunks, new))


NO_PREFIX = {"name": "none", "outside_prefix": ""}
CASES: list[tuple[str, str, Document]] = [
    ("choice.unknown", "site.country", with_site(country="ZZ")),
    ("value.empty", "trunks[mango].host", with_first("trunks", host="")),
    ("value.empty", "dialling.name", with_dialling(name="")),
    ("list.too_short", "rules[all].ways", _rule(ways=())),
    ("list.repeated", "rules[all].ways[#2]", _rule(ways=("mango", "mango"))),
    ("text.too_long", "site.name", with_site(name="x" * 65)),
    ("text.unprintable", "site.name", with_site(name="a\nb")),
    ("text.outer_blanks", "site.name", with_site(name=" a")),
    ("name.unreachable", "trunks[..].name", with_first("trunks", name="..")),
    ("name.unreachable", "trunks[a//b].name", with_first("trunks", name="a//b")),
    ("name.unreachable", "rules[./b].name", _rule(name="./b")),
    ("text.forbidden", "site.sip_realm", with_site(sip_realm='a"b')),
    ("text.forbidden", "trunks[mango].username", with_first("trunks", username="a b")),
    ("secret.not_stored", "extensions[2001].secret", with_first("extensions", secret="********")),
    ("secret.not_stored", "trunks[mango].secret", with_first("trunks", secret="********")),
    ("trunk.source_addresses.overlap", "trunks[b].source_addresses", _two_by_address()),
    ("number.not_digits", "extensions[20a1].number", _extension("20a1")),
    ("number.not_digits", "extensions[٢٠٠١].number", _extension("٢٠٠١")),
    ("number.not_digits", "dialling.area_code", with_dialling(area_code="*95")),
    ("prefix.wrong", "dialling.echo_code", with_dialling(echo_code="*4a")),
    ("did.wrong", "dids[74955551525].number", with_first("dids", number="74955551525")),
    ("did.wrong", "trunks[mango].caller_id", with_first("trunks", caller_id="+0123456789")),
    ("host.wrong", "trunks[mango].host", with_first("trunks", host="sip:a.example")),
    ("host.wrong", "trunks[mango].host", with_first("trunks", host="192.168.1.300")),
    ("host.wrong", "trunks[mango].host", with_first("trunks", host="a.example:5060")),
    ("host.wrong_port", "trunks[mango].outbound_proxy", with_first("trunks", outbound_proxy="a:0")),
    ("cidr.wrong", "site.local_networks[#1]", with_site(local_networks=("10.0.0.0/99",))),
    ("cidr.too_wide", "site.local_networks[#1]", with_site(local_networks=("0.0.0.0/0",))),
    (
        "cidr.too_wide",
        "trunks[mango].source_addresses[#1]",
        with_first("trunks", source_addresses=("::/0",)),
    ),
    ("figure.out_of_range", "site.ring_time_s", with_site(ring_time_s=4)),
    ("figure.out_of_range", "trunks[mango].port", with_first("trunks", port=65536)),
    ("figure.out_of_range", "trunks[mango].leave_on[#1]", with_first("trunks", leave_on=(200,))),
    ("timezone.wrong", "site.timezone", with_site(timezone="../etc/passwd")),
    ("timezone.unknown", "site.timezone", with_site(timezone="Europe/Springfield")),
    ("key.duplicate", "extensions[2001].number", with_added("extensions", office().extensions[0])),
    ("reference.dangling", "dids[+74955551525].extension", with_first("dids", extension="3001")),
    ("reference.dangling", "rules[all].ways", _rule(ways=("nobody",))),
    ("reference.dangling", "site.default_extension", with_site(default_extension="3001")),
    (
        "reference.dangling",
        "extensions[2001].class_of_service",
        with_first("extensions", class_of_service="boss"),
    ),
    ("reference.trunk_disabled", "rules[all].ways", _rule(ways=("mango", "spare"))),
    ("reference.disabled", "site.default_extension", with_site(default_extension="2002")),
    ("rule.prefix.shadows_emergency", "rules[all].prefix", _rule(prefix="112")),
    ("rule.prefix.shadows_emergency", "rules[all].prefix", _rule(prefix="9112")),
    ("did.number.shadows_emergency", "dids[+112].number", with_first("dids", number="+112")),
    ("code.shadows_emergency", "dialling.echo_code", with_dialling(echo_code="112")),
    ("code.shadows_emergency", "dialling.pickup_code", with_dialling(pickup_code="01")),
    (
        "replacement.prefix.shadows_emergency",
        "dialling.replacements[#1].prefix",
        with_dialling(name="custom", replacements=(Replacement(prefix="9"),)),
    ),
    (
        "replacement.prefix.shadows_emergency",
        "dialling.replacements[#1].prefix",
        with_dialling(name="custom", replacements=(Replacement(prefix="91", length=4),)),
    ),
    ("extension.number.shadows_emergency", "extensions[1012].number", _extension("1012")),
    ("extension.number.shadows_emergency", "extensions[112].number", _extension("112")),
    (
        "extension.number.shadows_emergency",
        "extensions[9112].number",
        _extension("9112", **NO_PREFIX),
    ),
    ("extension.number.shadows_emergency", "extensions[0123].number", _extension("0123")),
    ("extension.number.shadows_outside_prefix", "extensions[9001].number", _extension("9001")),
    (
        "extension.number.shadows_trunk_prefix",
        "extensions[8001].number",
        _extension("8001", **NO_PREFIX),
    ),
    (
        "extension.number.equals_feature_code",
        "extensions[700].number",
        _extension("700", pickup_code="700"),
    ),
    (
        "extension.number.behind_feature_code",
        "extensions[7001].number",
        _extension("7001", directed_pickup_code="70"),
    ),
    (
        "extension.number.looks_local",
        "extensions[2345678].number",
        _extension("2345678", **NO_PREFIX),
    ),
    (
        "dialling.outside_prefix.shadows_emergency",
        "dialling.outside_prefix",
        with_dialling(name="custom", outside_prefix="1"),
    ),
    (
        "dialling.outside_prefix.not_of_profile",
        "dialling.outside_prefix",
        with_dialling(outside_prefix="0"),
    ),
    (
        "dialling.outside_prefix.not_of_profile",
        "dialling.outside_prefix",
        with_dialling(name="none"),
    ),
    (
        "dialling.outside_prefix.is_trunk_prefix",
        "dialling.outside_prefix",
        with_dialling(name="custom", outside_prefix="8"),
    ),
    ("dialling.area_code.wrong_length", "dialling.area_code", with_dialling(local_length=6)),
    (
        "dialling.replacements.unused",
        "dialling.replacements",
        with_dialling(replacements=(Replacement(prefix="55"),)),
    ),
    ("code.behind_prefix", "dialling.echo_code", with_dialling(echo_code="943")),
    ("code.collides", "dialling.echo_code", with_dialling(echo_code="0")),
    ("code.collides", "dialling.echo_code", with_dialling(echo_code="*81")),
    ("secret.too_short", "extensions[2001].secret", with_first("extensions", secret="k7Wq2mP")),
    ("secret.equals_number", "extensions[2001].secret", with_first("extensions", secret="2001")),
    (
        "secret.equals_number",
        "extensions[2001].secret",
        with_first("extensions", secret="20012001"),
    ),
    ("secret.digits_only", "extensions[2001].secret", with_first("extensions", secret="82749105")),
    ("secret.common", "extensions[2001].secret", with_first("extensions", secret="Qwerty123")),
    ("secret.common", "extensions[2001].secret", with_first("extensions", secret="asterisk!1")),
    ("secret.common", "extensions[2001].secret", with_first("extensions", secret="sip-2001")),
    (
        "secret.guessable",
        "extensions[2001].secret",
        with_first("extensions", secret="krokodil2024"),
    ),
    ("secret.monotonous", "extensions[2001].secret", with_first("extensions", secret="zzzzzzzxxx")),
    ("secret.shared", "extensions[2001].secret", with_first("extensions", secret=OTHER_SECRET)),
    ("secret.weak_of_trunk", "trunks[mango].secret", with_first("trunks", secret="12345678")),
    (
        "site.registration.min_above_max",
        "site.registration_min_s",
        with_site(registration_min_s=900, registration_max_s=600),
    ),
    *(
        (
            "class.name.reserved",
            f"classes[{name}].name",
            with_added("classes", ClassOfService(name=name, allows=(K.INTERNAL,))),
        )
        for name in (SELF_TEST_CLASS, UNCLAIMED_CLASS)
    ),
    (
        "class.country.unknown",
        "classes[a].countries[#1]",
        with_added(
            "classes", ClassOfService(name="a", allows=(K.INTERNATIONAL,), countries=("XX",))
        ),
    ),
    (
        "class.countries.none_open",
        "classes[a].countries",
        with_added("classes", ClassOfService(name="a", allows=(K.INTERNATIONAL,))),
    ),
    (
        "class.countries.unused",
        "classes[a].countries",
        with_added("classes", ClassOfService(name="a", allows=(K.LOCAL,), countries=("BY",))),
    ),
    ("trunk.username.needed", "trunks[mango].username", with_first("trunks", username="")),
    ("trunk.secret.needed", "trunks[mango].secret", with_first("trunks", secret="")),
    (
        "trunk.source_addresses.empty",
        "trunks[mango].source_addresses",
        with_first("trunks", authentication=Authentication.ADDRESS),
    ),
    ("trunk.preset.unknown", "trunks[mango].preset", with_first("trunks", preset="nobody")),
    ("rule.kind.not_outside", "rules[all].kinds[#1]", _rule(kinds=(K.INTERNAL,))),
    (
        "rule.unreachable",
        "rules[b]",
        with_added("rules", DialRule(name="b", kinds=(K.LOCAL,), ways=("mango",), prefix="7495")),
    ),
    ("emergency.no_way_out", "trunks", with_first("trunks", is_enabled=False)),
]
WARNINGS = {
    "reference.trunk_disabled",
    "reference.disabled",
    "extension.number.looks_local",
    "dialling.replacements.unused",
    "secret.shared",
    "secret.weak_of_trunk",
    "class.countries.none_open",
    "class.countries.unused",
    "trunk.source_addresses.empty",
    "trunk.source_addresses.overlap",
    "trunk.preset.unknown",
    "rule.unreachable",
    "emergency.no_way_out",
    "name.unreachable",
}


def test_the_office_is_sound() -> None:
    assert problems_of(office()) == ()


@pytest.mark.parametrize(("key", "path", "document"), CASES)
def test_each_key_is_raised_at_its_path(key: str, path: str, document: Document) -> None:
    found = {(p.key, p.path): p for p in problems_of(document)}
    assert (key, path) in found, sorted(found)
    assert found[key, path].is_warning == (key in WARNINGS)
    for language in ("ru", "en"):
        text = problem_text(found[key, path], language)
        assert "{" not in text, text


def test_all_problems_are_named_at_once() -> None:
    document = replace(
        with_site(ring_time_s=1, name=""),
        extensions=(Extension(number="112", secret="1"), Extension(number="9001", secret="2")),
    )
    assert {p.key for p in check(document, numbering("RU"))} >= {
        "figure.out_of_range",
        "value.empty",
        "extension.number.shadows_emergency",
        "extension.number.shadows_outside_prefix",
        "secret.too_short",
        "reference.dangling",
    }


def test_refusals_and_warnings_part_the_problems() -> None:
    problems = problems_of(
        replace(
            _rule(ways=("mango", "spare")), dids=(Did(number="1", trunk="mango", extension="2001"),)
        )
    )
    assert {p.key for p in refusals(problems)} == {"did.wrong"}
    assert {p.key for p in warnings(problems)} == {"reference.trunk_disabled"}


@pytest.mark.parametrize("number", ["100", "1000", "105", "2001", "7", "91", "911"])
def test_numbers_that_shadow_nothing_are_taken(number: str) -> None:
    document = _extension(number, **NO_PREFIX)
    keys = {p.key for p in problems_of(document) if not p.is_warning}
    assert keys == ({"extension.number.shadows_emergency"} if number == "911" else set())


def test_every_emergency_number_of_every_plan_is_guarded_bare_and_behind_the_prefix() -> None:
    for country, name, prefix in (("RU", "P9", "9"), ("RU", "P0", "0"), ("US", "P9", "9")):
        plan = numbering(country)
        profile = DialProfile(name=name, outside_prefix=prefix, area_code="495")
        for number in plan.emergency:
            for dialled in (number, prefix + number):
                document = replace(
                    office(),
                    dialling=profile,
                    rules=(replace(office().rules[0], prefix=dialled),),
                    dids=(replace(office().dids[0], number="+" + dialled),),
                    extensions=(Extension(number=dialled, secret=SECRET),),
                )
                keys = {p.key for p in check(document, plan)}
                assert {
                    "rule.prefix.shadows_emergency",
                    "did.number.shadows_emergency",
                } <= keys
                assert keys & {
                    "extension.number.shadows_emergency",
                    "extension.number.shadows_outside_prefix",
                }


def test_a_replacement_with_a_length_that_no_emergency_number_has_is_taken() -> None:
    document = with_dialling(name="custom", replacements=(Replacement(prefix="9", length=8),))
    assert problems_of(document) == ()


@pytest.mark.parametrize("name", ["p0", "custom"])
def test_profiles_with_their_own_prefix_are_taken(name: str) -> None:
    profile = {"p0": ("P0", "0"), "custom": ("custom", "7")}[name]
    document = with_dialling(name=profile[0], outside_prefix=profile[1])
    assert problems_of(document) == ()


def test_long_random_secrets_are_always_taken() -> None:
    for _ in range(200):
        for secret in (
            random_secrets.token_urlsafe(16),
            str(10**23 + random_secrets.randbelow(10**23)),
        ):
            document = with_first("extensions", secret=secret)
            assert problems_of(document) == (), "a random secret was refused"


def test_no_message_shows_a_secret() -> None:
    document = replace(
        with_first("extensions", secret="hunter2"),
        trunks=(Trunk(name="m", host="a.example", username="u", secret="hunter2\n"),),
    )
    for problem in problems_of(document):
        assert "hunter2" not in problem_text(problem, "en") + str(problem)


@pytest.mark.parametrize(
    "host",
    [
        "sip.example.com",
        "sip.example.com.",
        "a",
        "192.0.2.1",
        "2001:db8::1",
        "[2001:db8::1]",
        "_sip.x",
    ],
)
def test_hosts_that_are_taken(host: str) -> None:
    assert problems_of(with_first("trunks", host=host)) == ()


@pytest.mark.parametrize("proxy", ["sip.example.com:5080", "192.0.2.1:5060", "[2001:db8::1]:5060"])
def test_proxies_with_a_port_are_taken(proxy: str) -> None:
    assert problems_of(with_first("trunks", outbound_proxy=proxy)) == ()


@pytest.mark.parametrize("second", ["192.0.2.64/28", "2001:db8::/64", "203.0.113.1"])
def test_trunks_with_addresses_of_their_own_are_taken(second: str) -> None:
    assert problems_of(_two_by_address(second)) == ()
