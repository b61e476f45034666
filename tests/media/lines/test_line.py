"""One line's audio in the core: framing, shielding, the other side, playing, and how it ends."""

from __future__ import annotations

import errno
import os
import re
import time
from array import array
from itertools import pairwise

import pytest

from appliance.errors import LocalProtocolError, MediaError
from appliance.media.api import LineEnded, LineStalled, PlayEnded, StreamCode
from appliance.rtp.g711 import Law, decode_g711, encode_g711
from drivers.api import AudioDescriptor, Encoding
from tests.media.lines.device import SILENCE, frames_of, share_of, sine, until
from tests.media.phones import audio, wait_for

PAIRED = {b"\x10": b"\x10\x10", b"\x10\x10": b"\x10\x1a"}  # V.253 §8.2
AHEAD = 20  # ms of silence that go before: half of queue_ms


def g711(samples, law):
    return encode_g711(array("h", samples).tobytes(), law)


def alaw(samples):
    return g711(samples, Law.PCMA)


def linear(octets, law=Law.PCMA):
    return array("h", decode_g711(octets, law)).tolist()


def shielded(octets):
    return octets.replace(b"\x10", b"\x10\x10")


@pytest.mark.parametrize("encoding", list(Encoding))
def test_the_party_hears_itself_octet_by_octet(plane, make_device, encoding):
    """Ten milliseconds later, behind the silence that keeps the device fed."""
    device = make_device(encoding)
    line = plane.open_line(device.audio)
    line.echo()
    width = len(SILENCE[encoding])
    said = bytes(range(256)) * 10 * width
    if encoding is Encoding.ULAW:
        said = said.replace(b"\x7f", b"\xff")  # two octets mean zero; one of them is written
    heard = device.exchange(frames_of(said, 160 * width))
    quiet = SILENCE[encoding] * 8 * (AHEAD + 10)
    assert heard == (quiet + said)[: len(heard)]


@pytest.mark.parametrize("size", [1, 3, 160])
def test_shielded_octets_survive_any_split(plane, make_device, size):
    device = make_device(Encoding.U8, is_dle_shielded=True, queue_ms=200)
    plane.open_line(device.audio).echo()
    plain = bytes([0x10, 0x10, 0x42, 0x10, 0x80, 0x10, 0x10, 0x10]) * 40
    written = re.sub(b"\x10\x10|\x10", lambda m: PAIRED[m[0]], plain)
    for at in range(0, len(written), size):
        device.give(written[at : at + size])
    quiet, echoed = b"\x80" * (8 * 100 + 80), shielded(plain[:240])
    assert device.take(len(quiet + echoed)) == quiet + echoed


def test_a_line_that_is_only_heard_is_never_written_to(plane, make_device, log):
    """Not its lead of silence, not what is played: an octet might end what the device says."""
    device = make_device(is_dle_shielded=True, is_receive_only=True, lead_ms=20)
    line = plane.open_line(device.audio)
    line.record()
    said = alaw(sine(1000, 8000))
    for at, frame in enumerate(frames_of(shielded(said), 160)):
        device.give(frame)
        if at == 10:
            line.play(alaw(sine(500, 1600)), payload_type=8, repeats=True)
            line.send_keys("1", on_ms=80, off_ms=80, level_dbm0=-10.0)
            device.give(b"\x10u")
    device.give(b"\x10b")
    assert log.wait_for(StreamCode, 2)[-1] == StreamCode(line.number, ord("b"))
    line.stop_recording()
    assert line.take_recorded() == said
    statistics = line.line_statistics()
    assert (statistics.frames_in, statistics.frames_out) == (50, 0)
    assert not device.is_waiting()
    device.give(b"\x10\x03OK")
    assert log.wait_for(LineEnded) == [LineEnded(line.number, 0)]
    assert line.close() == b"OK" and not device.is_waiting()


def test_codes_come_in_order_and_are_no_sound(plane, make_device, log):
    device = make_device(Encoding.U8, is_dle_shielded=True)
    line = plane.open_line(device.audio)
    device.give(b"\x80" * 10 + b"\x10R" + b"\x80" * 5 + b"\x10b\x10")
    device.give(b"s" + b"\x10XCIDM\r\nNMBR=1234\r\n\x10." + b"\x80" * 65)
    codes = log.wait_for(StreamCode, 5)
    assert codes == [StreamCode(line.number, code) for code in b"RbsX."]
    assert device.take(8 * AHEAD + 80) == b"\x80" * (8 * AHEAD + 80)


