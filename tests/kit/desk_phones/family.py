"""What a family of phones is, and what a phone understood of its files.

``Understood`` is how a phone works after it read its files, in words that hold for all makers; each
family's ``understand`` says it from its own parameters, and complains of any that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tests.kit.desk_phones.parsers import Config
from tests.kit.processes import KitError


@dataclass(frozen=True)
class Line:
    """One account as the phone uses it."""

    user: str
    auth: str
    password: str
    name: str
    server: str
    port: int = 5060
    transport: str = "udp"
    expires_s: int = 0
    label: str = ""


@dataclass(frozen=True)
class PhoneKey:
    """A key that does something. kind: line, blf, speed_dial, park."""

    kind: str
    value: str = ""
    label: str = ""
    line: int = 1
    pickup: str = ""


@dataclass
class Understood:
    """A phone as it works. None: the family's files say nothing of it."""

    lines: dict[int, Line] = field(default_factory=dict)
    admin_password: str | None = None
    ntp: str | None = None
    offset_s: int | None = None
    dst: str | None = None  # "" = none, "3/2/0 11/1/0" = months, weeks, weekdays (0 = Sunday)
    language: str | None = None
    tones: str | None = None
    codecs: tuple[str, ...] | None = None
    dtmf: str | None = None
    keys: dict[int, PhoneKey] | None = None
    voicemail: str | None = None
    book_url: str | None = None
    vlan: int | None = None
    firmware_url: str | None = None
    resync_url: str | None = None
    resync_user: str | None = None
    resync_password: str | None = None
    pickup_code: str | None = None
    digit_map: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Replacing:
    """How a phone that picks up by INVITE with Replaces writes it (RFC 3891 leaves all of it open;
    which maker does which is common knowledge at best). is_swapped: its tags are put as the caller
    would know the dialog; turns_to_caller: whom the INVITE is addressed to; requires: it says
    Require as well; rest: what else stands in the header."""

    is_swapped: bool = False
    turns_to_caller: bool = False
    requires: bool = False
    rest: str = ";early-only"


@dataclass(frozen=True)
class Family:
    """A family of models that boot alike.

    files: names in the order of asking, with ``{mac}``, ``{MAC}``, ``{model}`` and ``{code}``;
    ``first that is there ends the search`` when stops is set. known: every parameter of the
    firmware; adapts: what is told differently because the phone can do less; serves: models that
    boot just so.
    """

    brand: str
    model: str
    mac: str
    agent: str
    files: tuple[str, ...]
    read: Callable[[bytes], Config]
    understand: Callable[[Config], Understood]
    known: tuple[str, ...]
    adapts: Callable[[Understood], Understood] | None = None
    code: str = ""
    stops: bool = False
    transport: str = "http"
    serves: tuple[str, ...] = ("*",)
    reread: str = "check-sync;reboot=false"
    pnp: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> Iterable[str]:
        """The names that this phone asks for, in order."""
        places = {"{mac}": self.mac, "{MAC}": self.mac.upper(), "{model}": self.model}
        for name in self.files:
            for place, text in {**places, "{code}": self.code}.items():
                name = name.replace(place, text)
            yield name

    def expects(self, whole: Understood) -> Understood:
        """How this family works when it was told all of that: what it cannot do is left out."""
        return self.adapts(whole) if self.adapts else whole

    def parse(self, octets: bytes) -> Config:
        """The file's parameters; KitError for any that this firmware has not."""
        found = self.read(octets)
        unknown = [name for name in found if not any(re.fullmatch(k, name) for k in self.known)]
        if unknown:
            raise KitError(f"{self.model} does not know {unknown}")
        return found


def numbered(config: Config, pattern: str) -> dict[int, str]:
    """Values of ``pattern`` by the number in its ``#``; empty ones are left out."""
    shape = re.compile(re.escape(pattern).replace(r"\#", r"(\d+)"))
    found = {int(m[1]): value for name, value in config.items() if (m := shape.fullmatch(name))}
    return {number: value for number, value in sorted(found.items()) if value}
