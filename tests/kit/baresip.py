"""baresip, a telephone that nobody here wrote: registers, dials, answers, holds, plays and records.

Owns the process, its configuration folder and one connection to its control port (netstrings with
JSON). Its microphone is a WAV file; what it hears is written to another by the sndfile filter.
"""

from __future__ import annotations

import functools
import json
import re
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kit.closing import Closing
from tests.kit.netns import inside
from tests.kit.ports import PortRange
from tests.kit.processes import KitError, Program, wait_for_port, wait_until
from tests.kit.tone import Sound, read_wav, silence, sine, write_wav
from tests.kit.wire_tap import listen_on_loopback

_MODULES = Path("/usr/lib/baresip/modules")
_LOADED = ("g711", "g722", "aufile", "aubridge", "sndfile", "account", "contact", "menu", "uuid")
_APPS = ("account", "contact", "menu", "mwi", "ctrl_tcp")
_SPOKEN_S = 60.0
_START_S = 10.0
_ANSWER_S = 5.0
Event = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class BaresipOptions:
    """Who the phone is. registrar: host:port that its account belongs to; tone_hz: what it says;
    answers: auto, manual; parameters: further ones of the account, e.g. ``;transport=…`` is given
    by ``transport``; contacts: numbers of the registrar whose presence it may watch;
    watches_messages: it asks for message waiting once it has registered."""

    user: str
    registrar: str
    secret: str = ""
    host: str = "127.0.0.1"
    transport: str = "udp"
    tone_hz: float = 440.0
    answers: str = "manual"
    registers: bool = True
    expires_s: int = 120
    codecs: str = "pcma,pcmu"
    parameters: str = ""
    netns: str = ""
    contacts: tuple[str, ...] = ()
    watches_messages: bool = False