def test_the_end_of_the_stream_gives_back_what_came_after_it(plane, make_device, log):
    device = make_device(Encoding.U8, is_dle_shielded=True, unread=b"\x80" * 79 + b"\x10")
    line = plane.open_line(device.audio)
    device.give(b"\x1a\x10\x03\r\nOK\r\n")
    assert log.wait_for(LineEnded) == [LineEnded(line.number, 0)]
    device.give(b"RING\r\n")
    assert line.close() == b"\r\nOK\r\n"
    assert line.close() == b"\r\nOK\r\n"
    assert os.read(device.audio.descriptor, 100) == b"RING\r\n", "nobody has read it"
    with pytest.raises(LocalProtocolError):
        line.echo()


def test_half_a_code_is_left_to_whoever_reads_on(plane, make_device):
    """The core let go between DLE and ETX: the driver sees both."""
    device = make_device(Encoding.U8, is_dle_shielded=True)
    line = plane.open_line(device.audio)
    device.give(b"\x80" * 80 + b"\x10")
    device.take(8 * AHEAD + 80)
    assert line.close() == b"\x10"
    device.give(b"\x03\r\nOK\r\n")
    assert os.read(device.audio.descriptor, 100) == b"\x03\r\nOK\r\n"


def test_a_device_that_vanishes_ends_the_line(plane, make_device, log):
    device = make_device()
    line = plane.open_line(device.audio)
    device.give(b"\xd5" * 160)
    device.vanish()
    (ended,) = log.wait_for(LineEnded)
    assert ended.stream == line.number
    assert ended.error in (errno.EPIPE, errno.ECONNRESET)
    rounds = plane.poke()
    wait_for(lambda: plane.poke() > rounds + 2)
    assert log.refresh() == [ended], "it is told once"
    assert line.close() == b""


def test_a_terminal_that_vanishes_ends_the_line(plane, log):
    master, slave = os.openpty()
    os.set_blocking(slave, False)
    line = plane.open_line(AudioDescriptor(Encoding.U8, slave))
    os.close(master)
    (ended,) = log.wait_for(LineEnded)
    assert ended.error in (errno.EIO, errno.EPIPE)
    line.close()
    os.close(slave)


def test_a_device_that_gives_no_more_is_told_of_and_so_is_its_return(plane, make_device, log):
    device = make_device()
    line = plane.open_line(device.audio)
    device.live(frames_of(bytes([0xD5]) * 160 * 20))
    assert not any(isinstance(event, LineStalled) for event in log.refresh())
    began = time.monotonic()
    assert log.wait_for(LineStalled) == [LineStalled(line.number, True, True)]
    assert 0.3 < time.monotonic() - began < 2
    device.give(bytes([0xD5]) * 160)
    *_, back = log.wait_for(LineStalled, 2)
    assert back == LineStalled(line.number, False, True)


def test_a_device_that_never_gave_anything_is_told_of(plane, make_device, log):
    line = plane.open_line(make_device().audio)
    assert log.wait_for(LineStalled) == [LineStalled(line.number, True, False)]
    line.close()
    other = plane.open_line(make_device().audio)
    assert [event.stream for event in log.wait_for(LineStalled, 2)] == [line.number, other.number]


def test_a_descriptor_that_is_none_cannot_be_opened(plane):
    with pytest.raises(MediaError) as caught:
        plane.open_line(AudioDescriptor(Encoding.ALAW, 99999))
    assert caught.value.key == "media.line_audio"


def test_its_number_is_nobody_elses(plane, make_device):
    lines = [plane.open_line(make_device().audio) for _ in range(3)]
    streams = [plane.open("127.0.0.1") for _ in range(3)]
    lines[0].close()
    lines.append(plane.open_line(make_device().audio))
    numbers = [one.number for one in (*lines, *streams)]
    assert len(set(numbers)) == 7


def test_a_sound_is_played_whole(plane, make_device, log):
    device = make_device()
    line = plane.open_line(device.audio)
    sound = alaw(sine(425, 1000))
    line.play(sound, payload_type=8, repeats=False)
    heard = device.exchange([SILENCE[Encoding.ALAW] * 160] * 10)
    assert heard == (b"\xd5" * 8 * AHEAD + sound + b"\xd5" * 600)[: len(heard)]
    assert log.wait_for(PlayEnded) == [PlayEnded(line.number)]


