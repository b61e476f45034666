"""``name=value;`` pairs on one line (Sipnetic's code): no quoting at all.

PURE. A semicolon cannot stand in a value: such a value is refused. frame is not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioning.formats.setting import Setting, check

_END = ";"


def write(settings: Sequence[Setting], frame: Mapping[str, str]) -> bytes:
    """The whole line, without an end of line."""
    return "".join(f"{setting.name}={check(setting, _END)};" for setting in settings).encode()
