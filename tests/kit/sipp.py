"""sipp, driven by scenarios: a phone or a provider that does exactly what a file says.

Owns the sipp process and its working folder. The files of tests/interop/scenarios/ are sipp's XML
with ``{{name words}}``: a value of the run, or a part of scenarios/parts/ in which $1 $2 … are the
words. When sipp fails, the assertion's text holds its last messages.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.closing import Closing
from tests.kit.ports import free_port
from tests.kit.processes import PROJECT, KitError, Program, is_bound, wait_for_port, wait_until

SCENARIOS = PROJECT / "tests" / "interop" / "scenarios"
_PLACE = re.compile(r"\{\{([^{}]+)\}\}")
_TAIL_OCTETS = 7000
_DEEPEST = 30
_DEFAULTS: Mapping[str, str] = {
    "user": "sipp",
    "number": "service",
    "audio_port": "40000",
    "codecs": "8 0 101",
    "ring_ms": "100",
    "talk_ms": "300",
    "status": "200",
    "expires": "300",
    "digit": "5",
    "extra": "Subject: interop",
}


@dataclass(frozen=True, kw_only=True)
class SippOptions:
    """How to run a scenario. remote: whom the first request goes to (any UAS needs none);
    transport: u1 (UDP) or t1 (one TCP connection); values: what ``{{…}}`` stand for."""

    remote: str = "127.0.0.1:5060"
    host: str = "127.0.0.1"
    port: int = 0
    transport: str = "u1"
    username: str = ""
    secret: str = ""
    calls: int = 1
    rate: float = 10.0
    timeout_s: float = 20.0
    netns: str = ""
    media_host: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Counts:
    """sipp's own statistics at its end."""

    successful: int
    failed: int
    retransmissions: int


class Sipp(Closing):
    """One running sipp; a context manager that always ends it."""

    def __init__(self, folder: Path, scenario: str, options: SippOptions) -> None:
        """Start ``scenario``. A UAS is ready when this returns."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{scenario}-", dir=folder))
        self.scenario = scenario
        self.options = options
        given = {"user": options.username} if options.username else {}
        values = {**_DEFAULTS, **given, **{k: str(v) for k, v in options.values.items()}}
        self.port = options.port or free_port(options.host.strip("[]"))
        self._is_server = scenario.startswith("uas")
        for name in (scenario, "answer_options"):
            self._file(name, ".xml").write_text(render(name, values))
        self.program = Program(self._arguments(), self.folder / "screen.log", netns=options.netns)
        if self._is_server:
            kind = "tcp" if options.transport.startswith("t") else "udp"
            wait_for_port(self.program, self.port, kind)

    def _file(self, name: str, ending: str) -> Path:
        return self.folder / f"{name}{ending}"

    def _arguments(self) -> list[str]:
        options = self.options
        argv = ["sipp", "-sf", str(self._file(self.scenario, ".xml")), "-nostdin"]
        argv += [
            "-i",
            options.host,
            "-p",
            str(self.port),
            "-mi",
            options.media_host or options.host.strip("[]"),
        ]
        argv += ["-t", options.transport, "-l", "5000"]
        argv += ["-timeout", f"{options.timeout_s:g}s", "-timeout_error"]
        argv += ["-recv_timeout", f"{options.timeout_s * 1000:g}", "-trace_msg", "-trace_err"]
        argv += ["-message_file", str(self._file("messages", ".log"))]
        argv += ["-error_file", str(self._file("errors", ".log"))]
        argv += ["-trace_stat", "-stf", str(self._file("counts", ".csv")), "-fd", "200ms"]
        if options.username:
            argv += ["-au", options.username, "-ap", options.secret]
        if self._is_server:
            return argv
        argv += ["-m", str(options.calls), "-r", f"{options.rate:g}"]
        return [*argv, "-oocsf", str(self._file("answer_options", ".xml")), options.remote]

    def wait(self) -> Counts:
        """Its statistics once all calls went as the scenario says; else KitError with the reason
        and the last messages."""
        if self._is_server:
            return self._wait_for_calls()
        if self.program.wait_for_exit(self.options.timeout_s + 10):
            raise KitError(self.tell())
        return self.counts()

    def _wait_for_calls(self) -> Counts:
        """A UAS also answers OPTIONS, which sipp counts as calls: ours count themselves."""

        def finished() -> Counts | None:
            counts = self.counts()
            if counts.successful >= self.options.calls:
                return counts
            if counts.failed:
                raise KitError(self.tell())
            return None

        counts = self.program.wait_until(finished, self.options.timeout_s, "sipp's calls end")
        assert counts is not None
        return counts

    def counts(self) -> Counts:
        """Statistics so far; zeros before the first were written."""
        path = self._file("counts", ".csv")
        text = path.read_text() if path.exists() else ""
        rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
        last = rows[-1] if rows else {}
        done = "GenericCounter1(C)" if self._is_server else "SuccessfulCall(C)"
        names = (done, "FailedCall(C)", "Retransmissions(C)")
        return Counts(*(int(last.get(name) or 0) for name in names))

    def messages(self) -> str:
        """All messages sent and received, as sipp traced them."""
        path = self._file("messages", ".log")
        return path.read_text(errors="replace") if path.exists() else ""

    def wait_for_message(self, text: str, timeout_s: float = 10.0) -> str:
        """The trace once ``text`` is in it (e.g. ``SIP/2.0 180``)."""
        return wait_until(
            lambda: trace if text in (trace := self.messages()) else "",
            timeout_s,
            f"{text!r} in the messages of {self.scenario}",
            self.tell,
        )

    def tell(self) -> str:
        """Why it failed: sipp's errors and last messages."""
        path = self._file("errors", ".log")
        errors = path.read_text(errors="replace") if path.exists() else ""
        head = f"sipp {self.scenario}: exit code {self.program.exit_code}, {self.counts()}"
        screen = "" if self.messages() or errors else self.program.tail()
        last = self.messages()[-_TAIL_OCTETS:]
        return f"{head}\n{screen}--- errors:\n{errors[-3000:]}\n--- last messages:\n{last}"

    @property
    def is_listening(self) -> bool:
        return is_bound(self.program, self.port)

    def close(self) -> None:
        """End it whatever it does."""
        self.program.kill()


def render(scenario: str, values: Mapping[str, str]) -> str:
    """The XML of a scenario with all its parts and values in place; KitError for unknown names."""
    text = (SCENARIOS / f"{scenario}.xml").read_text()
    for _ in range(_DEEPEST):
        changed = _PLACE.sub(lambda place: _filled(place[1], values), text)
        if changed == text:
            return text
        text = changed
    raise KitError(f"parts of {scenario} hold each other")


def audio_port(messages: str, first_line: str) -> int:
    """The audio port in the last message with a body begun so; KitError if none."""
    found = re.findall(
        rf"^{re.escape(first_line)}(?:(?!^-{{20}}).*\n)*?m=audio (\d+)", messages, re.MULTILINE
    )
    if not found:
        raise KitError(f"no {first_line!r} with audio in:\n{messages[-_TAIL_OCTETS:]}")
    return int(found[-1])


def _filled(place: str, values: Mapping[str, str]) -> str:
    name, *words = place.split()
    if name in values:
        return values[name]
    part = SCENARIOS / "parts" / f"{name}.txt"
    if not part.exists():
        raise KitError(f"no value and no part {name!r}")
    text = part.read_text().rstrip("\n")
    for number, word in enumerate(words, 1):
        text = text.replace(f"${number}", word)
    return text
