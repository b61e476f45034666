"""What the URL of a board says: ``i2c:1:0x20?map=quad-a&supply_ma=1500&codec0=hw:0``.

PURE. The place is the bus (a number, or a path as /dev/i2c-1) and the chip's address; options name
the map, the supply of the SLICs, and the ALSA devices whose left and right channels are the lines
in order. Whatever makes no sense is LineError ``line.bad_address``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.api import AudioDescriptor, DeviceAddress, Encoding, LineError
from drivers.country import country_profile
from drivers.fxs_i2c.boards import DEFAULT_MAP, BoardMap, board_map, board_names
from drivers.fxs_i2c.expander import Expander
from drivers.fxs_i2c.fxs_line import FxsPlan
from drivers.fxs_i2c.ringing import check_cadence, half_period_ns

ADDRESSES = range(0x20, 0x28)
DEFAULT_SUPPLY_MA = 1500
RATES_HZ = (8000, 16000, 32000, 44100, 48000)
_OPTIONS = {"map", "supply_ma", "rate", "driver"}


@dataclass(frozen=True, slots=True)
class Place:
    """One board. bus: as smbus2.SMBus takes it. codecs: ALSA devices, two lines each."""

    bus: int | str
    address: int
    board: BoardMap
    supply_ma: int = DEFAULT_SUPPLY_MA
    codecs: tuple[str, ...] = ()
    rate_hz: int = 48000

    @property
    def chip(self) -> tuple[str, int]:
        """Which chip it is, however its bus is written."""
        return str(self.bus).removeprefix("/dev/i2c-"), self.address

    def audio(self, port: int) -> AudioDescriptor:
        """Where the media core finds a line's audio. LineError ``line.no_audio``: no codec."""
        codec, channel = divmod(port, 2)
        if codec >= len(self.codecs):
            raise LineError("line.no_audio", f"port {port} has no codec{codec}=")
        name = self.codecs[codec]
        return AudioDescriptor(
            Encoding.S16LE,
            alsa_capture=name,
            alsa_playback=name,
            alsa_channel=channel,
            sample_rate_hz=self.rate_hz,
        )


def parse_place(address: DeviceAddress) -> Place:
    bus, _, chip = address.place.rpartition(":")
    options = address.options
    codecs = _codecs(options)
    unknown = set(options) - _OPTIONS - {f"codec{n}" for n in range(len(codecs))}
    name = options.get("map", DEFAULT_MAP)
    if unknown or name not in board_names():
        raise LineError("line.bad_address", f"unknown: {', '.join(sorted(unknown)) or name}")
    if not bus or not (bus.isdecimal() or bus.startswith("/")):
        raise LineError("line.bad_address", f"no bus: {address.place}")
    return Place(
        int(bus) if bus.isdecimal() else bus,
        _number(chip, ADDRESSES, "chip"),
        board_map(name),
        _number(options.get("supply_ma", str(DEFAULT_SUPPLY_MA)), range(300, 20_001), "supply_ma"),
        codecs,
        _number(options.get("rate", "48000"), RATES_HZ, "rate"),
    )


def _codecs(options: Mapping[str, str]) -> tuple[str, ...]:
    names: list[str] = []
    while name := options.get(f"codec{len(names)}"):
        names.append(name)
    return tuple(names)


def _number(text: str, allowed: range | tuple[int, ...], what: str) -> int:
    try:
        number = int(text, 0)
    except ValueError:
        number = -1
    if number not in allowed:
        raise LineError("line.bad_address", f"{what}: {text}")
    return number


def build_expander(place: Place, country: str) -> Expander:
    """The lines of a board with a country's ways. LineError when they would break a limit."""
    profile = country_profile(country)
    check_cadence(profile.ringing.cadence)
    plan = FxsPlan(
        profile.hook.times,
        half_period_ns(profile.ringing.frequency_hz),
        profile.caller_id.moment,
    )
    return Expander(place.board, plan, profile.pulse, place.supply_ma)
