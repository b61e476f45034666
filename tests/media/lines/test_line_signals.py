"""What is signalled in a line's audio: keys both ways, tones, caller id, silence."""

from __future__ import annotations

from array import array
from random import Random

import pytest

from appliance.media.api import (
    AnswerToneHeard,
    CadenceHeard,
    CallerIdHeard,
    KeyPressed,
    KeysSent,
    Listening,
    PacketKind,
    ToneHeard,
    ToneWatch,
)
from appliance.media.signals import Detectors
from appliance.rtp.g711 import Law, decode_g711, encode_g711
from appliance.rtp.packet import decode_rtp
from tests.kit import line_signals, spandsp
from tests.media.lines.device import frames_of
from tests.media.phones import audio, wait_for

EVENTS = 101
QUIET = b"\xd5" * 160


def alaw(samples):
    return frames_of(encode_g711(line_signals.octets(samples), Law.PCMA))


def keys_in(octets):
    """DTMF by the detectors that signals.py runs over recordings."""
    heard = Detectors(Listening(keys=True)).feed(decode_g711(octets, Law.PCMA))
    return [h.event.digit for h in heard if isinstance(h.event, KeyPressed)]


@pytest.fixture
def device(make_device):
    return make_device()


@pytest.fixture
def line(plane, device):
    return plane.open_line(device.audio)


def test_keys_are_sent_in_band(device, line, log):
    line.send_keys("0123456789*#", on_ms=60, off_ms=60, level_dbm0=-8)
    heard = device.exchange([QUIET] * 80)
    assert "".join(keys_in(heard)) == "0123456789*#"
    assert log.wait_for(KeysSent) == [KeysSent(line.number)]


def test_an_overslept_moment_cuts_no_key(plane, make_device, log):
    """Quarters of a second come at once, of which 60 ms may wait: all keys are whole, and what
    they were late by is left out after them."""
    device = make_device(queue_ms=60)
    line = plane.open_line(device.audio)
    line.send_keys("1122", on_ms=100, off_ms=80, level_dbm0=-8)
    heard, frames = b"", 0
    for count in [13] * 4 + [1] * 60:
        frames += count
        device.give(QUIET * count)
        wait_for(lambda frames=frames: line.line_statistics().frames_out == frames)
        while device.is_waiting():
            heard += device.take(len(device.heard) or 1)
    assert "".join(keys_in(heard)) == "1122"
    assert log.wait_for(KeysSent) == [KeysSent(line.number)]
    assert len(heard) == 4 * 60 * 8 + 60 * 160, "what might wait, and what came in time"


def test_what_is_no_key_is_refused(line):
    with pytest.raises(ValueError, match="no keys"):
        line.send_keys("12x", on_ms=60, off_ms=60, level_dbm0=-8)


def test_disconnecting_ends_the_keys(device, line, log):
    line.send_keys("1" * 60, on_ms=60, off_ms=60, level_dbm0=-8)
    device.exchange([QUIET] * 10)
    line.disconnect()
    assert set(device.exchange([QUIET] * 10)[320:]) <= {0xD5}
    assert log.refresh() == []


def dialled(digits, level_dbm0=-10):
    samples = line_signals.silence(200)
    for digit in digits:
        samples += [*line_signals.key(digit, 80, level_dbm0), *line_signals.silence(80)]
    return alaw([*samples, *line_signals.silence(200)])


def test_a_key_of_the_line_is_told_and_goes_as_an_event(device, line, log, phone, stream):
    stream.describe(event_payload_type=EVENTS, clock_rate_hz=8000, kind=PacketKind.RTP)
    line.listen(Listening(keys=True))
    line.connect(stream)
    frames = dialled("59")
    device.exchange(frames)
    keys = log.wait_for(KeyPressed, 2)
    assert [(key.stream, key.digit) for key in keys] == [(line.number, "5"), (line.number, "9")]
    assert all(60 <= key.duration_ms <= 110 for key in keys)
    wait_for(lambda: stream.statistics().sent >= len(frames) - 1)
    packets = []
    while phone.is_waiting():
        packets.append(decode_rtp(phone.rtp.recv(4096)))
    events = [p for p in packets if p.payload_type == EVENTS]
    for digit in (5, 9):
        mine = [p for p in events if p.payload[0] == digit]
        assert mine[0].marker and not any(p.marker for p in mine[1:])
        assert len({p.rtp_timestamp for p in mine}) == 1
        assert [p.payload[1] >> 7 for p in mine][-3:] == [1, 1, 1]
        assert sum(p.payload[1] >> 7 for p in mine) == 3
        durations = [int.from_bytes(p.payload[2:4], "big") for p in mine]
        assert durations == sorted(durations) and 480 <= durations[-1] <= 960
    sequence = [p.sequence_number for p in packets]
    assert sequence == [(sequence[0] + i) & 0xFFFF for i in range(len(sequence))]
    in_band = b"".join(p.payload for p in packets if p.payload_type == 8)
    assert keys_in(in_band) == [], "what an event tells is not heard as well"


