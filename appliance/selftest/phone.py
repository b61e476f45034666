"""The telephone of the self-test, in a process of its own: pyVoIP, which nobody here wrote.

Run as ``python -m appliance.selftest.phone``, with one JSON object on standard input; tells one
JSON object a line on standard output. pyVoIP is GPL-3: it is imported here only, and nothing of
the daemon is. It may hang for ever in a call: whoever starts this process ends it (running.py).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from appliance.selftest.measure import (
    FRAME,
    FRAME_S,
    SILENCE,
    Measured,
    frequency_hz,
    is_sound,
    is_tone,
    level_dbfs,
    tone,
)

TONE_HZ = 1000.0
TONE_DBFS = -10.0
_BURST = 100  # frames: two seconds
_REGISTER_S = 5.0
_ECHO_S = 6.0
_SILENT_S = 4.0  # without any sound at all nobody waits for the echo
_DRAIN_S = 2.0
_ROUND_S = 0.01


def say(event: str, **facts: Any) -> None:
    """Tell the parent."""
    print(json.dumps({"event": event, **facts}), flush=True)


def main() -> int:
    """One life: register, call, measure, go."""
    wanted = json.load(sys.stdin)
    module = import_module("pyVoIP.VoIP.VoIP")
    phone = module.VoIPPhone(
        wanted["host"],
        wanted["port"],
        wanted["number"],
        wanted["secret"],
        myIP=wanted["host"],
        sipPort=wanted["sip_port"],
        rtpPortLow=wanted["rtp_ports"][0],
        rtpPortHigh=wanted["rtp_ports"][1],
    )
    say("started")
    phone.start()
    if not _is_registered(phone):
        say("not_registered", status=phone.get_status().name)
        return 1
    say("registered")
    call = phone.call(wanted["code"])
    say("dialled")
    _talk(call, module.CallState)
    phone.stop()
    say("over")
    return 0


def _is_registered(phone: Any) -> bool:
    until = time.monotonic() + _REGISTER_S
    while phone.get_status().name not in ("REGISTERED", "FAILED") and time.monotonic() < until:
        time.sleep(_ROUND_S)
    return bool(phone.get_status().name == "REGISTERED")


def _talk(call: Any, states: Any) -> None:
    while call.state in (states.DIALING, states.RINGING):
        time.sleep(_ROUND_S)
    if call.state != states.ANSWERED:
        say("not_answered", state=call.state.name)
        return
    say("answered")
    if _wait_for_echo(call):
        measured = _measure(call)
        names = Measured.__dataclass_fields__
        say("measured", **{name: getattr(measured, name) for name in names})
    call.hangup()


def _frames(call: Any, until: float) -> Iterator[bytes]:
    """What is heard, as it comes; one empty frame a round where nothing comes."""
    while time.monotonic() < until:
        while (frame := call.read_audio(FRAME, blocking=False)) != SILENCE:
            yield frame
        yield b""
        time.sleep(_ROUND_S)


def _wait_for_echo(call: Any) -> bool:
    """Play the tone until it comes back; False when it does not."""
    began = played_until = time.monotonic()
    piece = tone(TONE_HZ, 25, TONE_DBFS)
    has_heard = False
    in_a_row = 0
    for frame in _frames(call, began + _ECHO_S):
        now = time.monotonic()
        if now >= played_until - 0.1:
            call.write_audio(piece)
            played_until += 0.5
        if not frame and not has_heard and now - began > _SILENT_S:
            say("silence")
            return False
        if not frame:
            continue
        has_heard = has_heard or is_sound(frame)
        in_a_row = in_a_row + 1 if is_tone(frame, TONE_HZ) else 0
        if in_a_row >= 5:
            say("echo", after_s=round(now - began, 1))
            return True
    say("no_echo")
    return False


def _measure(call: Any) -> Measured:
    """One burst after silence, and what comes back of it."""
    _drain(call)
    burst = tone(TONE_HZ, _BURST, TONE_DBFS)
    began = time.monotonic()
    first = 0.0
    returned: list[bytes] = []
    call.write_audio(burst)
    for frame in _frames(call, began + _BURST * FRAME_S + _DRAIN_S):
        if frame and is_tone(frame, TONE_HZ):
            first = first or time.monotonic()
            returned.append(frame)
        if len(returned) == _BURST:
            break
    heard = b"".join(returned)
    return Measured(
        sent=_BURST,
        returned=len(returned),
        sent_dbfs=level_dbfs(burst),
        level_dbfs=level_dbfs(heard),
        frequency_hz=frequency_hz(heard),
        delay_ms=(first - began) * 1000 if first else 0.0,
    )


def _drain(call: Any) -> None:
    """Wait until what was played before has come back: a third of a second without sound."""
    silent_since = time.monotonic()
    for frame in _frames(call, silent_since + _DRAIN_S):
        now = time.monotonic()
        if frame and is_sound(frame):
            silent_since = now
        elif now - silent_since > 0.35:
            return


if __name__ == "__main__":
    sys.exit(main())
