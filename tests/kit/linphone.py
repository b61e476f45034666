"""linphone's console client, a phone of another kin: registers, dials, answers, plays, records.

Owns the process, its home folder and its WAV files. It is driven by typing at its prompt; its words
are read back from its log. It uses files where other phones have a sound card.
"""

from __future__ import annotations

import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.kit.closing import Closing
from tests.kit.ports import PortRange
from tests.kit.processes import KitError, Program
from tests.kit.tone import Sound, read_wav, silence, sine, write_wav

_SPOKEN_S = 60.0
_PROMPT_S = 10.0
_SETTINGS = """[sip]
sip_port={sip_port}
use_ipv6=0
[rtp]
audio_rtp_port={first}-{last}
[sound]
ec=0
[video]
enabled=0
"""


@dataclass(frozen=True, kw_only=True)
class LinphoneOptions:
    """tone_hz: what it says; answers: takes every call at once; config_uri: where it fetches its
    account from at its start."""

    tone_hz: float = 440.0
    answers: bool = False
    netns: str = ""
    config_uri: str = ""


class Linphone(Closing):
    """One running phone, UDP over IPv4; a context manager that always ends it."""

    def __init__(self, folder: Path, options: LinphoneOptions) -> None:
        """Start it; ready to register or to dial when this returns."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="linphone-", dir=folder))
        self.options = options
        self._ports = PortRange()
        self.sip_port = self._ports.one()
        self._heard = self.folder / "heard.wav"
        self.program = Program(
            ["linphonec", "-c", str(self._write_files()), *(["-a"] if options.answers else [])],
            self.folder / "linphone.log",
            netns=options.netns,
            environment={"HOME": str(self.folder)},
            folder=self.folder,
            takes_input=True,
        )
        try:
            self._set_up()
        except BaseException:
            self.close()
            raise

    def _write_files(self) -> Path:
        first, last = self._ports.rest()
        for part in (".local/share/linphone", ".config/linphone"):
            (self.folder / part).mkdir(parents=True)
        write_wav(self.folder / "said.wav", sine(self.options.tone_hz, _SPOKEN_S, dbfs=-12))
        path = self.folder / "linphonerc"
        text = _SETTINGS.format(sip_port=self.sip_port, first=first, last=last)
        if self.options.config_uri:
            text += f"[misc]\nconfig-uri={self.options.config_uri}\n"
        path.write_text(text)
        return path

    def _set_up(self) -> None:
        self.program.wait_for_line("linphonec>", _PROMPT_S)
        self._type("soundcard use files", "Using wav files")
        self._type(f"record {self._heard}", "record ")
        self._type(f"play {self.folder / 'said.wav'}", "play ")
        self._type("ipv6 disable", "ipv6 use disabled")
        self._type(f"ports sip {self.sip_port}", f"Setting sip port to {self.sip_port}")

    def _type(self, line: str, answer: str, timeout_s: float = _PROMPT_S) -> str:
        """Type a line and wait for words that were not there before."""
        before = self.program.log().count(answer)
        self.program.say(line)
        return self.program.wait_until(
            lambda: log if (log := self.program.log()).count(answer) > before else "",
            timeout_s,
            f"linphone says {answer!r} to {line!r}",
        )

    def register(self, user: str, secret: str, server: str, timeout_s: float = 10.0) -> None:
        """Register as sip:user@server (host:port) and wait until it has."""
        self.program.say(f"register sip:{user}@{server} sip:{server} {secret}")
        deadline = time.monotonic() + timeout_s
        while "\nregistered, identity" not in self._type("status register", "register"):
            if time.monotonic() > deadline:
                raise KitError(f"not registered within {timeout_s:g} s\n{self.program.tail()}")

    def dial(self, uri: str, timeout_s: float = 10.0) -> None:
        """Call a SIP URI and wait until it is answered."""
        self._type(f"call {uri}", " connected.", timeout_s)

    def hang_up(self) -> None:
        """End the call and wait until it has ended."""
        self._type("terminate", " ended ")

    def decline(self, timeout_s: float = 10.0) -> None:
        """Refuse the call that rings, once it does (603)."""
        self.wait_for_words("Receiving new incoming call", timeout_s)
        self.program.say("terminate")

    def add_friend(self, name: str, uri: str) -> None:
        """Watch the presence of a SIP URI."""
        self.program.say(f"friend add {name} {uri}")

    def wait_for_friend(
        self, name: str, state: str, timeout_s: float = 10.0, *, times: int = 1
    ) -> None:
        """Wait until it has said so often that this friend is so: Online, Offline, …"""
        shape = re.compile(rf'Friend "{re.escape(name)}" <[^>]*> is {re.escape(state)}\b')
        self.program.wait_until(
            lambda: len(shape.findall(self.program.log())) >= times,
            timeout_s,
            f"linphone says that {name} is {state}",
        )

    def wait_for_words(self, words: str, timeout_s: float = 10.0) -> str:
        """The first line with such words, e.g. ``connected``, ``ended``."""
        return self.program.wait_for_line(words, timeout_s)

    def heard(self) -> Sound:
        """What it heard; whole after the call has ended."""
        return read_wav(self._heard) if self._heard.exists() else silence(0)

    def close(self) -> None:
        """End it at once."""
        self.program.kill()
        self._ports.close()
