"""Why a line cannot be used now, in Russian and English.

PURE. A table beside texts.py; keys are those of legs/line_post.py and of drivers (``line.…``).
"""

from __future__ import annotations

from collections.abc import Mapping

LINE_WHYS: Mapping[str, tuple[str, str]] = {
    "line.starting": ("устройство запускается", "the device is starting"),
    "line.no_driver": (
        "нет драйвера для этого адреса устройства",
        "there is no driver for this device address",
    ),
    "line.device": (
        "устройство не открылось: проверьте адрес и кабель",
        "the device did not open: check its address and the cable",
    ),
    "line.no_port": (
        "у устройства нет такого порта или он другого вида",
        "the device has no such port, or one of another kind",
    ),
    "line.lost": (
        "нет напряжения или сети: проверьте линию",
        "no voltage or no network: check the line",
    ),
    "line.in_use": ("на линии снята другая трубка", "another phone on the line is off-hook"),
    "line.ringing": ("с неё звонят", "it is being called"),
    "line.off_hook": ("трубка лежит не на месте", "the handset is off-hook"),
    "line.releasing": ("линия освобождается", "the line is being released"),
    "line.no_duplex": (
        "устройство не передаёт звук в обе стороны сразу: для разговора не годится",
        "the device has no sound both ways at once: not fit for talking",
    ),
    "line.sim_pin": ("SIM-карта не приняла PIN", "the SIM did not take the PIN"),
    "line.fault": ("неисправность линии", "the line is out of order"),
    "line.busy": ("линия занята", "the line is busy"),
}