def spoken(device, line, octets):
    """Says this, until the core has heard all of it: what comes back is ahead by the lead."""
    frames = frames_of(octets)
    wanted = line.line_statistics().frames_in + len(frames)
    device.exchange(frames)
    wait_for(lambda: line.line_statistics().frames_in == wanted)


def test_what_the_party_says_is_kept_while_something_is_played(plane, make_device, log):
    device = make_device()
    line = plane.open_line(device.audio)
    said = bytes(range(256)) * 10
    spoken(device, line, said[:160])
    line.record()
    line.play(alaw(sine(425, 800)), payload_type=8, repeats=False)
    spoken(device, line, said)
    log.wait_for(PlayEnded)
    assert line.take_recorded() == said
    spoken(device, line, said[:320])
    line.stop_recording()
    spoken(device, line, said[:160])
    assert line.take_recorded() == said[:320]
    assert line.take_recorded() == b""


def test_what_nobody_takes_of_a_line_is_lost_and_counted(plane, make_device):
    device = make_device()
    line = plane.open_line(device.audio)
    line.record()
    said = bytes(range(128, 256)) * 5 * 60
    spoken(device, line, said)
    assert line.line_statistics().unrecorded == len(said) - 32000
    assert line.take_recorded() == said[-32000:]


def test_a_closed_line_records_nothing(plane, make_device):
    line = plane.open_line(make_device().audio)
    line.record()
    line.close()
    for command in (line.record, line.take_recorded, line.stop_recording):
        with pytest.raises(LocalProtocolError):
            command()


def test_a_tone_goes_on_without_a_seam_until_it_is_stopped(plane, make_device, log):
    device = make_device(queue_ms=20)
    line = plane.open_line(device.audio)
    sound = bytes(range(128, 228))
    line.play(sound, payload_type=8, repeats=True)
    heard = device.exchange([b"\xd5" * 80] * 40)
    assert heard[80:] == (sound * 40)[: len(heard) - 80]
    line.stop_playing()
    assert device.exchange([b"\xd5" * 80] * 3)[80:] == b"\xd5" * 160
    assert log.refresh() == []


def test_a_device_of_whole_frames_gets_whole_frames(plane, make_device):
    device = make_device(Encoding.S16LE, frame_octets=320)
    line = plane.open_line(device.audio)
    device.give(bytes(160) * 3)
    wait_for(lambda: line.line_statistics().frames_out == 1)
    assert device.take(320 * 2) == bytes(640)
    device.give(bytes(160))
    assert device.take(320) == bytes(320)
    assert not device.is_waiting()


def test_no_more_waits_in_the_device_than_was_agreed(plane, make_device):
    """An overslept second is not written after the fact: 60 ms may wait, and it is counted."""
    device = make_device(queue_ms=60)
    line = plane.open_line(device.audio)
    device.give(b"\xd5" * 4000)
    wait_for(lambda: line.line_statistics().frames_out == 25)
    device.take(8 * 60)
    assert not device.is_waiting()
    assert line.line_statistics().underruns == 1


def test_a_modem_that_ran_dry_gets_more_ahead(plane, make_device, log):
    """DLE u (V.253): 10 ms more wait in it from then on, and it is counted; DLE o is too."""
    device = make_device(Encoding.U8, is_dle_shielded=True)
    line = plane.open_line(device.audio)
    quiet = b"\x80" * 80
    device.exchange([quiet] * 4)
    device.give(b"\x10u\x10o" + quiet)
    assert device.take(240) == b"\x80" * 240, "20 ms that were ahead, 10 of the block; 10 more"
    device.exchange([quiet] * 4)
    wait_for(lambda: device.take(80) == quiet)
    assert not device.is_waiting()
    statistics = line.line_statistics()
    assert (statistics.underruns, statistics.overruns) == (1, 1)
    assert log.wait_for(StreamCode, 2) == [StreamCode(line.number, c) for c in b"uo"]


