"""``name = value`` lines (Yealink): a header line, one parameter a line, no quoting at all.

PURE. The phone takes everything behind the first ``=`` with outer blanks cut off, and a line that
begins with ``#`` as a comment; frame: ``header``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioning.formats.setting import Setting, check
from provisioning.values import Refusal, RefusedValue


def write(settings: Sequence[Setting], frame: Mapping[str, str]) -> bytes:
    """The whole file."""
    lines = [frame["header"]] if frame.get("header") else []
    lines += [f"{setting.name} = {_plain(setting)}".rstrip() for setting in settings]
    return ("\n".join(lines) + "\n").encode()


def _plain(setting: Setting) -> str:
    value = check(setting)
    if value != value.strip():
        raise RefusedValue(Refusal("phone.value.outer_blanks", setting.name))
    return value
