"""The shapes of a brand's data table, as the rest of the room reads them.

PURE. A brand is data (brands/<brand>.toml): models, user agents, files in the order that phones
ask for them, and parameters: neutral field -> the brand's own name and value. table.py reads a
table into these shapes and says what is wrong with it; identify.py and render.py are their
readers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase


class FileRole(Enum):
    """What a file name that a phone asks for is to us."""

    DEVICE = "device"  # the phone's own settings, secrets among them
    COMMON = "common"  # what all phones of the brand share: never a secret
    MASTER = "master"  # names the files to fetch next
    PHONE_BOOK = "phone_book"
    ABSENT = "absent"  # a name of the brand's that we leave unanswered on purpose
    UPLOAD = "upload"  # logs and copies that phones want to store: refused


@dataclass(frozen=True, slots=True)
class Model:
    """One model. code: what its common file is called by; keys: places of programmable keys.

    page: keys on one page of them (0 = all); has_line_keys: lines have keys of their own, and none
    of the programmable ones need be a line; modules, module_keys: how many expansion modules can be
    put beside it, and keys of each, which go on counting behind its own.
    """

    name: str
    code: str = ""
    accounts: int = 1
    keys: int = 0
    page: int = 0
    has_line_keys: bool = False
    family: str = ""
    modules: int = 0
    module_keys: int = 0

    @property
    def places(self) -> int:
        """All keys that a phone of this model can have."""
        return self.keys + self.modules * self.module_keys


@dataclass(frozen=True, slots=True)
class FileName:
    """One name that the brand's phones ask for, with ``{mac}``, ``{model}``, ``{code}`` in it."""

    name: str
    role: FileRole
    shape: re.Pattern[str]
    parts: int  # parts of a path that the name has
    is_own: bool  # no other brand has names of this shape: the name alone tells the brand


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the brand: name and value are patterns of render.py's small language.

    since: smallest firmware; models: glob patterns; empty: what is written where the value is empty
    (None = the parameter is left out); forbids: characters that no field may bring to this place.
    """

    name: str
    value: str
    since: tuple[int, ...] = ()
    models: tuple[str, ...] = ()
    empty: str | None = None
    forbids: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def fits(self, model: str, firmware: tuple[int, ...]) -> bool:
        """True when this model with this firmware has the parameter; () = firmware not known."""
        if self.models and not any(fnmatchcase(model, pattern) for pattern in self.models):
            return False
        return not self.since or not firmware or firmware >= self.since


@dataclass(frozen=True, slots=True)
class PhoneBookForm:
    """A remote phone book: elements by name, and elements that every entry has besides."""

    root: str
    entry: str
    name: str
    number: str
    fixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SoftphoneForm:
    """How a telephone that is a program gets its account: by a link that serves once.

    link: what its QR code holds, with ``{http}`` or ``{https}`` = host, port and path of the file;
    by_browser: the program fetches nothing itself; a person opens the link and copies what it says.
    """

    link: str
    by_browser: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """One brand's table."""

    name: str
    title: str
    tier: int
    format: str
    frame: Mapping[str, str]
    content_type: str
    ouis: frozenset[str]
    agents: tuple[re.Pattern[str], ...]
    firmware_from: int  # components of a firmware number that say the hardware, not the version
    models: Mapping[str, Model]
    files: tuple[FileName, ...]
    sections: Mapping[str, tuple[Parameter, ...]]
    maps: Mapping[str, Mapping[str, str]]
    lists: Mapping[str, str]  # list field -> what stands between its items
    codecs: tuple[str, ...]
    reread: str  # value of the Event header that makes a phone read its files again
    discovery: Mapping[str, object]
    grades: Mapping[str, str]
    phone_book: PhoneBookForm | None = None
    softphone: SoftphoneForm | None = None
    forbids: str = ""
    longest: int = 256
    default_model: str = ""
    maker: str = ""  # brands of one maker share its addresses

    def model(self, name: str) -> Model | None:
        """The model by its name, in whatever case and with or without dashes."""
        return self.models.get(plain(name))

    def file(self, role: FileRole) -> FileName | None:
        """The first file of a role."""
        return next((f for f in self.files if f.role is role), None)


def plain(name: str) -> str:
    """A model's name as it is compared: letters and digits alone, in upper case."""
    return "".join(letter for letter in name.upper() if letter.isalnum())