def test_a_lost_packet_is_covered(plane, make_device, phone, stream):
    """Every seventh is lost: the voice goes on, as loud as before but for a moment."""
    device = make_device(Encoding.S16LE, queue_ms=20)
    plane.open_line(device.audio).connect(stream)
    said = frames_of(alaw(sine(200, 8000)))

    def speak(number):
        if number % 7 != 3:
            phone.send(stream, audio(number, payload=said[number]))

    heard = array("h", device.live([bytes(320)] * 50, speak)).tolist()
    parts = [heard[at : at + 80] for at in range(2400, 6400, 80)]
    levels = sorted(sum(s * s for s in part) / 80 for part in parts)
    assert levels[len(levels) // 10] > 0.2 * 8000 * 8000 / 2
    assert share_of(200, heard[2400:6400]) > 0.8


QUIET = [b"\xd5" * 160] * 50


@pytest.mark.parametrize("payload_type", [0, 8])
def test_a_phone_is_heard_on_the_line(plane, make_device, phone, stream, payload_type):
    device = make_device(queue_ms=20)
    plane.open_line(device.audio).connect(stream)
    said = frames_of(g711(sine(1000, 8000), Law(payload_type)))

    def speak(number):
        phone.send(stream, audio(number, payload=said[number], payload_type=payload_type))

    heard = linear(device.live(QUIET, speak))
    assert share_of(1000, heard[2400:6400]) > 0.8


@pytest.mark.parametrize("payload_type", [0, 8])
def test_the_line_is_heard_on_the_phone(plane, make_device, phone, stream, payload_type):
    device = make_device()
    line = plane.open_line(device.audio)
    line.speak(payload_type=payload_type)
    stream.connect(line)
    device.live(frames_of(alaw(sine(1000, 8000))))
    packets = [phone.receive_packet() for _ in range(45)]
    assert {p.payload_type for p in packets} == {payload_type}
    assert {p.ssrc for p in packets} == {packets[0].ssrc}
    assert packets[0].marker
    steps = {(b.sequence_number - a.sequence_number) & 0xFFFF for a, b in pairwise(packets)}
    assert steps == {1}
    heard = linear(b"".join(p.payload for p in packets[5:]), Law(payload_type))
    assert share_of(1000, heard) > 0.8
    assert stream.statistics().sent >= 45


def test_two_lines_hear_each_other(plane, make_device):
    one, other = make_device(queue_ms=20), make_device(Encoding.S16LE, queue_ms=20)
    line = plane.open_line(one.audio)
    line.connect(plane.open_line(other.audio))
    high = frames_of(array("h", sine(1500, 8000)).tobytes(), 320)
    heard = linear(one.live(frames_of(alaw(sine(500, 8000))), lambda n: other.give(high[n])))
    assert share_of(1500, heard[2400:6400]) > 0.8
    wide = array("h", other.take(12800)).tolist()
    assert share_of(500, wide[2400:6400]) > 0.8


def test_a_line_whose_partner_left_falls_silent(plane, make_device):
    one, other = make_device(), make_device()
    line = plane.open_line(one.audio)
    line.connect(plane.open_line(other.audio))
    for _ in range(4):
        other.exchange(QUIET[:1])
        one.exchange([b"\x21" * 160])
    line.disconnect()
    one.exchange([b"\x21" * 160])
    assert set(other.exchange(QUIET[:10])[-800:]) <= {0xD5, 0x55}


def test_either_end_can_go_first(plane, make_device, stream):
    device = make_device()
    line = plane.open_line(device.audio)
    line.connect(stream)
    stream.close()
    device.exchange([b"\xd5" * 160] * 3)
    again = plane.open("127.0.0.1")
    again.connect(line)
    line.close()
    again.disconnect()
    again.close()


def test_gains_are_decibels(plane, make_device):
    device = make_device(Encoding.S16LE, queue_ms=20)
    line = plane.open_line(device.audio)
    line.set_gain(receive_db=0, transmit_db=-6.0206)
    line.echo()
    heard = array("h", device.exchange([array("h", [8000] * 80).tobytes()] * 4))
    assert heard[-1] == pytest.approx(4000, abs=1)


def test_levels_are_those_of_a_digital_milliwatt(plane, make_device):
    """G.711's sequence of 0 dBm0 (table 5) in A-law, and silence."""
    device = make_device()
    line = plane.open_line(device.audio)
    milliwatt = bytes([0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4])
    until(
        lambda: line.line_statistics().level_in_dbm0 > -50,
        lambda: device.exchange([milliwatt * 20]),
    )
    statistics = line.line_statistics()
    assert statistics.level_in_dbm0 == pytest.approx(0.0, abs=0.1)
    assert statistics.level_out_dbm0 < -60
    assert statistics.erle_db is None
    assert statistics.silent_s < 1.0
