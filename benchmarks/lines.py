"""What the audio of a line costs: CPU of the packet thread for each line, with all a call needs.

    python -m benchmarks.lines [--lines 8] [--seconds 8] [--json FILE]

A line is a socket pair that gives 20 ms of A-law by the wall's clock, speech and its own echo; it
talks with a phone that sends RTP speech. By turns: bare; with the echo canceller (32 ms and the
delay estimator); with keys, tones and caller id listened for as well. Aim: 3 % of a core a line.
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import time
import wave
from array import array
from contextlib import closing
from pathlib import Path

from appliance.media.api import Listening
from appliance.media.ports import PortRange
from appliance.media.session import NativeMediaPlane
from appliance.media.tone_watches import tone_watches
from appliance.rtp.g711 import Law, decode_g711, encode_g711
from appliance.rtp.packet import RtpPacket, encode_rtp
from appliance.sdp.media import RemoteAddress
from benchmarks.measure import stolen_s
from drivers.api import AudioDescriptor, Encoding
from drivers.country import country_profile

SPEECH = Path("/usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.wav")
FRAME, FRAME_S = 160, 0.02
ECHO_FRAMES = 3  # what the line says comes back so much later, at a quarter
AIM_PERCENT = 3.0


def speech_frames() -> list[bytes]:
    with wave.open(str(SPEECH)) as file:
        octets = encode_g711(file.readframes(file.getnframes()), Law.PCMA)
    return [octets[at : at + FRAME] for at in range(0, len(octets) - FRAME, FRAME)]


def quieter(frame: bytes) -> bytes:
    samples = array("h", (value // 4 for value in array("h", decode_g711(frame, Law.PCMA))))
    return encode_g711(samples.tobytes(), Law.PCMA)


class Call:
    """One line, its device, and the phone that it talks with."""

    def __init__(self, plane: NativeMediaPlane, with_echo: bool, listening: Listening) -> None:
        self._device, theirs = socket.socketpair()
        self._theirs = theirs
        for end in (self._device, theirs):
            end.setblocking(False)
        self._phone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._phone.bind(("127.0.0.1", 0))
        self._phone.setblocking(False)
        self._stream = plane.open("127.0.0.1")
        remote = RemoteAddress("127.0.0.1", self._phone.getsockname()[1], 0)
        self._stream.set_remote(remote, is_behind_nat=False)
        self.line = plane.open_line(AudioDescriptor(Encoding.ALAW, theirs.fileno()))
        self.line.connect(self._stream)
        self.line.listen(listening)
        self.line.cancel_echo(is_on=with_echo, bulk_delay_ms=20)

    def step(self, number: int, said: bytes, echo: bytes) -> None:
        """20 ms: the phone says this, the line gives that."""
        packet = RtpPacket(
            payload_type=8,
            ssrc=7,
            sequence_number=number & 0xFFFF,
            rtp_timestamp=number * FRAME,
            payload=said,
        )
        self._phone.sendto(encode_rtp(packet), (self._stream.host, self._stream.port))
        self._device.send(echo)
        for end in (self._device, self._phone):
            while select.select([end], [], [], 0)[0]:
                end.recv(4096)

    def close(self) -> None:
        self.line.close()
        self._stream.close()
        for end in (self._device, self._theirs, self._phone):
            end.close()


def packet_thread() -> Path:
    return next(
        task
        for task in Path("/proc/self/task").iterdir()
        if (task / "comm").read_text().strip() == "media"
    )


def used_ns(task: Path) -> int:
    return int((task / "schedstat").read_text().split()[0])


def measure(lines: int, seconds: float, *, with_echo: bool, listening: Listening) -> float:
    """Percent of a core for each line."""
    frames = speech_frames()
    echoes = [quieter(frame) for frame in frames]
    with closing(NativeMediaPlane(PortRange(21000, 22999, drain_s=0.0))) as plane:
        calls = [Call(plane, with_echo, listening) for _ in range(lines)]
        task, began, used = packet_thread(), time.monotonic(), 0
        for number in range(round(seconds / FRAME_S)):
            if number == 50:  # the first second is not counted
                began, used = time.monotonic(), used_ns(task)
            for call in calls:
                echo = echoes[(number - ECHO_FRAMES) % len(frames)]
                call.step(number, frames[number % len(frames)], echo)
            left = began + FRAME_S * (number + 1 - (50 if number >= 50 else 0)) - time.monotonic()
            select.select([], [], [], max(0.0, left))
        percent = 100 * (used_ns(task) - used) / ((time.monotonic() - began) * 1e9) / lines
        for call in calls:
            call.close()
    return percent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    tones = tone_watches(country_profile("RU"))
    everything = Listening(keys=True, tones=tones, caller_id=("fsk_v23", "dtmf"))
    cases = {
        "bare": (False, Listening()),
        "echo cancelled": (True, Listening()),
        "echo cancelled, keys, tones, caller id": (True, everything),
    }
    stolen, found = stolen_s(), {}
    for name, (with_echo, listening) in cases.items():
        found[name] = round(
            measure(arguments.lines, arguments.seconds, with_echo=with_echo, listening=listening), 2
        )
        print(f"{name:42} {found[name]:5.2f} % of a core a line (aim {AIM_PERCENT} %)", flush=True)
    print(f"stolen by the hypervisor meanwhile: {stolen_s() - stolen:.1f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
