"""A desk phone out of its carton, as far as a test of the server needs one: it fetches and parses.

Speaks HTTP as a Yealink T46U does (User-Agent, names of files) and reads ``key = value``. Owns
nothing. Emulated phones of every model are tests of the brands' own.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class YealinkPhone:
    """base: the URL that it found (PnP, DHCP); settings: what it has been told so far."""

    base: str
    mac: str = "805ec0a1b2c3"
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def agent(self) -> str:
        pairs = ":".join(self.mac[i : i + 2] for i in range(0, 12, 2))
        return f"Yealink SIP-T46U 108.86.0.20 {pairs}"

    def fetch(self, *, base: str = "", headers: Mapping[str, str] | None = None) -> int:
        """Fetch the phone's own file and take what it says; the HTTP status."""
        url = f"{base or self.base}{self.mac}.cfg"
        asked = urllib.request.Request(url, headers={"User-Agent": self.agent, **(headers or {})})
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                text = answer.read().decode("utf-8")
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code
        assert text.startswith("#!version:1.0.0.1\n")
        for line in text.splitlines()[1:]:
            if line.strip():
                key, _, value = line.partition(" = ")
                self.settings[key.strip()] = "" if value == "%NULL%" else value
        return 200

    @property
    def number(self) -> str:
        return self.settings.get("account.1.user_name", "")

    @property
    def password(self) -> str:
        return self.settings.get("account.1.password", "")

    @property
    def next_base(self) -> str:
        """Where it was told to ask next time."""
        return self.settings.get("static.auto_provision.server.url", "")
