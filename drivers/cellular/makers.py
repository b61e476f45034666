"""The makers' differences as a table: what is sent to Quectel and to SIMCom modems, and when.

PURE: texts of commands only. Sources are named in docs/hardware.md with what is not verified.
Numbers of USB interfaces: Quectel 2 AT, 1 NMEA (carries PCM); SIMCom 2 AT, 4 PCM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Maker:
    """One maker's ways. Commands may fail unless said otherwise; ``{number}`` is the dialled one.

    before_call, dial, answer: a command line each. audio_on: after the call is up, where the
    maker wants that (audio_delay_s after connect). reset: the modem starts anew.
    """

    name: str
    at_interface: int
    pcm_interface: int
    usb_vendor: str
    words: tuple[str, ...]  # of ATI, AT+CGMI, AT+CGMM
    voice_probe: str  # answered OK by models with call audio on USB
    card_number: str  # asks for the ICCID
    tries_left: str  # asks how often the PIN may still be wrong
    start: tuple[str, ...]
    dial: str
    answer: str
    hang_up: tuple[str, ...]
    before_call: str = ""
    audio_on: str = ""
    audio_off: str = ""
    audio_delay_s: float = 0.0
    reset: str = "AT+CFUN=1,1"


#: TS 27.007 and 27.005, the same for every maker, once the SIM is ready.
COMMON_START = (
    "AT+COPS=3,0",
    "AT+CREG=2",
    "AT+CEREG=2",
    "AT+CSSN=1,1",
    "AT+CMGF=0",
    'AT+CPMS="SM","SM","SM"',
    "AT+CNMI=2,1,0,2,0",
    "AT+CLIP=1",
    "AT+CCWA=0,0,1",
)

QUECTEL = Maker(
    name="quectel",
    at_interface=2,
    pcm_interface=1,
    usb_vendor="2c7c",
    words=("QUECTEL", "EC20", "EC21", "EC25", "EG25", "EG9"),
    voice_probe="AT+QPCMV=?",
    card_number="AT+QCCID",
    tries_left='AT+QPINC="SC"',
    start=(
        'AT+QGPSCFG="outport","none"',
        "AT+QPCMV=0",
        'AT+QINDCFG="ccinfo",1',
        "AT^DSCI=1",
        "AT+QTONEDET=1",
    ),
    dial="AT+QPCMV=0;+QPCMV=1,0;D{number};",
    answer="AT+QPCMV=0;+QPCMV=1,0;A",
    hang_up=("AT+CHUP", "AT+QPCMV=0"),
    audio_on="AT+QPCMV=1,0",
    audio_off="AT+QPCMV=0",
)

SIMCOM = Maker(
    name="simcom",
    at_interface=2,
    pcm_interface=4,
    usb_vendor="1e0e",
    words=("SIMCOM", "SIM7600", "SIM7500"),
    voice_probe="AT+CPCMREG=?",
    card_number="AT+CICCID",
    tries_left="AT+SPIC",
    start=("AT+CLCC=1", "AT+CVHU=0", "AT+DDET=1", "AT+CPCMBANDWIDTH=1,1", "AT+CPCMFRM=0"),
    before_call="AT+CPCMREG=0",
    dial="ATD{number};",
    answer="ATA",
    hang_up=("AT+CHUP", "AT+CPCMREG=0"),
    audio_on="AT+CPCMREG=1",
    audio_off="AT+CPCMREG=0",
    audio_delay_s=1.0,
    reset="AT+CRESET",
)

MAKERS: Mapping[str, Maker] = {maker.name: maker for maker in (QUECTEL, SIMCOM)}


def recognise(identity: str) -> Maker | None:
    """By content of ATI, +CGMI and +CGMM, never by a USB number alone."""
    text = identity.upper()
    return next(
        (maker for maker in MAKERS.values() if any(word in text for word in maker.words)), None
    )
