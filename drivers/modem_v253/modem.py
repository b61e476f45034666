"""The modem that is plugged in now, as its port sees it, and what it makes the port able to do.

PURE: a record of what was probed with the ways to its wire; capabilities and audio are read off it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.api import AudioDescriptor, Capabilities, LineError
from drivers.modem_v253.capability import CapabilityRecord
from drivers.modem_v253.engine import Engine
from drivers.modem_v253.models import Model

_QUEUE_MS = 40


@dataclass(slots=True)
class Modem:
    """write: octets to it; pause, resume: who reads the descriptor, the media core or we; figures:
    for its health."""

    engine: Engine
    model: Model
    record: CapabilityRecord
    descriptor: int
    write: Callable[[bytes], None]
    pause: Callable[[], None]
    resume: Callable[[], None]
    firmware: str = ""
    serial_number: str = ""
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def has_duplex(self) -> bool:
        return self.record.has_duplex is True and self.record.method is not None

    def capabilities(self) -> Capabilities:
        """Without duplex it hears caller id, and says or hears in turn; and says so."""
        method = self.record.method
        return Capabilities(
            duplex=self.has_duplex,
            caller_id=self.record.has_caller_id,
            flash=self.record.has_voice,
            flash_is_coarse=not self.model.flash_by_dial,
            flash_is_silent=True,  # it takes commands outside of its stream alone
            polarity=self.model.reports_polarity,
            loop_break=self.model.reports_loop,
            pulse=self.record.has_voice,
            announces=method.encoding if method and not self.has_duplex else None,
            records=method is not None and not self.has_duplex and self.record.has_receive,
            transmit_delay_ms=self.model.transmit_delay_ms,
        )

    def hand_over(self, *, is_receive_only: bool = False) -> AudioDescriptor:
        """The stream that has begun, for the media core: from here on it alone reads."""
        method = self.record.method
        if method is None or method.encoding is None:
            raise LineError("line.unsupported", "no way to write samples that we know")
        self.pause()
        return AudioDescriptor(
            encoding=method.encoding,
            descriptor=self.descriptor,
            is_dle_shielded=True,
            is_receive_only=is_receive_only,
            queue_ms=_QUEUE_MS,
            unread=self.engine.take_unread(),
        )