class Baresip(Closing):
    """One running phone; a context manager that always ends it."""

    def __init__(self, folder: Path, options: BaresipOptions) -> None:
        """Start it; ``register`` then waits until it has registered."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f"baresip-{options.user}-", dir=folder))
        self.options = options
        self._ports = PortRange()
        self.sip_port = self._ports.pair()  # the next one is taken for TLS
        self._control_port = self._ports.one()
        self.rtp_ports = self._ports.rest()
        self._write_files()
        self.program = Program(
            ["baresip", "-f", str(self.folder), "-v"],
            self.folder / "baresip.log",
            netns=options.netns,
            folder=self.folder,
        )
        self._received = b""
        self._events: list[Event] = []
        self._answers: list[Event] = []
        try:
            wait_for_port(self.program, self._control_port, "tcp", _START_S)
            self._control = inside(options.netns, self._connect)
            self.command("uanew", self._account())
        except BaseException:
            self.program.kill()
            raise

    def _write_files(self) -> None:
        options = self.options
        low, high = self.rtp_ports
        microphone = self.folder / "microphone.wav"
        write_wav(microphone, sine(options.tone_hz, _SPOKEN_S, dbfs=-12))
        settings = {
            "poll_method": "epoll",
            "sip_listen": f"{bracketed(options.host)}:{self.sip_port}",
            "call_local_timeout": "120",
            "call_max_calls": "10",
            "audio_source": f"aufile,{microphone}",
            "audio_player": "aubridge,nowhere",
            "ausrc_srate": "8000",
            "auplay_srate": "8000",
            "audio_buffer": "20-160",
            "jitter_buffer_delay": "1-5",
            "rtp_ports": f"{low}-{high}",
            "net_interface": options.host,
            "module_path": str(_MODULES),
            "snd_path": str(self.folder),
            "ringback_disabled": "yes",
            "statmode_default": "off",
            "ctrl_tcp_listen": f"127.0.0.1:{self._control_port}",
        }
        lines = [f"{name}\t{value}" for name, value in settings.items()]
        more = ("mwi",) if options.watches_messages else ()
        lines += [f"{_kind_of(name)}\t{name}.so" for name in (*_LOADED, *more, "ctrl_tcp")]
        (self.folder / "config").write_text("\n".join(lines) + "\n")
        (self.folder / "accounts").write_text("")  # given later, when its events are listened to
        watched = [f'"{n}" <sip:{n}@{options.registrar}>;presence=p2p' for n in options.contacts]
        (self.folder / "contacts").write_text("".join(f"{line}\n" for line in watched))

    def _account(self) -> str:
        options = self.options
        words = [f"<sip:{options.user}@{options.registrar};transport={options.transport}>"]
        words += [f"auth_user={options.user}", f"auth_pass={options.secret or 'none'}"]
        words += [f"answermode={options.answers}", f"audio_codecs={options.codecs}"]
        words += [f"regint={options.expires_s if options.registers else 0}"]
        return ";".join(words) + options.parameters

    def _connect(self) -> socket.socket:
        control = socket.create_connection(("127.0.0.1", self._control_port), timeout=5)
        control.setblocking(False)
        return control

    def command(self, name: str, parameters: str = "") -> str:
        """Run one of baresip's commands; what it said. KitError when it refuses."""
        request = {"command": name, "params": parameters, "token": str(len(self._answers))}
        text = json.dumps(request).encode()
        self._control.sendall(b"%d:%s," % (len(text), text))
        before = len(self._answers)
        wait_until(lambda: self._has_answered(before), _ANSWER_S, f"{name} is done", self.tell)
        answer = self._answers[-1]
        if not answer.get("ok"):
            raise KitError(f"baresip refused {name} {parameters}: {answer}\n{self.tell()}")
        return str(answer.get("data", ""))

    def _has_answered(self, before: int) -> bool:
        self._listen()
        return len(self._answers) > before

    def dial(self, number: str) -> None:
        """Call a number of the registrar, or a whole SIP URI."""
        self.command("dial", number)

    def answer(self) -> None:
        self.command("accept")

    def hang_up(self) -> None:
        self.command("hangup")

    def hold(self) -> None:
        self.command("hold")

    def resume(self) -> None:
        self.command("resume")

    def send_dtmf(self, digits: str) -> None:
        """Press keys (RFC 4733 where it was negotiated)."""
        self.command("sndcode", digits)

    def watch_contacts(self) -> None:
        """Subscribe to the presence of its contacts from now on; ``presence_of`` tells it."""
        self.command("insmod", "presence")

    def presence_of(self, number: str) -> str:
        """What its list of contacts shows: Online, Busy, Offline or Unknown."""
        lines = [line for line in self.command("contacts").splitlines() if f"sip:{number}@" in line]
        return re.sub(r"\x1b\[[0-9;]*m", "", lines[0]).strip(" >").split()[0] if lines else ""

    def events(self) -> list[Event]:
        """All events so far, e.g. ``{"type": "CALL_ESTABLISHED", …}``."""
        self._listen()
        return list(self._events)

    def wait_for_event(self, kind: str, timeout_s: float = 10.0, *, after: int = 0) -> Event:
        """The first event of a kind among those after the first ``after`` ones."""
        return self.program.wait_until(
            lambda: next((e for e in self.events()[after:] if e["type"] == kind), {}),
            timeout_s,
            f"event {kind} of {self.options.user}, only {[e['type'] for e in self.events()]}",
        )

    def register(self, timeout_s: float = 10.0) -> None:
        """Wait until it has registered."""
        self.wait_for_event("REGISTER_OK", timeout_s)

    def heard(self) -> Sound:
        """What it has heard in its latest call, as far as it is written."""
        files = sorted(self.folder.glob("dump-*-dec.wav"), key=lambda path: path.stat().st_mtime)
        return read_wav(files[-1]) if files else silence(0)

    def wait_to_hear(self, hz: float, timeout_s: float = 8.0, seconds: float = 1.0) -> Sound:
        """Wait until the last ``seconds`` of what it heard are this tone; give them."""

        def is_tone() -> Sound | None:
            sound = self.heard()
            last = sound.part(max(0.0, sound.seconds - seconds))
            return last if last.seconds >= seconds * 0.99 and last.heard().is_tone(hz) else None

        sound = wait_until(is_tone, timeout_s, f"{self.options.user} hears {hz} Hz", self._hearing)
        assert sound is not None
        return sound

    def wait_to_be_sent(self, hz: float, timeout_s: float = 8.0, seconds: float = 1.0) -> Sound:
        """Wait until for ``seconds`` this tone comes to it, told by the wire: after it was held,
        baresip 1.0 plays on and writes nothing down any more."""

        def is_tone() -> Sound | None:
            tap = functools.partial(listen_on_loopback, self.rtp_ports, seconds)
            sound = inside(self.options.netns, tap)
            return sound if sound.seconds >= seconds * 0.8 and sound.heard().is_tone(hz) else None

        what = f"{self.options.user} is sent {hz} Hz"
        sound = wait_until(is_tone, timeout_s, what, self._hearing)
        assert sound is not None
        return sound

    def wait_for_quiet(self, timeout_s: float = 8.0, quiet_s: float = 0.5) -> None:
        """Wait until it hears nothing for quiet_s: no packets come, or silent ones."""
        changed_at = time.monotonic()
        before = self.heard().seconds

        def is_quiet() -> bool:
            nonlocal changed_at, before
            sound = self.heard()
            is_loud = sound.part(max(0.0, sound.seconds - quiet_s)).heard().duration_ms > 0
            if sound.seconds != before and is_loud:
                changed_at = time.monotonic()
            before = sound.seconds
            return time.monotonic() - changed_at >= quiet_s

        wait_until(is_quiet, timeout_s, f"{self.options.user} hears nothing", self._hearing)

    def _hearing(self) -> str:
        return f"it heard {self.heard().seconds:.1f} s: {self.heard().heard()}\n{self.tell()}"

    def tell(self) -> str:
        """Its events and last words."""
        return f"{self.options.user}: {[e['type'] for e in self._events]}\n{self.program.tail()}"

    def _listen(self) -> None:
        """Take in what has come from the control port."""
        while True:
            try:
                data = self._control.recv(65536)
            except BlockingIOError:
                break
            if not data:
                break
            self._received += data
        while (colon := self._received.find(b":")) > 0:
            end = colon + 1 + int(self._received[:colon])
            if len(self._received) <= end:
                return
            message = json.loads(self._received[colon + 1 : end])
            self._received = self._received[end + 1 :]
            (self._events if message.get("event") else self._answers).append(message)

    def close(self) -> None:
        """End it at once."""
        self._control.close()
        self.program.kill()
        self._ports.close()


def bracketed(host: str) -> str:
    """An address as it stands before a port: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _kind_of(module: str) -> str:
    return "module_app" if module in _APPS else "module"
