"""How commands ask the running daemon and write their answer.

Owns nothing: one question over the control socket of the data folder (docs/control.md).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from appliance.net.control_client import call

TIMEOUT_S = 10.0


def ask(
    args: argparse.Namespace, operation: str, timeout_s: float = TIMEOUT_S, **given: Any
) -> dict[str, Any]:
    """The daemon's result; raises UserError (``control.not_running`` when there is no daemon)."""
    answer: dict[str, Any] = call(Path(args.data) / "control.sock", operation, given, timeout_s)
    return answer


def write_lines(lines: Iterable[str], out: TextIO) -> None:
    out.writelines(line + "\n" for line in lines)


def write_json(data: Any, out: TextIO) -> None:
    """One JSON document; letters of every script are written as they are."""
    json.dump(data, out, ensure_ascii=False, indent=2)
    out.write("\n")
