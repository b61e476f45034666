"""The demo's processes as the box holds them: the provider and the desk phones.

Owns the process. The pipe to its standard input is the thread that it hangs by: however the box
ends, the pipe closes and the process ends too. It has a session of its own, so that Ctrl+C at the
terminal stops the box first, which can then take its registration back.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from appliance.demo.provider import READY, TAKEN
from appliance.errors import UserError

_END_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderOptions:
    """port: where it should listen; control: path of its socket; language: of its voice."""

    port: int
    username: str
    secret: str
    language: str
    control: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPhonesOptions:
    """folder: of the demo; sip_port: where the box hears SIP PnP on loopback; language: of their
    voice; extension: the one that the first phone is given on its first day."""

    folder: Path
    sip_port: int
    language: str
    extension: str


class Child:
    """A running process of ours; a context that ends it."""

    def __init__(self, module: str, options: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def tell(self, line: str) -> None:
        """One line of its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def word(self) -> str:
        """The one line that it says; empty when it ended instead."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """End it, kindly first."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class ProviderProcess(Child):
    """A running provider; ``port`` is where it listens: another one if the wanted was taken."""

    def __init__(self, options: ProviderOptions) -> None:
        """Raises UserError ``demo.provider_failed``."""
        said = self._start(options, options.port)
        if said == TAKEN:
            self.close()
            said = self._start(options, 0)
        word, _, port = said.partition(" ")
        if word != READY:
            self.close()
            raise UserError("demo.provider_failed")
        self.port = int(port)

    def _start(self, options: ProviderOptions, port: int) -> str:
        """What the process says of itself."""
        super().__init__(
            "appliance.demo.provider",
            (
                *("--port", str(port)),
                *("--username", options.username),
                *("--language", options.language),
                *("--control", str(options.control)),
            ),
        )
        self.tell(options.secret)
        return self.word()


def desk_phones(options: DeskPhonesOptions) -> Child:
    """The emulated desk phones, switched on one after the other; they wait for the box to live."""
    return Child(
        "appliance.demo.desk_phones",
        (
            *("--folder", str(options.folder)),
            *("--sip-port", str(options.sip_port)),
            *("--language", options.language),
            *("--extension", options.extension),
        ),
    )
