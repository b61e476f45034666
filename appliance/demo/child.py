"""The provider's process as the box holds it: started before, ended after.

Owns the process. The pipe to its standard input is the thread that it hangs by: however the box
ends, the pipe closes and the provider ends too. It has a session of its own, so that Ctrl+C at the
terminal stops the box first, which can then take its registration back.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

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


class ProviderProcess:
    """A running provider; ``port`` is where it listens: another one if the wanted was taken."""

    def __init__(self, options: ProviderOptions) -> None:
        """Raises UserError ``demo.provider_failed``."""
        self._process = _start(options, options.port)
        said = self._await_word()
        if said == TAKEN:
            self.close()
            self._process = _start(options, 0)
            said = self._await_word()
        word, _, port = said.partition(" ")
        if word != READY:
            self.close()
            raise UserError("demo.provider_failed")
        self.port = int(port)

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

    def __enter__(self) -> ProviderProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _await_word(self) -> str:
        """The one line that it says; empty when it ended instead."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _start(options: ProviderOptions, port: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [
            sys.executable,
            *("-m", "appliance.demo.provider"),
            *("--port", str(port)),
            *("--username", options.username),
            *("--language", options.language),
            *("--control", str(options.control)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(options.secret + "\n")
    process.stdin.flush()
    return process
