"""``KEY="value"`` lines (Panasonic): a header comment, one parameter a line.

PURE. The format has no way to write a quotation mark inside a value: such a value is refused.
frame: ``header``; line ends are CR LF.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioning.formats.setting import Setting, check
from provisioning.values import Refusal, RefusedValue


def write(settings: Sequence[Setting], frame: Mapping[str, str]) -> bytes:
    """The whole file."""
    lines = [frame.get("header", ""), ""]
    lines += [f'{setting.name}="{_plain(setting)}"' for setting in settings]
    return ("\r\n".join(lines) + "\r\n").encode()


def _plain(setting: Setting) -> str:
    value = check(setting)
    if '"' in value:
        raise RefusedValue(Refusal("phone.value.forbidden", setting.name, {"letters": '"'}))
    return value
