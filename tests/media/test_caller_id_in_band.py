"""Caller id in a line's audio: FSK of several makers in noise, DTMF, AON; and what others read of
ours."""

from __future__ import annotations

import random
import subprocess

import pytest

from appliance.media.api import Listening
from appliance.media.signals import ON_HOOK_BITS, Detectors, Generator
from drivers.caller_id import decode_aon, decode_dtmf, decode_fsk, encode_mdmf
from drivers.events import CallerIdRecord
from tests.kit import line_signals as line
from tests.kit import spandsp

OFF_HOOK_BITS = (0, 80)  # EN 300 659-2: no seizure, marks alone
LEVEL_DBM0, SNR_DB = -36.0, 20.0
MODEMS = {"fsk_v23": (1300.0, 2100.0), "fsk_bell202": (1200.0, 2200.0)}
EVERYTHING = Listening(caller_id=("fsk_v23", "fsk_bell202", "dtmf"))


def some_record(rng):
    number = "".join(rng.choice("0123456789") for _ in range(rng.randrange(3, 16)))
    name = "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ ") for _ in range(rng.randrange(16)))
    time = f"{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}{rng.randrange(24):02}15"
    return CallerIdRecord(number, name.strip(), time, source="fsk")


def heard(samples, listening=EVERYTHING):
    found = Detectors(listening).feed(line.octets(samples))
    return [h.event.message for h in found]


def on_the_line(samples, noise, level_dbm0=LEVEL_DBM0, snr_db=SNR_DB):
    """Silence around it, and noise under all of it."""
    return noise.under(line.silence(150) + list(samples) + line.silence(150), level_dbm0 - snr_db)


def to_level(data, level_dbm0):
    """Another maker's samples at the level that we want."""
    samples = line.floats(data)
    power = sum(value * value for value in samples) / len(samples)
    scale = line.amplitude(level_dbm0) / (2 * power) ** 0.5
    return [value * scale for value in samples]


def score(name, messages, sounds, least=0.995):
    """Reads each sound by itself; prints and checks the share that came through."""
    noise, right = line.Noise(4), 0
    for message, sound in zip(messages, sounds, strict=True):
        right += heard(on_the_line(sound, noise)) == [message]
    print(f"FSK caller id of {name} at 20 dB, -36 dBm0: {right}/{len(messages)}")
    assert right >= least * len(messages)


@pytest.mark.parametrize("method", MODEMS)
@pytest.mark.parametrize("bits", [ON_HOOK_BITS, OFF_HOOK_BITS, (96, 55)])
def test_fsk_of_a_plain_modulator(method, bits):
    """On-hook, off-hook, and the shortest of SIN 227; the sender's clock up to 1 % wrong."""
    rng = random.Random(f"{method}{bits}")
    messages = [encode_mdmf(some_record(rng)) for _ in range(70)]
    sounds = []
    for message in messages:
        clock = 1 + rng.uniform(-0.01, 0.01)
        mark, space = (hz * clock for hz in MODEMS[method])
        sounds.append(line.fsk(line.fsk_bits(message, *bits), mark, space, LEVEL_DBM0))
    score(f"{method} {bits}", messages, sounds)


@pytest.mark.parametrize("standard", [spandsp.CLASS, spandsp.CLIP])
def test_fsk_of_spandsp(standard):
    rng = random.Random(standard)
    messages = [encode_mdmf(some_record(rng)) for _ in range(60)]
    sounds = [to_level(spandsp.caller_id(m, standard), LEVEL_DBM0) for m in messages]
    score(f"spandsp {standard}", messages, sounds)


def by_minimodem(message, mark_hz, space_hz, folder):
    """The same bits through minimodem: no start and no stop bits of its own."""
    bits = line.fsk_bits(message)
    bits += [1] * (-len(bits) % 8)
    packed = bytes(
        sum(bit << i for i, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8)
    )
    file = folder / "fsk.wav"
    tones = ["--mark", str(mark_hz), "--space", str(space_hz)]
    plain = ["--startbits", "0", "--stopbits", "0"]
    command = ["minimodem", "--tx", "-R", "8000", "-f", str(file), *tones, *plain, "1200"]
    subprocess.run(command, input=packed, check=True)
    return file.read_bytes()[44:]


@pytest.mark.parametrize("method", MODEMS)
def test_fsk_of_minimodem(method, tmp_path):
    rng = random.Random(method)
    messages = [encode_mdmf(some_record(rng)) for _ in range(25)]
    sounds = [
        to_level(by_minimodem(message, *MODEMS[method], tmp_path), LEVEL_DBM0)
        for message in messages
    ]
    score(f"minimodem {method}", messages, sounds)


@pytest.mark.parametrize("method", MODEMS)
def test_fsk_through_a_modem_of_eight_bits(method):
    rng = random.Random(method)
    for _ in range(20):
        message = encode_mdmf(some_record(rng))
        samples = line.silence(150) + line.fsk(line.fsk_bits(message), *MODEMS[method], -25.0)
        samples = [256.0 * round(value / 256) for value in samples + line.silence(150)]
        assert heard(samples) == [message]