def heard_by(phone, stream, count):
    wait_for(lambda: stream.statistics().sent >= count)
    packets = []
    while phone.is_waiting():
        packets.append(decode_rtp(phone.rtp.recv(4096)))
    return packets


@pytest.mark.parametrize("is_sensible", [True, False])
def test_a_key_ends_where_keys_are_listened_for_no_more(
    device, line, log, phone, stream, is_sensible
):
    """In its middle: its event ends, and the voice goes on."""
    stream.describe(event_payload_type=EVENTS, clock_rate_hz=8000, kind=PacketKind.RTP)
    line.listen(Listening(keys=True))
    line.connect(stream)
    frames = dialled("5")
    device.exchange(frames[:13])
    if is_sensible:
        line.listen(Listening())
    else:
        with pytest.raises(ValueError, match="frequencies"):
            line.listen(Listening(keys=True, tones=(ToneWatch("busy", (9000.0,)),)))
    device.exchange(frames[13:])
    packets = heard_by(phone, stream, len(frames) - 1)
    events = [p for p in packets if p.payload_type == EVENTS]
    assert [p.payload[1] >> 7 for p in events][-3:] == [1, 1, 1]
    assert packets[-1].payload_type == 8
    assert [key.digit for key in log.wait_for(KeyPressed)] == ["5"]


def test_a_key_is_one_though_keys_are_listened_for_anew_in_its_middle(
    device, line, log, phone, stream
):
    stream.describe(event_payload_type=EVENTS, clock_rate_hz=8000, kind=PacketKind.RTP)
    line.listen(Listening(keys=True))
    line.connect(stream)
    frames = dialled("5")
    device.exchange(frames[:13])
    line.listen(Listening(keys=True, tones=(BUSY,)))
    device.exchange(frames[13:])
    packets = heard_by(phone, stream, len(frames) - 1)
    events = [p for p in packets if p.payload_type == EVENTS]
    assert len({p.rtp_timestamp for p in events}) == 1
    assert sum(p.payload[1] >> 7 for p in events) == 3
    assert keys_in(b"".join(p.payload for p in packets if p.payload_type == 8)) == []
    (key,) = log.wait_for(KeyPressed)
    assert key.digit == "5" and 60 <= key.duration_ms <= 110


def test_without_events_the_tone_itself_goes_on(device, line, log, phone, stream):
    line.listen(Listening(keys=True))
    line.connect(stream)
    frames = dialled("59")
    device.exchange(frames)
    wait_for(lambda: stream.statistics().sent >= len(frames) - 1)
    packets = []
    while phone.is_waiting():
        packets.append(decode_rtp(phone.rtp.recv(4096)))
    assert keys_in(b"".join(p.payload for p in packets)) == ["5", "9"]
    assert len(log.wait_for(KeyPressed, 2)) == 2


def event(digit, duration, *, is_end=False):
    return bytes([digit, is_end << 7 | 10]) + duration.to_bytes(2, "big")


def test_an_event_of_the_phone_sounds_on_the_line(device, line, log, phone, stream):
    """Each once, though its end comes three times and one is only 20 ms long."""
    stream.describe(event_payload_type=EVENTS, clock_rate_hz=8000, kind=PacketKind.RTP)
    line.connect(stream)
    number, heard = 0, b""

    def say(payload, timestamp):
        nonlocal number
        phone.send(
            stream,
            audio(number, payload=payload, payload_type=EVENTS, rtp_timestamp=timestamp),
        )
        number += 1
        wait_for(lambda: stream.statistics().received == number)

    for start, digit, packets in ((1000, 7, 5), (3000, 11, 1), (5000, 0, 4)):
        for part in range(packets):
            say(event(digit, 160 * (part + 1)), start)
            heard += device.exchange([QUIET])
        for _ in range(3):
            say(event(digit, 160 * packets, is_end=True), start)
        heard += device.exchange([QUIET] * 8)
    assert keys_in(heard) == ["7", "#", "0"]
    assert [key.digit for key in log.wait_for(KeyPressed, 3)] == ["7", "#", "0"]


