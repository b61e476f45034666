"""``KEY="value"`` lines (Panasonic): a header comment, one parameter a line.

PURE. The format has no way to write a quotation mark inside a value: such a value is refused.
frame: ``header``; line ends are CR LF.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioning.formats.setting import Setting, check

_QUOTE = '"'


def write(settings: Sequence[Setting], frame: Mapping[str, str]) -> bytes:
    """The whole file."""
    lines = [frame.get("header", ""), ""]
    lines += [f'{setting.name}="{check(setting, _QUOTE)}"' for setting in settings]
    return ("\r\n".join(lines) + "\r\n").encode()
