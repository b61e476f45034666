"""Every field against its ``spec``: one check per kind, driven by the metadata of model.py.

PURE. A kind's check takes a value and its limits and gives ``(key, params)`` when it is wrong.
An optional field that holds its empty default is not looked at further.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any

from appliance.config.codec import item_path, join
from appliance.config.host_text import split_port
from appliance.config.model import VOICEMAIL
from appliance.errors import Problem

Limits = Mapping[str, Any]
Wrong = tuple[str, dict[str, str]] | None

_DIGITS = frozenset("0123456789")
_CODE = frozenset("0123456789*#")
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", re.ASCII)
UNREACHABLE = "name.unreachable"
#: Between slashes of an address (RFC 3986 §5.2.4), browsers take these away.
_UNREACHABLE = frozenset(("", ".", ".."))
_MAC = re.compile(r"[0-9a-f]{12}", re.ASCII)
_URL = re.compile(r"(https?|tftp)://[^\s/?#@]+(/[^\s]*)?", re.ASCII)
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", re.ASCII)
_LONGEST = {"text": 255, "name": 64, "host": 255, "number": 32, "prefix": 16, "secret": 128}
#: A network wider than this is not "local" or "the provider's": version -> shortest prefix.
_WIDEST_NETWORK = {4: 8, 6: 7}


def check_fields(entity: Any, path: str) -> Iterator[Problem]:
    """Problems of each field of an entity, and of the entities inside it, in order."""
    for field in fields(entity):
        value = getattr(entity, field.name)
        where = join(path, field.name)
        if isinstance(value, tuple):
            yield from _check_list(field, value, where)
        elif is_dataclass(value):
            yield from check_fields(value, where)
        else:
            yield from _check_value(field, value, where)


def _check_list(field: Field[Any], values: tuple[Any, ...], path: str) -> Iterator[Problem]:
    if len(values) < field.metadata.get("at_least", 0):
        yield Problem("list.too_short", path, {"low": str(field.metadata["at_least"])})
    seen = set()
    for index, value in enumerate(values):
        where = item_path(path, type(value), value, index)
        if is_dataclass(value):
            yield from check_fields(value, where)
            continue
        if value in seen:
            yield Problem("list.repeated", where, {"value": _text(value)})
        seen.add(value)
        yield from _check_value(field, value, where, in_list=True)


def _check_value(
    field: Field[Any], value: Any, path: str, *, in_list: bool = False
) -> Iterator[Problem]:
    is_optional = field.default is not MISSING and not in_list
    if value == "":
        may_be_empty = field.default == "" or field.metadata.get("may_be_empty", False)
        if not (is_optional and may_be_empty):
            yield Problem("value.empty", path)
        return
    wrong = _CHECKS[field.metadata.get("kind", "text")](value, field.metadata)
    if wrong:
        yield Problem(wrong[0], path, wrong[1])
    elif field.metadata.get("in_path") and _UNREACHABLE & set(value.split("/")):
        # No refusal: a box that has such a name keeps running by its settings. Pages make no new
        # one (webui/saving.py).
        yield Problem(UNREACHABLE, path, is_warning=True)


def _check_text(value: Any, limits: Limits) -> Wrong:
    longest = limits.get("longest", _LONGEST.get(limits.get("kind", "text"), 255))
    if len(value) > longest:
        return "text.too_long", {"longest": str(longest), "length": str(len(value))}
    if not value.isprintable():
        return "text.unprintable", {}
    if forbidden := set(value) & set(limits.get("forbids", "")):
        return "text.forbidden", {"letters": " ".join(sorted(forbidden)).replace("  ", " ␣ ")}
    return ("text.outer_blanks", {}) if value != value.strip() else None


def _check_secret(value: Any, limits: Limits) -> Wrong:
    return _check_text(value, limits)  # its own kind so that no message ever shows the value


def _check_number(value: Any, limits: Limits) -> Wrong:
    if not _DIGITS.issuperset(value):
        return "number.not_digits", {"value": _text(value)}
    return _check_text(value, limits)


def _check_prefix(value: Any, limits: Limits) -> Wrong:
    if limits.get("digits_only"):
        return _check_number(value, limits)
    if not _CODE.issuperset(value):
        return "prefix.wrong", {"value": _text(value)}
    return _check_text(value, limits)


def _check_did(value: Any, limits: Limits) -> Wrong:
    digits = value.removeprefix("+")
    is_e164 = value != digits and 7 <= len(digits) <= 15 and digits[0] != "0"
    is_right = is_e164 and _DIGITS.issuperset(digits)
    return None if is_right else ("did.wrong", {"value": _text(value)})


def _check_target(value: Any, limits: Limits) -> Wrong:
    """Where calls go on to: an extension (that there is one, checks/forwards.py sees), E.164, or
    the mailbox."""
    is_number = _DIGITS.issuperset(value) or _check_did(value, limits) is None
    is_right = is_number or value == VOICEMAIL
    return None if is_right else ("forward.wrong", {"value": _text(value)})


def _check_host(value: Any, limits: Limits) -> Wrong:
    host, port = split_port(value) if limits.get("port_allowed") else (value, "")
    if port and not (_DIGITS.issuperset(port) and len(port) <= 5 and 0 < int(port) < 65536):
        return "host.wrong_port", {"value": _text(value)}
    return None if is_host(host) else ("host.wrong", {"value": _text(value)})


def is_host(text: str) -> bool:
    """Whether text is an IPv4 or IPv6 address (brackets allowed) or a host name (RFC 1123 §2.1)."""
    if is_address(text):
        return True
    labels = text.removesuffix(".").split(".")
    if len(text) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    return not labels[-1].isdigit()  # 192.168.1 and 1.2.3.456 are mistyped addresses


def is_address(text: str) -> bool:
    """Whether text is an IPv4 or IPv6 address; IPv6 may stand in brackets."""
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _check_cidr(value: Any, limits: Limits) -> Wrong:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return "cidr.wrong", {"value": _text(value)}
    widest = _WIDEST_NETWORK[network.version]
    if network.prefixlen < widest:
        return "cidr.too_wide", {"value": _text(value), "widest": f"/{widest}"}
    return None


def _check_figure(value: Any, limits: Limits) -> Wrong:
    low, high = limits.get("low"), limits.get("high")
    if (low is not None and value < low) or (high is not None and value > high):
        return "figure.out_of_range", {"value": str(value), "low": str(low), "high": str(high)}
    return None


def _check_port(value: Any, limits: Limits) -> Wrong:
    return _check_figure(value, {"low": 0, "high": 65535})


def _check_status(value: Any, limits: Limits) -> Wrong:
    return _check_figure(value, {"low": 400, "high": 699})


def _check_choice(value: Any, limits: Limits) -> Wrong:
    choices = limits.get("choices")
    if isinstance(value, Enum) or choices is None or value in choices:
        return None
    named = ", ".join(str(choice) for choice in choices)
    return "choice.unknown", {"value": _text(value), "choices": named, "hint": ""}


def _check_timezone(value: Any, limits: Limits) -> Wrong:
    return None if _TIMEZONE.fullmatch(value) else ("timezone.wrong", {"value": _text(value)})


def _check_mac(value: Any, limits: Limits) -> Wrong:
    is_one = _MAC.fullmatch(value) and not int(value[1], 16) & 1 and int(value, 16)
    return None if is_one else ("mac.wrong", {"value": _text(value)})


def _check_url(value: Any, limits: Limits) -> Wrong:
    if not _URL.fullmatch(value):
        return "url.wrong", {"value": _text(value)}
    return _check_text(value, limits)


def _check_nothing(value: Any, limits: Limits) -> Wrong:
    return None


def _text(value: Any) -> str:
    """A value as a message may show it."""
    text = str(value.value if isinstance(value, Enum) else value)
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 40 else text[:39] + "…"


_CHECKS: Mapping[str, Callable[[Any, Limits], Wrong]] = {
    "text": _check_text,
    "name": _check_text,
    "secret": _check_secret,
    "number": _check_number,
    "prefix": _check_prefix,
    "did": _check_did,
    "target": _check_target,
    "host": _check_host,
    "cidr": _check_cidr,
    "count": _check_figure,
    "seconds": _check_figure,
    "port": _check_port,
    "status": _check_status,
    "choice": _check_choice,
    "timezone": _check_timezone,
    "flag": _check_nothing,
    "replacement": _check_nothing,
    "phone_key": _check_nothing,
    "mac": _check_mac,
    "url": _check_url,
}
