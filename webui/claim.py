"""The claim code: who can read the console, or the box's own folder, makes the first admin.

Owns the file ``claim.code`` of the data folder (mode 0600), which exists only while there is
something to claim: until an admin exists, or after ``dozvon web claim`` for an owner who has lost
his password. There is no default password anywhere.
"""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from appliance.durable import write_durably

#: No 0 O, 1 I L, 2 Z, 5 S, 8 B, U V: they are mistaken for each other.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
LENGTH = 8


class ClaimCode:
    """The code of one data folder."""

    def __init__(self, data: Path) -> None:
        self.path = data / "claim.code"

    def read(self) -> str:
        """The code that is valid now, or an empty text; one that is not ours to read is none."""
        try:
            return _plain(self.path.read_text(encoding="ascii"))
        except (FileNotFoundError, PermissionError, UnicodeDecodeError):
            return ""

    def ensure(self) -> str:
        """The code that is valid now; a new one when there is none."""
        return self.read() or self.renew()

    def renew(self) -> str:
        """A new code; the old one is worth nothing any more."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        write_durably(self.path, f"{code}\n".encode("ascii"), is_of_folder=True)
        return code

    def fits(self, typed: str) -> bool:
        """Whether that is the code, however it was spaced and in whatever case."""
        code = self.read()
        return bool(code) and hmac.compare_digest(code.encode(), _plain(typed).encode())

    def use_up(self) -> None:
        """It has done its work."""
        self.path.unlink(missing_ok=True)


def shown(code: str) -> str:
    """``ABCD-EFGH``: how it is printed."""
    return f"{code[:4]}-{code[4:]}"


def _plain(text: str) -> str:
    return "".join(c for c in text.upper() if c.isascii() and c.isalnum())[:64]
