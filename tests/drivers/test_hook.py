"""Hook timing: rotary pulses at every speed, flash windows, bounce, and no event out of noise."""

from __future__ import annotations

import random

import pytest

from drivers.country import country_codes, country_profile
from drivers.events import DigitPulsed, FlashHook, OffHook, OnHook
from drivers.hook import HookReader, HookTimes, State

MS = 1_000_000
RU = HookTimes()


class Phone:
    """A telephone with a bouncing contact, and a watcher that looks every poll_ms."""

    def __init__(self, times=RU, *, is_off_hook=True, seed=1, bounce_ms=3.0, poll_ms=4.0):
        self.reader = HookReader(times, is_off_hook=is_off_hook)
        self.events = []
        self._random = random.Random(seed)
        self._bounce_ms, self._poll_ms = bounce_ms, poll_ms
        self._level, self._at_ms, self._edges = is_off_hook, 0.0, []

    def wait(self, ms):
        self._at_ms += ms
        return self

    def hook(self, is_off_hook):
        """A change of the contact, with bounce."""
        at = self._at_ms
        for _ in range(self._random.randrange(3)):
            self._edges.append((at, is_off_hook))
            at += self._random.uniform(0, self._bounce_ms / 4)
            self._edges.append((at, not is_off_hook))
            at += self._random.uniform(0, self._bounce_ms / 4)
        self._edges.append((at, is_off_hook))
        return self

    def open(self, ms):
        return self.hook(False).wait(ms).hook(True)

    def watch(self):
        """What the reader says when it is polled until now."""
        edges, level, at_ms = sorted(self._edges, key=lambda edge: edge[0]), self._level, 0.0
        while at_ms <= self._at_ms:
            while edges and edges[0][0] <= at_ms:
                level = edges.pop(0)[1]
            self.events += self.reader.feed(level, round(at_ms * MS))
            at_ms += self._poll_ms
        return self.events


def dial(phone, digit, *, pulses_per_second, make, jitter_ms=0.0, rng=None):
    period = 1000 / pulses_per_second
    for _ in range(int(digit) or 10):
        shift = rng.uniform(-jitter_ms, jitter_ms) if rng else 0.0
        phone.open(period * (1 - make) + shift).wait(period * make - shift)


def test_pulse_digits_at_every_speed_and_ratio():
    """1000 digits, 8-12 pulses a second, make 33-50 %, +-3 ms of jitter, polled every 4 ms."""
    rng, read = random.Random(7), 0
    for group in range(100):
        phone = Phone(seed=group)
        number = "".join(rng.choice("0123456789") for _ in range(10))
        for digit in number:
            phone.wait(rng.uniform(250, 900))
            dial(
                phone,
                digit,
                pulses_per_second=rng.uniform(8, 12),
                make=rng.uniform(0.33, 0.50),
                jitter_ms=3.0,
                rng=rng,
            )
        phone.wait(500)
        events = phone.watch()
        heard = "".join(e.digit for e in events if isinstance(e, DigitPulsed))
        assert len(events) == len(heard)
        read += sum(a == b for a, b in zip(number, heard, strict=True))
    print(f"pulse digits read: {read}/1000")
    assert read == 1000


PULSING = [code for code in country_codes() if country_profile(code).hook.pulse_longest_ms]


@pytest.mark.parametrize("code", PULSING)
def test_a_country_reads_its_own_way_of_pulse_dialling(code):
    profile = country_profile(code)
    phone, period = Phone(profile.hook.times), profile.pulse.break_ms + profile.pulse.make_ms
    for digit in "1234567890":
        phone.wait(profile.pulse.gap_ms)
        dial(phone, digit, pulses_per_second=1000 / period, make=profile.pulse.make_ms / period)
    phone.wait(500)
    assert [e.digit for e in phone.watch() if isinstance(e, DigitPulsed)] == list("1234567890")