@pytest.fixture
def say(phone, stream, line):
    """Tells one packet of an event, or of another stream of the phone's."""
    stream.describe(event_payload_type=EVENTS, clock_rate_hz=8000, kind=PacketKind.RTP)
    line.connect(stream)
    number = 0

    def tell(payload, timestamp, **more):
        nonlocal number
        packet = audio(
            number, payload=payload, payload_type=EVENTS, rtp_timestamp=timestamp, **more
        )
        phone.send(stream, packet)
        number += 1
        wait_for(lambda: stream.statistics().received == number)

    return tell


def press(say, digit, start, **more):
    """60 ms, all its packets at once."""
    for part in (1, 2, 3):
        say(event(digit, 160 * part), start, **more)
    for _ in range(3):
        say(event(digit, 480, is_end=True), start, **more)


def test_keys_that_come_in_a_heap_all_sound(device, say):
    """The network held them up: each sounds, with a pause behind it."""
    for place, digit in enumerate([7, 7, 0, 0, 5]):
        press(say, digit, 1000 + 960 * place)
    assert keys_in(device.exchange([QUIET] * 80)) == ["7", "7", "0", "0", "5"]


def test_keys_with_pauses_too_short_for_an_exchange_all_sound(device, say):
    """40 ms, and 40 ms without: an event that was made longer leaves its pause to the next."""
    heard = b""
    for place, digit in enumerate([7, 7, 0, 0, 5]):
        start = 1000 + 640 * place
        for part in (1, 2):
            say(event(digit, 160 * part), start)
            heard += device.exchange([QUIET])
        say(event(digit, 320, is_end=True), start)
        heard += device.exchange([QUIET] * 2)
    assert keys_in(heard + device.exchange([QUIET] * 60)) == ["7", "7", "0", "0", "5"]


def test_a_key_of_the_phone_waits_for_those_that_are_being_sent(device, line, say):
    """Half a key is a wrong number."""
    line.send_keys("12", on_ms=100, off_ms=80, level_dbm0=-8)
    heard = device.exchange([QUIET] * 2)
    press(say, 7, 1000)
    assert keys_in(heard + device.exchange([QUIET] * 40)) == ["1", "2", "7"]


def test_another_source_of_the_phone_has_timestamps_of_its_own(device, say):
    press(say, 7, 90000)
    heard = device.exchange([QUIET] * 8)
    press(say, 8, 1000, ssrc=99)
    assert keys_in(heard + device.exchange([QUIET] * 20)) == ["7", "8"]


def test_a_key_longer_than_its_field_is_one(device, say):
    """RFC 4733 §2.5.1.3: after 8.2 s it goes on under another timestamp."""
    heard = b""
    for place in range(500):
        segment, part = divmod(place, 410)
        say(event(7, min(0xFFFF, 160 * (part + 1))), 1000 + 0xFFFF * segment)
        heard += device.exchange([QUIET])
    say(event(7, 90 * 160, is_end=True), 1000 + 0xFFFF)
    assert keys_in(heard + device.exchange([QUIET] * 20)) == ["7"]


BUSY = ToneWatch("busy", (425.0,), (350, 350), cycles=3)


def test_a_rhythm_alone_may_be_listened_for(device, line, log):
    line.listen(Listening(cadence=True))
    beat = [*line_signals.sine(425, 250, -15), *line_signals.silence(250)]
    device.exchange(alaw(beat * 7))
    rhythm = log.wait_for(CadenceHeard)[0]
    assert (rhythm.on_ms, rhythm.off_ms) == (pytest.approx(250, abs=20), pytest.approx(250, abs=20))


