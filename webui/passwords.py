"""Passwords of accounts: scrypt (RFC 7914), and what is too weak to be taken.

Owns a gate of two hashings at once: a flood of logins must not take the processor from calls.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading

from appliance.config.checks.secrets import weakness

SHORTEST = 10
_N, _R, _P = 1 << 14, 8, 1  # 16 MB and some 50 ms
_gate = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """``scrypt$n$r$p$salt$hash``, the last two in hexadecimal."""
    salt = os.urandom(16)
    return f"scrypt${_N}${_R}${_P}${salt.hex()}${_scrypt(password, salt, (_N, _R, _P)).hex()}"


def is_password(password: str, stored: str) -> bool:
    """Whether it is the password; as slow for a broken ``stored`` as for a sound one."""
    try:
        _, n, r, p, salt, wanted = stored.split("$")
        found = _scrypt(password, bytes.fromhex(salt), (int(n), int(r), int(p)))
        return hmac.compare_digest(found, bytes.fromhex(wanted))
    except ValueError:
        hash_password(password)
        return False


def password_problem(password: str, name: str) -> str:
    """The key of what is wrong with a new password, or an empty text."""
    if len(password) < SHORTEST:
        return "short"
    return "weak" if weakness(password, name) else ""


def _scrypt(password: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    secret = password.encode("utf-8", "surrogatepass")
    with _gate:
        return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=64 << 20, dklen=32)
