"""``name=value;`` pairs on one line (Sipnetic's code): no quoting at all.

PURE. A semicolon cannot stand in a value: such a value is refused. frame is not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioning.formats.setting import Setting, check
from provisioning.values import Refusal, RefusedValue


def write(settings: Sequence[Setting], frame: Mapping[str, str]) -> bytes:
    """The whole line, without an end of line."""
    return "".join(f"{setting.name}={_plain(setting)};" for setting in settings).encode()


def _plain(setting: Setting) -> str:
    value = check(setting)
    if ";" in value:
        raise RefusedValue(Refusal("phone.value.forbidden", setting.name, {"letters": ";"}))
    return value