def test_a_tone_is_told_by_its_name(device, line, log):
    line.listen(Listening(tones=(ToneWatch("dial", (600.0,), least_ms=300),)))
    line.listen(Listening(tones=(BUSY,)))
    beat = [*line_signals.sine(425, 350, -15), *line_signals.silence(350)]
    device.exchange(alaw(beat * 5))
    (heard,) = log.wait_for(ToneHeard)
    assert (heard.stream, heard.tone) == (line.number, "busy")
    assert heard.frequency_hz == pytest.approx(425, abs=3)
    assert (heard.on_ms, heard.off_ms) == (pytest.approx(350, abs=20), pytest.approx(350, abs=20))


def test_what_makes_no_sense_is_not_listened_for(line):
    with pytest.raises(ValueError, match="frequencies"):
        line.listen(Listening(tones=(ToneWatch("busy", (9000.0,)),)))


def test_silence_is_told_once(device, line, log):
    line.listen(Listening(silence_s=1.0))
    device.exchange(alaw(line_signals.sine(500, 200, -10)) + [QUIET] * 150)
    (heard,) = log.wait_for(ToneHeard)
    assert (heard.tone, heard.on_ms) == ("silence", pytest.approx(1000, abs=50))


def test_caller_id_is_told_as_it_came(device, line, log):
    line.listen(Listening(caller_id=("fsk_v23", "dtmf")))
    message = bytes.fromhex("04123131323230393330343935313233343536374A")
    bits = line_signals.fsk_bits(message)
    sound = line_signals.fsk(bits, 1300, 2100, -15)
    device.exchange(alaw([*line_signals.silence(100), *sound, *line_signals.silence(200)]))
    assert log.wait_for(CallerIdHeard) == [CallerIdHeard(line.number, "fsk", message)]


def test_listening_to_nothing_hears_nothing(device, line, log):
    line.listen(Listening(keys=True))
    line.listen(Listening())
    device.exchange(dialled("5"))
    wait_for(lambda: line.line_statistics().frames_in > 10)
    assert log.refresh() == []


def echoed(device, seconds):
    """So long the line gives back what is said to it, softer by 12 dB; a frame later."""
    frame = QUIET
    for _ in range(round(50 * seconds)):
        said = decode_g711(device.exchange([frame]), Law.PCMA)
        softer = [sample // 4 for sample in array("h", said)]
        frame = encode_g711(array("h", softer).tobytes(), Law.PCMA)


@pytest.mark.parametrize("is_ours", [False, True])
def test_a_fax_that_answers_keeps_its_echo_until_the_call_is_over(device, line, log, is_ours):
    """Whether it is on the line, or is heard by it from the other side."""
    chance = Random(1)
    samples = array("h", (chance.randint(-6000, 6000) for _ in range(16000)))
    hiss = encode_g711(samples.tobytes(), Law.PCMA)
    line.cancel_echo(is_on=True)
    line.play(hiss, payload_type=8, repeats=True)
    echoed(device, 3)
    assert line.line_statistics().erle_db > 10
    answer = encode_g711(spandsp.answering(spandsp.ANSAM_PR), Law.PCMA)
    if is_ours:
        line.play(answer, payload_type=8, repeats=False)
        echoed(device, 2)
    else:
        line.stop_playing()
        device.exchange(frames_of(answer)[:100])
    assert log.wait_for(AnswerToneHeard) == [AnswerToneHeard(line.number)]
    line.play(hiss, payload_type=8, repeats=True)
    echoed(device, 2)
    assert line.line_statistics().erle_db is None
    line.disconnect()
    line.play(hiss, payload_type=8, repeats=True)
    echoed(device, 3)
    assert line.line_statistics().erle_db > 10


@pytest.mark.parametrize("is_relayed", [True, False])
def test_the_echo_of_our_key_is_no_key_of_the_lines(device, line, log, phone, say, is_relayed):
    """A hybrid gives back what is said to it; the same key of the party's counts a moment later."""
    line.listen(Listening(keys=True))
    if is_relayed:
        press(say, 5, 1000)
    else:
        line.send_keys("5", on_ms=80, off_ms=80, level_dbm0=-8)
    echoed(device, 0.6)
    device.exchange(dialled("5"))
    keys = [
        key for key in log.wait_for(KeyPressed, 2 if is_relayed else 1) if key.stream == line.number
    ]
    assert [key.digit for key in keys] == ["5"]
