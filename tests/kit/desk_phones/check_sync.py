"""How a phone takes check-sync: it asks who says so, and believes whoever knows its password.

Owns nothing but what it noted. Many firmwares challenge a NOTIFY outside of a dialog (401, RFC
7616) for the account's own credentials; one without them, or with wrong ones, changes nothing.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass

from tests.kit.desk_phones.phone import DeskPhone
from tests.kit.processes import wait_until
from tests.kit.raw_sip import Fields, Heard

_NONCE = "n0nce-of-the-phone"


@dataclass(frozen=True)
class Telling:
    """One NOTIFY. at_s: monotonic; is_proved: it came with the account's password."""

    at_s: float
    event: str
    is_proved: bool


class CheckSync:
    """What this registered phone was told since ``forget``."""

    def __init__(self, phone: DeskPhone) -> None:
        self.phone = phone
        self.told: list[Telling] = []
        phone.responder.answer_other = self._answer
        phone.responder.fields = self._challenge

    def forget(self) -> None:
        self.told.clear()

    def wait(self, timeout_s: float, after: int = 0) -> Telling:
        """The first one that was proved. after: how many were told before."""
        wait_until(
            lambda: any(telling.is_proved for telling in self.told[after:]),
            timeout_s,
            f"{self.phone.family.model} is told to read again",
            lambda: str(self.told),
        )
        return next(telling for telling in self.told[after:] if telling.is_proved)

    def _answer(self, request: Heard) -> int:
        if request.method != "NOTIFY":
            return 200
        proof = request.header("authorization")
        is_proved = bool(proof) and self._is_right(request, proof)
        self.told.append(Telling(time.monotonic(), request.header("event"), is_proved))
        if is_proved:
            return 200
        return 403 if proof else 401

    def _challenge(self, request: Heard, status: int) -> Fields:
        if status != 401:
            return ()
        value = f'Digest realm="phone", nonce="{_NONCE}", algorithm=MD5, qop="auth"'
        return [("WWW-Authenticate", value)]

    def _is_right(self, request: Heard, proof: str) -> bool:
        given = {
            name.lower(): quoted or bare
            for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', proof)
        }
        line = self.phone.line
        if (given["username"], given["nonce"], given["uri"]) != (line.auth, _NONCE, request.uri):
            return False
        secret = _md5(f"{line.auth}:{given['realm']}:{line.password}")
        what = _md5(f"NOTIFY:{given['uri']}")
        middle = f"{_NONCE}:{given['nc']}:{given['cnonce']}:{given['qop']}"
        return bool(given["response"] == _md5(f"{secret}:{middle}:{what}"))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
