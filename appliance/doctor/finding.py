"""What a check looks at, and what it finds.

PURE. A finding has a stable key; texts.py says it in words, with what to do next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from appliance.config.model import Document
from appliance.options import DEFAULT_RTP_PORTS, DEFAULT_SIP_PORT, DEFAULT_WEB_PORT


class Level(Enum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor. key: of texts.py; params fill its sentence."""

    level: Level
    key: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Patient:
    """The box as far as it can be seen.

    document: its settings, None when they cannot be read; answers: of the running daemon by
    operation; why_silent: the error's key where it gave none; is_closed: whoever examines may not
    look into its folder; ports: where it is to listen, if it does not run.
    """

    data: Path
    document: Document | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    why_silent: str = ""
    is_closed: bool = False
    sip_port: int = DEFAULT_SIP_PORT
    web_port: int = DEFAULT_WEB_PORT
    rtp_ports: tuple[int, int] = DEFAULT_RTP_PORTS

    @property
    def is_running(self) -> bool:
        """Whether the daemon answered."""
        return "status" in self.answers

    @property
    def is_down(self) -> bool:
        """Whether none runs; one that hangs, or that we may not ask, is not down."""
        return not self.is_running and self.why_silent in ("", "control.not_running")


Check = Callable[[Patient], list[Finding]]


def ok(key: str, **params: object) -> Finding:
    """All is well."""
    return _finding(Level.OK, key, params)


def warning(key: str, **params: object) -> Finding:
    """It works, but somebody should look."""
    return _finding(Level.WARNING, key, params)


def fault(key: str, **params: object) -> Finding:
    """It does not work."""
    return _finding(Level.FAULT, key, params)


def _finding(level: Level, key: str, params: Mapping[str, object]) -> Finding:
    return Finding(level, key, {name: str(value) for name, value in params.items()})
