"""Numbers that would stand in each other's way: emergency (K2), extensions (K6), codes, profile.

PURE. An emergency number, bare or behind the outside prefix, is matched before anything that the
owner edits; here nothing is let in that would have to lose against it. "Fires before" speaks of
phones that send digit by digit: there 101 is complete before 1012 could be.
"""

from __future__ import annotations

from collections.abc import Iterator

from appliance.config.codec import item_path
from appliance.config.model import DialProfile, DialRule, Did, Document, Extension, NumberingPlan
from appliance.errors import Problem

_PROFILE_PREFIXES = {"P9": "9", "P0": "0", "none": ""}
#: Codes behind which a number is dialled.
_CODES_WITH_NUMBER = (
    "directed_pickup_code",
    "forward_always_code",
    "forward_busy_code",
    "forward_no_answer_code",
    "forward_offline_code",
)
_CODES = (
    "pickup_code",
    "echo_code",
    "address_code",
    "forward_end_code",
    "forward_busy_end_code",
    "forward_no_answer_end_code",
    "forward_offline_end_code",
    "voicemail_code",
    *_CODES_WITH_NUMBER,
)


def emergency_numbers(dialling: DialProfile, numbering: NumberingPlan) -> frozenset[str]:
    """All digits that mean an emergency: the country's numbers, bare and behind the prefix (K2)."""
    behind = {dialling.outside_prefix + number for number in numbering.emergency}
    return frozenset(numbering.emergency) | behind


def check_numbers(document: Document, numbering: NumberingPlan) -> Iterator[Problem]:
    """Problems of the dial profile, then of extensions, rules and DIDs against it."""
    emergency = emergency_numbers(document.dialling, numbering)
    yield from _check_profile(document.dialling, numbering)
    yield from _check_codes(document.dialling, emergency)
    yield from _check_replacements(document.dialling, emergency)
    for index, extension in enumerate(document.extensions):
        path = item_path("extensions", Extension, extension, index) + ".number"
        yield from _check_extension(extension.number, path, document.dialling, numbering)
    for index, rule in enumerate(document.rules):
        if rule.prefix in emergency:
            path = item_path("rules", DialRule, rule, index) + ".prefix"
            yield _problem("rule.prefix.shadows_emergency", path, rule.prefix)
    for index, did in enumerate(document.dids):
        if did.number.removeprefix("+") in emergency:
            path = item_path("dids", Did, did, index) + ".number"
            yield _problem("did.number.shadows_emergency", path, did.number)


def _check_profile(dialling: DialProfile, numbering: NumberingPlan) -> Iterator[Problem]:
    prefix, path = dialling.outside_prefix, "dialling.outside_prefix"
    expected = _PROFILE_PREFIXES.get(dialling.name)
    if expected is not None and prefix != expected:
        params = {"profile": dialling.name, "expected": expected, "value": prefix}
        yield Problem("dialling.outside_prefix.not_of_profile", path, params)
    elif prefix and prefix == numbering.trunk_prefix:
        yield _problem("dialling.outside_prefix.is_trunk_prefix", path, prefix)
    elif prefix not in _PROFILE_PREFIXES.values():
        for number in numbering.emergency:
            if number.startswith(prefix):
                yield _problem("dialling.outside_prefix.shadows_emergency", path, prefix, number)
                break
    if len(dialling.area_code) + dialling.local_length != numbering.national_length:
        params = {
            "area": dialling.area_code,
            "local": str(dialling.local_length),
            "national": str(numbering.national_length),
        }
        yield Problem("dialling.area_code.wrong_length", "dialling.area_code", params)


def _check_codes(dialling: DialProfile, emergency: frozenset[str]) -> Iterator[Problem]:
    codes = {name: getattr(dialling, name) for name in _CODES if getattr(dialling, name)}
    with_number = _codes_with_number(dialling)
    seen: dict[str, str] = {}
    for name, code in codes.items():
        path = f"dialling.{name}"
        if number := _first_start(code, emergency):
            yield _problem("code.shadows_emergency", path, code, number)
        elif _is_behind(dialling.outside_prefix, code):
            yield _problem("code.behind_prefix", path, code, dialling.outside_prefix)
        is_swallowed = any(code != other and code.startswith(other) for other in with_number)
        if code in seen.values() or is_swallowed:
            yield _problem("code.collides", path, code)
        seen[name] = code


def _check_replacements(dialling: DialProfile, emergency: frozenset[str]) -> Iterator[Problem]:
    if dialling.replacements and dialling.name != "custom":
        path = "dialling.replacements"
        params = {"profile": dialling.name}
        yield Problem("dialling.replacements.unused", path, params, is_warning=True)
    for index, replacement in enumerate(dialling.replacements):
        for number in sorted(emergency):
            fits = replacement.length in (0, len(number))
            if fits and replacement.prefix and number.startswith(replacement.prefix):
                path = f"dialling.replacements[#{index + 1}].prefix"
                key = "replacement.prefix.shadows_emergency"
                yield _problem(key, path, replacement.prefix, number)
                break


def _check_extension(
    number: str, path: str, dialling: DialProfile, numbering: NumberingPlan
) -> Iterator[Problem]:
    """K6: the reasons why a number cannot be an extension."""
    prefix = dialling.outside_prefix
    if not number:
        return
    if prefix and number.startswith(prefix):
        yield _problem("extension.number.shadows_outside_prefix", path, number, prefix)
    elif not prefix and number.startswith(numbering.trunk_prefix):
        key = "extension.number.shadows_trunk_prefix"
        yield _problem(key, path, number, numbering.trunk_prefix)
    if emergency := _first_start(number, frozenset(numbering.emergency)):
        yield _problem("extension.number.shadows_emergency", path, number, emergency)
    if number in [getattr(dialling, name) for name in _CODES]:
        yield _problem("extension.number.equals_feature_code", path, number)
    elif behind := [code for code in _codes_with_number(dialling) if number.startswith(code)]:
        yield _problem("extension.number.behind_feature_code", path, number, behind[0])
    if not prefix and len(number) == dialling.local_length:
        params = {"value": number, "local": str(dialling.local_length)}
        yield Problem("extension.number.looks_local", path, params, is_warning=True)


def _codes_with_number(dialling: DialProfile) -> list[str]:
    return [code for name in _CODES_WITH_NUMBER if (code := getattr(dialling, name))]


def _first_start(number: str, emergency: frozenset[str]) -> str:
    """The emergency number that number is or starts with, or empty."""
    return next((e for e in sorted(emergency) if number.startswith(e)), "")


def _is_behind(prefix: str, code: str) -> bool:
    """Whether a code of digits could be taken for an outside number."""
    return bool(prefix) and code.startswith(prefix) and len(code) > len(prefix)


def _problem(key: str, path: str, value: str, other: str = "") -> Problem:
    return Problem(key, path, {"value": value, "other": other} if other else {"value": value})
