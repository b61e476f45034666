"""A simulated telephone on an FXS port: somebody may lift, dial, flash and hang up.

Owns its handset and audio. It says a tone of its own in short beeps while it is lifted and not
dialling, so that whoever listens knows it by its pitch, and tells what it hears in its health.
"""

from __future__ import annotations

from collections.abc import Callable

from drivers.api import AudioDescriptor, Cadence, Capabilities, Health, LineError, PortKind
from drivers.events import (
    CallerIdRecord,
    DigitPulsed,
    FlashHook,
    LineState,
    OffHook,
    OnHook,
)
from drivers.port_base import BasePort
from drivers.simulator.sound import Hearing, Player, Segments, keys, samples
from drivers.simulator.wire import AudioWire

_FLASH_MS = 500
_CAN = Capabilities(
    duplex=True,
    caller_id=True,
    flash=True,
    polarity=True,
    loop_break=True,
    needs_echo_canceller=False,
)


class SimulatedPhone(BasePort):
    """voice: what its user says, over and over; () = nothing."""

    def __init__(self, number: int, now_ns: Callable[[], int], voice: Segments) -> None:
        super().__init__(number, now_ns)
        self._state = LineState.IDLE
        self._voice = samples(voice, -20.0) if voice else None
        self._says = Player()
        self._keys = Player()
        self._hears = Hearing()
        self._wire = AudioWire(self._speak, self._hears.feed)
        self._shown: CallerIdRecord | None = None
        self._speaks = False

    # ---- the hand

    def lift(self) -> None:
        """Raises LineError ``line.off_hook`` when it is lifted already."""
        if self.is_lifted:
            raise LineError("line.off_hook")
        self._shown = None
        self._speaks = self._state is LineState.RINGING  # who answers says something
        self._enter(LineState.OFF_HOOK)
        self._tell(OffHook(self._now_ns()))

    def hang_up(self) -> None:
        self._need_lifted()
        self._says.stop()
        self._keys.stop()
        self._enter(LineState.IDLE)
        self._tell(OnHook(self._now_ns()))

    def press(self, digits: str, *, by_pulses: bool = False) -> None:
        """Dial; keys sound on the line one after another, pulses are told."""
        self._need_lifted()
        if by_pulses:
            for digit in digits:
                self._tell(DigitPulsed(self._now_ns(), digit))
        else:
            self._keys.add(keys(digits))
        self._speaks = True

    def press_hook(self) -> None:
        """A short press on the cradle."""
        self._need_lifted()
        self._tell(FlashHook(self._now_ns(), _FLASH_MS))

    @property
    def is_lifted(self) -> bool:
        return self._state is LineState.OFF_HOOK

    def _need_lifted(self) -> None:
        if not self.is_lifted:
            raise LineError("line.on_hook")

    # ---- the port

    @property
    def kind(self) -> PortKind:
        return PortKind.FXS

    @property
    def capabilities(self) -> Capabilities:
        return _CAN

    @property
    def health(self) -> Health:
        """detail: whom the display shows while it rings; figures: what the ear hears."""
        hears = self._hears if self._wire.is_open else Hearing()
        figures = {"heard_hz": round(hears.pitch_hz), "heard_dbm0": round(hears.level_dbm0, 1)}
        shown = f"{self._shown.number} {self._shown.name}".strip() if self._shown else ""
        return Health(
            self._state, self._since_ns, model="simulated telephone", detail=shown, figures=figures
        )

    async def ring(self, cadence: Cadence, caller_id: CallerIdRecord | None) -> None:
        if self.is_lifted:
            raise LineError("line.off_hook")
        self._shown = caller_id
        self._enter(LineState.RINGING)

    async def stop_ring(self) -> None:
        if self._state is LineState.RINGING:
            self._shown = None
            self._enter(LineState.IDLE)

    async def release(self) -> None:
        """Only its user hangs a telephone up."""

    async def reverse(self, is_reversed: bool) -> None:
        """It does not mind."""

    async def open_loop(self, duration_ms: int) -> None:
        """Nor this."""

    async def open_audio(self) -> AudioDescriptor:
        return self._wire.open()

    async def close_audio(self, unread: bytes) -> None:
        self._wire.close()

    def close(self) -> None:
        self._wire.close()

    def _speak(self) -> bytes:
        if self._keys.is_playing:
            return self._keys.frame()
        if self._speaks and self._voice is not None and not self._says.is_playing:
            self._says.play(self._voice, repeats=False)
        return self._says.frame()
