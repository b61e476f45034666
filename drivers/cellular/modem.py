"""A modem that is plugged in and configured, as the parts of a port see it. PURE shape."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.cellular.makers import Maker
from drivers.cellular.start import Identity, Run


@dataclass(frozen=True, slots=True)
class Modem:
    """open_pcm: the descriptor of its audio port; None where calls have no audio for us."""

    run: Run
    identity: Identity
    open_pcm: Callable[[], Awaitable[int]] | None

    @property
    def maker(self) -> Maker:
        return self.identity.maker