def test_a_message_is_known_within_100_ms_of_its_end():
    message = encode_mdmf(CallerIdRecord("4951234567", "IVANOV", "11220930"))
    bits = line.fsk_bits(message)
    samples = line.silence(100) + line.fsk(bits, 1300, 2100, -13) + line.silence(300)
    (found,) = Detectors(EVERYTHING).feed(line.octets(samples))
    late_ms = 1000 * (found.at_s - 0.1 - (len(bits) - 10) / 1200)
    print(f"caller id known {late_ms:.0f} ms after its last bit")
    assert -10 <= late_ms <= 100


def test_ringing_and_clicks_around_it_do_no_harm():
    message = encode_mdmf(CallerIdRecord("79161234567"))
    ring = line.sine(25, 1000, 3)
    click = [20000.0, -20000.0, 9000.0]
    samples = ring + line.silence(600) + click + line.silence(40)
    samples += line.fsk(line.fsk_bits(message), 1300, 2100, -20) + line.silence(200) + ring
    assert heard(samples) == [message]


def test_a_damaged_message_is_not_told():
    message = encode_mdmf(CallerIdRecord("79161234567"))
    bits = line.fsk_bits(message)
    bits[-60] ^= 1
    assert heard(line.fsk(bits, 1300, 2100, -20) + line.silence(100)) == []


# ---- ours, read by others


def test_minimodem_reads_our_bell_202(tmp_path):
    message = encode_mdmf(CallerIdRecord("4951234567", "IVANOV", "11220930"))
    made = Generator().caller_id(message, "fsk_bell202", level_dbm0=-10.0)
    raw, file = tmp_path / "cid.raw", tmp_path / "cid.wav"
    raw.write_bytes(bytes(8000) + made + bytes(8000))
    shape = ["-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-c", "1"]
    subprocess.run(["sox", *shape, str(raw), "-r", "48000", str(file)], check=True)
    said = subprocess.run(
        ["minimodem", "--rx", "-q", "-f", str(file), "callerid"],
        capture_output=True,
        text=True,
        errors="replace",
    ).stdout
    assert "495-123-4567" in said and "IVANOV" in said


def test_multimon_reads_our_v23_as_octets(tmp_path):
    """CLIPFSK prints what it decodes: the number must be in it."""
    message = encode_mdmf(CallerIdRecord("4951234567", "IVANOV", "11220930"))
    made = Generator().caller_id(message, "fsk_v23", level_dbm0=-6.0)
    raw, wide = tmp_path / "cid.raw", tmp_path / "wide.raw"
    raw.write_bytes(bytes(8000) + made + bytes(8000))
    shape = ["-t", "raw", "-e", "signed", "-b", "16", "-c", "1"]
    subprocess.run(
        ["sox", *shape, "-r", "8000", str(raw), *shape, "-r", "22050", str(wide)], check=True
    )
    said = subprocess.run(
        ["multimon-ng", "-q", "-a", "CLIPFSK", "-t", "raw", str(wide)],
        capture_output=True,
        text=True,
        errors="replace",
    ).stdout
    assert "4951234567" in said


@pytest.mark.parametrize("method", MODEMS)
@pytest.mark.parametrize("bits", [ON_HOOK_BITS, OFF_HOOK_BITS])
def test_ours_is_heard_by_us(method, bits):
    message = encode_mdmf(CallerIdRecord("4951234567", "IVANOV", "11220930"))
    made = Generator().caller_id(message, method, bits=bits)
    assert heard([*line.floats(made), *line.silence(50)]) == [message]
    assert decode_fsk(message).name == "IVANOV"


# ---- DTMF


@pytest.mark.parametrize("keys", ["A4951234567C", "D4951234567C", "A123#", "4951234567#", "B10C"])
def test_dtmf(keys):
    samples = line.silence(100)
    for digit in keys:
        samples += line.key(digit, 50, -15) + line.silence(50)
    (message,) = heard(line.Noise(1).under(samples + line.silence(900), -45))
    assert message.decode() == keys and decode_dtmf(message.decode()).source == "dtmf"


def test_dtmf_without_an_end_is_told_after_a_pause():
    samples = line.silence(100)
    for digit in "4951234567":
        samples += line.key(digit, 50, -15) + line.silence(50)
    assert heard(samples + line.silence(900)) == [b"4951234567"]


# ---- AON


@pytest.mark.parametrize("level_dbm0", [-7.0, -25.0])
def test_aon_in_noise(level_dbm0):
    """120 numbers at 20 dB of SNR, symbols of 38 to 42 ms, begun anywhere in the packet."""
    rng, noise, right = random.Random(5), line.Noise(6), 0
    listening = Listening(caller_id=("aon",))
    for _ in range(120):
        number = "".join(rng.choice("0123456789") for _ in range(7))
        symbols = line.aon_symbols(number, packets=3)[rng.randrange(9) :].lstrip("R")
        samples = line.silence(100) + line.aon(symbols, level_dbm0, rng.uniform(38, 42))
        found = heard(noise.under(samples + line.silence(150), level_dbm0 - 20), listening)
        right += [decode_aon(message.decode()).number for message in found] == [number]
    print(f"AON at 20 dB, {level_dbm0:.0f} dBm0: {right}/120")
    assert right >= 119


def test_aon_is_not_listened_for_by_itself():
    assert heard(line.aon("S17654321" * 3, -10) + line.silence(200)) == []


def test_our_aon_is_heard_by_us():
    symbols = "S1R2345678" * 2
    ours = line.floats(Generator().aon(symbols, level_dbm0=-10.0)) + line.silence(200)
    assert heard(ours, Listening(caller_id=("aon",))) == [symbols.encode()]
