"""The exception tree of the daemon.

DozvonError
 ├── RemoteProtocolError   the peer broke a protocol: answer or drop it, log a WARNING
 ├── LocalProtocolError    we broke a protocol: log an ERROR, release that call, the daemon lives
 ├── ConfigErrors          a configuration was refused: every problem at once
 ├── MediaError            the media core refused: becomes a leg event
 ├── LineFault             an analog or cellular line failed: becomes a leg event
 ├── StoreError            a database cannot be read or written
 └── UserError             a command of a person cannot be done; key says why

PURE. Each error that a person can see carries a stable key; its texts live in config/texts.py and
commands/texts.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class DozvonError(Exception):
    """Root of every error that Dozvon raises on purpose."""


class RemoteProtocolError(DozvonError):
    """The peer sent what its protocol forbids.

    status: the SIP status code that says so best (RFC 3261 §21); section: the text that was broken.
    """

    def __init__(self, message: str, *, status: int = 400, section: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.section = section


class LocalProtocolError(DozvonError):
    """We asked for something that the protocol forbids in this state: a defect of ours."""


class MediaError(DozvonError):
    """The media core could not do what was asked; key is stable, e.g. ``media.ports_exhausted``."""

    def __init__(self, key: str, message: str = "") -> None:
        super().__init__(message or key)
        self.key = key


class LineFault(DozvonError):
    """An analog or cellular line does not work."""


class StoreError(DozvonError):
    """A database cannot be read or written."""


class UserError(DozvonError):
    """What a person asked for cannot be done; key and params find the text in their language."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(f"{key} {params}" if params else key)
        self.key = key
        self.params = params


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a configuration.

    key: stable, e.g. ``extension.number.shadows_emergency``; path: where, e.g.
    ``extensions[2001].number``; params fill the text of appliance/config/texts.py. A warning is
    shown but refuses nothing.
    """

    key: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    is_warning: bool = False


class ConfigErrors(DozvonError):
    """A configuration was refused; problems holds all of them, never only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.path}: {p.key}" for p in problems))
        self.problems = problems
