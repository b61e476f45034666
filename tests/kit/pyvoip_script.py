"""One life of a pyVoIP phone, in a process of its own: register, call or answer, play, listen.

Run by tests/kit/pyvoip_phone.py with one JSON argument; speaks JSON lines on standard output.
pyVoIP (GPL-3) is imported here only, never by the product. Its faults are the point: they exist.
"""

import json
import sys
import time
from typing import Any

from pyVoIP.VoIP.VoIP import CallState, InvalidStateError, VoIPPhone

FRAME = 160


def say(event: str, **facts: Any) -> None:
    print(json.dumps({"event": event, **facts}), flush=True)


def main() -> None:
    wanted = json.loads(sys.argv[1])
    calls: list[Any] = []

    def on_call(call: Any) -> None:
        say("ringing")
        if wanted["answers"]:
            call.answer()
            say("answered")
        calls.append(call)

    phone = VoIPPhone(
        wanted["server"],
        wanted["server_port"],
        wanted["user"],
        wanted["secret"],
        myIP=wanted["host"],
        sipPort=wanted["sip_port"],
        callCallback=on_call,
        rtpPortLow=wanted["rtp_ports"][0],
        rtpPortHigh=wanted["rtp_ports"][1],
    )
    phone.start()
    say("registered")
    try:
        if wanted["dials"]:
            calls.append(phone.call(wanted["dials"]))
            say("dialled")
        talk(calls, wanted)
    finally:
        phone.stop()
        say("stopped")


def talk(calls: list[Any], wanted: dict[str, Any]) -> None:
    """Wait for the call to be answered, then play and record for the time that was asked."""
    while not calls or calls[0].state in (CallState.DIALING, CallState.RINGING):
        time.sleep(0.02)
    call = calls[0]
    if call.state != CallState.ANSWERED:
        say("not_answered", state=call.state.name)
        return
    say("talking")
    # The octets are linear, 8 bits, unsigned: what pyVoIP calls audio.
    call.write_audio(bytes.fromhex(wanted["tone"]))
    heard = bytearray()
    ends_at = time.monotonic() + wanted["talk_s"]
    while time.monotonic() < ends_at and call.state == CallState.ANSWERED:
        heard += call.read_audio(FRAME, blocking=True)
    with open(wanted["heard"], "wb") as file:
        file.write(heard)
    say("heard", octets=len(heard))
    try:
        if wanted["hangs_up"]:
            call.hangup()
        while call.state == CallState.ANSWERED:
            time.sleep(0.02)
    except InvalidStateError:
        say("already_over")
    say("over")


if __name__ == "__main__":
    main()
