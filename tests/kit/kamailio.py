"""kamailio as the provider of a trunk: one account with a secret, a registrar, a way to the world.

Owns the process and its generated configuration. Calls from where the account has registered are
challenged (407) and go to ``world``; calls of anybody else go to the account, with the number that
was called. ``become`` restarts it with another behaviour on the same port.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.kit.closing import Closing
from tests.kit.ports import free_port
from tests.kit.processes import Program, wait_for_port

_CONFIG = Path(__file__).with_name("kamailio.cfg")


class Behaviour(Enum):
    """What the provider does; REFUSING answers INVITE with the status of the options."""

    WORKING = "working"
    SILENT = "silent"  # nothing is answered at all
    SILENT_TO_CALLS = "silent_to_calls"  # registered, but no INVITE is answered
    REFUSING = "refusing"


@dataclass(frozen=True, kw_only=True)
class ProviderOptions:
    """account, secret, realm: what the trunk must know; world: host:port of the UAS behind it;
    status: of Behaviour.REFUSING; port 0: a free one."""

    account: str = "74955550000"
    secret: str
    realm: str = "provider.test"
    host: str = "127.0.0.1"
    port: int = 0
    world: str = "127.0.0.1:9"
    status: int = 503
    netns: str = ""


class Provider(Closing):
    """One running provider; a context manager that always ends it."""

    def __init__(self, folder: Path, options: ProviderOptions) -> None:
        """Start it, working; ready when this returns."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="kamailio-", dir=folder))
        self.options = options
        self.host = options.host
        self.port = options.port or free_port(options.host)
        self.program = self._start(Behaviour.WORKING)

    def become(self, behaviour: Behaviour) -> None:
        """Restart with another behaviour; registrations are forgotten."""
        self.program.kill()
        self.program = self._start(behaviour)

    def _start(self, behaviour: Behaviour) -> Program:
        path = self.folder / "kamailio.cfg"
        path.write_text(self._config(behaviour))
        argv = ["kamailio", "-DD", "-E", "-f", str(path), "-Y", str(self.folder)]
        argv += ["-P", str(self.folder / "pid"), "-m", "32", "-M", "4"]
        program = Program(
            argv, self.folder / "kamailio.log", netns=self.options.netns, folder=self.folder
        )
        try:
            wait_for_port(program, self.port, "udp")
            wait_for_port(program, self.port, "tcp")
        except BaseException:
            program.kill()
            raise
        return program

    def _config(self, behaviour: Behaviour) -> str:
        options = self.options
        text = _CONFIG.read_text()
        values = {
            "HOST": options.host,
            "PORT": str(self.port),
            "ACCOUNT": options.account,
            "SECRET": options.secret,
            "REALM": options.realm,
            "WORLD": options.world,
            "STATUS": str(options.status),
            "BEHAVIOUR": behaviour.value,
        }
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        return text

    def log(self) -> str:
        """What it has logged: one line ``saw METHOD …`` for each request."""
        return self.program.log()

    def wait_for_request(self, text: str, timeout_s: float = 10.0) -> str:
        """The first logged request with ``text``, e.g. ``saw REGISTER``, ``registered``."""
        return self.program.wait_for_line(text, timeout_s)

    def close(self) -> None:
        """End it at once."""
        self.program.kill()
