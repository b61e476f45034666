"""A line: one port of a device that carries calls over wires or a SIM.

PURE. Part of model.py, which names it among the collections; drivers/api.py says what a device is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from appliance.config.number_form import NumberForm
from appliance.config.spec import spec


class LineKind(Enum):
    """What a line is: a telephone of ours, a line of the exchange, a SIM."""

    FXS = "fxs"
    FXO = "fxo"
    CELLULAR = "cellular"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One port of a device: a telephone on our wires, a city line or a SIM (docs/lines.md).

    device: a URL of drivers.api; extension: whose telephone it is (FXS), or who rings when it is
    called; announces: the prompt that answers its calls instead, or ``voicemail``: the extension's
    mailbox does; empty = it rings; number: its own number outside; passes_flash: its exchange gets
    the flash of our telephones (FXO). What does not belong to its kind is not read.
    """

    name: str = spec("name", in_path=True)
    kind: LineKind = spec("choice")  # noqa: RUF009
    device: str = spec("text", longest=200, forbids='"\\ ')
    port: int = spec("count", default=0, low=0, high=63)  # counted within the device
    country: str = spec(
        "choice", default="", choices=("RU", "DE", "GB", "FI", "US", "KZ", "BY", "FR")
    )  # empty = the site's
    extension: str = spec("number", default="", refers="extensions")
    announces: str = spec(
        "choice", default="", choices=("", "call_later", "all_lines_busy", "voicemail")
    )
    number: str = spec("did", default="")
    number_form: NumberForm = spec(  # noqa: RUF009
        "choice", default=NumberForm.NATIONAL
    )
    dial_mode: str = spec("choice", default="tone", choices=("tone", "pulse"))
    needs_dial_tone: bool = spec("flag", default=True)
    answer_by: str = spec("choice", default="tones", choices=("tones", "polarity", "dialling"))
    answer_after_s: int = spec("seconds", default=20, low=1, high=120)
    hangs_up_on: tuple[str, ...] = spec(
        "choice",
        default=("busy_tone", "dial_tone", "loop_break", "polarity"),
        choices=("busy_tone", "dial_tone", "loop_break", "polarity", "silence"),
    )
    busy_tone: str = spec("text", default="", longest=32)  # learned: config/busy_tone.py
    silence_s: int = spec("seconds", default=120, low=60, high=3600)
    has_caller_id: bool = spec("flag", default=True)
    waiting_caller_id: str = spec("choice", default="", choices=("", "yes", "no"))
    asks_aon: bool = spec("flag", default=False)
    passes_flash: bool = spec("flag", default=False)
    receive_gain_db: float = spec("count", default=0.0, low=-24, high=12)
    transmit_gain_db: float = spec("count", default=0.0, low=-24, high=12)
    cancels_echo: bool = spec("flag", default=True)
    hot_line: str = spec("prefix", default="", longest=16)
    hot_line_after_s: int = spec("seconds", default=0, low=0, high=30)
    pin: str = spec("secret", default="", longest=8)
    is_enabled: bool = spec("flag", default=True)

    @property
    def is_way_out(self) -> bool:
        """Whether calls leave the office by it."""
        return self.kind is not LineKind.FXS
