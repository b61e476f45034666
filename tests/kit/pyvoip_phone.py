"""A pyVoIP phone in a process of its own, with a hard end: it hangs easily, that is why it is here.

Owns the process and its files. pyVoIP 1.6.8 knows UDP, IPv4, G.711 mu-law; it wants a 100 or 401 as
the first answer, and sends BYE without Route and ACK with another To tag.
"""

from __future__ import annotations

import json
import sys
import tempfile
from array import array
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.kit.closing import Closing
from tests.kit.ports import PortRange
from tests.kit.processes import Program, wait_until
from tests.kit.tone import Sound, sine


@dataclass(frozen=True, kw_only=True)
class PyVoipOptions:
    """server: where it registers; dials: whom it calls at once, or nobody: then it waits for a call
    and answers. It plays tone_hz for talk_s seconds from the answer on."""

    user: str
    secret: str
    server: str
    server_port: int
    dials: str = ""
    answers: bool = True
    hangs_up: bool = True
    tone_hz: float = 440.0
    talk_s: float = 2.0
    host: str = "127.0.0.1"
    netns: str = ""


class PyVoipPhone(Closing):
    """One running phone for one call; a context manager that always ends it."""

    def __init__(self, folder: Path, options: PyVoipOptions) -> None:
        """Start it; ``wait_for("registered")`` next."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f"pyvoip-{options.user}-", dir=folder))
        self.options = options
        self._ports = PortRange()
        self.sip_port = self._ports.one()
        self._heard = self.folder / "heard.raw"
        tone = sine(options.tone_hz, options.talk_s, dbfs=-6)
        wanted = asdict(options) | {
            "sip_port": self.sip_port,
            "rtp_ports": self._ports.rest(),
            "tone": bytes((sample >> 8) + 128 for sample in tone.samples).hex(),
            "heard": str(self._heard),
        }
        script = Path(__file__).with_name("pyvoip_script.py")
        self.program = Program(
            [sys.executable, str(script), json.dumps(wanted)],
            self.folder / "pyvoip.log",
            netns=options.netns,
            folder=self.folder,
        )

    def events(self) -> list[dict[str, Any]]:
        """What the script has told so far: registered, dialled, ringing, talking, heard, over …"""
        lines = self.program.log().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.startswith('{"event"') and "}" in line]

    def wait_for(self, event: str, timeout_s: float = 10.0) -> dict[str, Any]:
        """The first event of a name."""
        return wait_until(
            lambda: next((e for e in self.events() if e["event"] == event), {}),
            timeout_s,
            f"{event!r} of the pyVoIP phone {self.options.user}",
            self.program.tail,
        )

    def heard(self) -> Sound:
        """What it heard, after the event ``heard``: 8 bits linear, so never very clean."""
        octets = self._heard.read_bytes() if self._heard.exists() else b""
        return Sound(array("h", ((octet - 128) * 256 for octet in octets)))

    def close(self) -> None:
        """End it at once."""
        self.program.kill()
        self._ports.close()