@pytest.mark.parametrize("code", country_codes())
def test_the_edges_of_the_flash_window_are_within_10_ms(code):
    times = country_profile(code).hook.times
    for ms, is_flash in [
        (times.flash_least_ms - 10, False),
        (times.flash_least_ms + 10, True),
        (times.flash_longest_ms - 10, True),
        (times.flash_longest_ms + 10, False),
    ]:
        for seed in range(20):
            phone = Phone(times, seed=seed).wait(500).open(ms).wait(2000)
            lengths = [_flash_ms(event, times) for event in phone.watch()]
            flashes = [length for length in lengths if length]
            assert bool(flashes) is is_flash, ms
            assert all(abs(length - ms) <= 10 for length in flashes)


def _flash_ms(event, times):
    """How long a flash was; 0 = it was none. A lone short one is told as a 1 with its length."""
    if isinstance(event, FlashHook):
        return event.duration_ms
    is_one = isinstance(event, DigitPulsed) and event.digit == "1"
    return event.break_ms if is_one and event.break_ms >= times.flash_least_ms else 0


@pytest.mark.parametrize("code", country_codes())
def test_what_an_office_sends_as_a_flash_is_one(code):
    hook = country_profile(code).hook
    phone = Phone(hook.times).wait(300).open(hook.flash_send_ms).wait(2000)
    assert [type(event) for event in phone.watch()] == [FlashHook]


def test_lifting_is_told_within_20_ms():
    late = []
    for seed in range(50):
        phone = Phone(is_off_hook=False, seed=seed).wait(101.5 + seed / 7).hook(True)
        lifted_ms = phone._at_ms
        for tick in range(200):
            at_ms = tick * 4.0
            level = at_ms >= lifted_ms
            if phone.reader.feed(level, round(at_ms * MS)):
                late.append(at_ms - lifted_ms)
                break
    print(f"hook to event: at most {max(late):.1f} ms")
    assert len(late) == 50 and max(late) <= 20


def test_hanging_up_is_told_with_the_time_it_happened():
    phone = Phone(bounce_ms=0, poll_ms=1).wait(200).hook(False).wait(3000)
    assert phone.watch() == [OnHook(200 * MS)]
    assert phone.reader.state is State.ON_HOOK


def test_a_short_bounce_of_a_hung_up_phone_lifts_nothing():
    phone = Phone(is_off_hook=False, bounce_ms=0, poll_ms=1).wait(100)
    phone.hook(True).wait(6).hook(False).wait(3000)
    assert phone.watch() == []


def test_a_digit_before_the_hook_goes_down_is_told_first():
    phone = Phone(bounce_ms=0).wait(100)
    dial(phone, "3", pulses_per_second=10, make=0.4)
    phone.hook(False).wait(3000)
    assert [type(event) for event in phone.watch()] == [DigitPulsed, OnHook]


def test_eleven_pulses_are_no_digit():
    phone = Phone(bounce_ms=0).wait(100)
    for _ in range(11):
        phone.open(60).wait(40)
    assert phone.wait(1000).watch() == []


def test_without_pulse_dialling_a_short_break_is_nothing():
    times = HookTimes(pulse_longest_ms=0, flash_least_ms=50, flash_longest_ms=130)
    phone = Phone(times, bounce_ms=0, poll_ms=1).wait(100).open(30).wait(1000)
    assert phone.watch() == []


def test_lifting_again_after_hanging_up():
    phone = Phone(is_off_hook=False).wait(50).hook(True).wait(2000).hook(False).wait(2000)
    phone.hook(True).wait(500)
    assert [type(event) for event in phone.watch()] == [OffHook, OnHook, OffHook]


def test_no_noise_makes_the_reader_stumble():
    """Any row of edges: lifts and hang-ups alternate, digits only while lifted, time runs on."""
    rng = random.Random(3)
    for _ in range(200):
        reader, at_ns, lifted, told = HookReader(RU), 0, False, []
        for _ in range(300):
            at_ns += round(rng.expovariate(1 / 40) * MS)
            told += reader.feed(rng.random() < 0.5, at_ns)
        told += reader.expire(at_ns + 10_000 * MS)
        assert reader.next_timeout() is None
        for event in told:
            if isinstance(event, OffHook):
                assert not lifted
                lifted = True
            elif isinstance(event, OnHook):
                assert lifted
                lifted = False
            else:
                assert lifted
        assert [e.at_ns for e in told] == sorted(e.at_ns for e in told)
