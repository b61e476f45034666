"""Do speech and music pass for keys, busy tones or caller id? What the detectors cost, too.

    python -m benchmarks.talk_off [--hours 10] [--json FILE]

The corpus is made of Debian's free recordings (asterisk-core-sounds-ru-wav, -en-wav and
asterisk-moh-opsound-wav, some 67 minutes). Each pass after the first plays it at another speed and
level, so that voices and instruments differ. Every sample goes straight into the C detectors, with
the hang-up tones of all countries watched for at once. Needs sox.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from appliance.media.api import CadenceHeard, CallerIdHeard, Listening, ToneHeard, ToneWatch
from appliance.media.signals import SAMPLE_RATE_HZ, Detectors, KeyBegan
from appliance.media.tone_watches import tone_watches
from drivers.country import country_codes, country_profile

FOLDERS = (
    Path("/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU"),
    Path("/usr/share/asterisk/sounds/en_US_f_Allison"),
    Path("/usr/share/asterisk/moh"),
)
NOT_SPEECH = ("silence", "beep")  # files that are signals, not speech
ENDS_A_CALL = ("busy", "congestion", "howler", "dial")
SPEEDS = (1.0, 0.9, 1.1, 0.84, 1.19, 0.95, 1.05, 0.8, 1.25, 0.87, 1.14)
LEVELS_DB = (-3.0, -12.0, -20.0)
PIECE = SAMPLE_RATE_HZ * 2 * 60  # octets: a minute


@dataclass(slots=True)
class Findings:
    """What was taken for a signal in so much speech and music; where: the first few of them."""

    speech_s: float = 0.0
    music_s: float = 0.0
    keys: int = 0
    hang_ups: int = 0
    other_tones: int = 0
    caller_ids: int = 0
    cadences: int = 0
    cpu_s: float = 0.0
    where: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.speech_s + self.music_s

    @property
    def core_percent(self) -> float:
        """Of one core of this machine, for one line with everything listened for."""
        return 100 * self.cpu_s / self.seconds if self.seconds else 0.0


def is_available() -> bool:
    """Are the recordings and sox here?"""
    return shutil.which("sox") is not None and all(folder.is_dir() for folder in FOLDERS)


def corpus(hours: float) -> Iterator[tuple[str, bytes, bool]]:
    """Name, s16le at 8 kHz, is it speech; until there were so many hours."""
    left_s, turn = hours * 3600, 0
    while left_s > 0:
        speed, level_db = SPEEDS[turn % len(SPEEDS)], LEVELS_DB[turn % len(LEVELS_DB)]
        for folder in FOLDERS:
            samples = _played(folder, speed, level_db)
            left_s -= len(samples) / 2 / SAMPLE_RATE_HZ
            yield f"{folder.name} x{speed} {level_db:+.0f} dB", samples, folder.name != "moh"
        turn += 1


def _played(folder: Path, speed: float, level_db: float) -> bytes:
    files = [
        str(path)
        for path in sorted(folder.rglob("*.wav"))
        if not any(word in str(path.relative_to(folder)) for word in NOT_SPEECH)
    ]
    shape = ["-t", "raw", "-r", str(SAMPLE_RATE_HZ), "-e", "signed", "-b", "16", "-c", "1", "-"]
    command = ["sox", "-V1", "-D", *files, *shape, "speed", str(speed), "norm", str(level_db)]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def hang_up_watches() -> tuple[ToneWatch, ...]:
    """The tones that end a call, of every country, each once; dial tone as in a call."""
    found: dict[tuple[object, ...], ToneWatch] = {}
    for code in country_codes():
        profile = country_profile(code)
        for watch in tone_watches(profile, dial_least_ms=profile.disconnect.dial_tone_ms):
            if watch.tone in ENDS_A_CALL:
                named = replace(watch, tone=f"{watch.tone} {code}")
                found.setdefault((watch.frequencies_hz, watch.pattern_ms), named)
    return tuple(found.values())


def _listeners() -> list[Detectors]:
    """A line's own set (keys, its country's tones, caller id), then the others' hang-up tones."""
    own = tone_watches(country_profile("RU"), dial_least_ms=3000)
    methods = ("fsk_v23", "fsk_bell202", "dtmf", "aon")
    listeners = [Detectors(Listening(keys=True, tones=own, caller_id=methods, cadence=True))]
    others = hang_up_watches()
    for start in range(0, len(others), 8):
        listeners.append(Detectors(Listening(tones=others[start : start + 8])))
    return listeners


def run(hours: float) -> Findings:
    """Plays the corpus into the detectors and counts what they say."""
    findings = Findings()
    for name, samples, is_speech in corpus(hours):
        seconds = len(samples) / 2 / SAMPLE_RATE_HZ
        if is_speech:
            findings.speech_s += seconds
        else:
            findings.music_s += seconds
        for number, detectors in enumerate(_listeners()):
            _count(findings, detectors, name, samples, is_own=number == 0)
    return findings


def _count(
    findings: Findings, detectors: Detectors, name: str, samples: bytes, *, is_own: bool
) -> None:
    began = time.process_time()
    heard = [
        item
        for at in range(0, len(samples), PIECE)
        for item in detectors.feed(samples[at : at + PIECE])
    ]
    if is_own:
        findings.cpu_s += time.process_time() - began
    for item in heard:
        event = item.event
        if isinstance(event, KeyBegan):
            findings.keys += 1
        elif isinstance(event, CallerIdHeard):
            findings.caller_ids += 1
        elif isinstance(event, CadenceHeard):
            findings.cadences += 1
        elif isinstance(event, ToneHeard) and event.tone.split()[0] in ENDS_A_CALL:
            findings.hang_ups += 1
        elif isinstance(event, ToneHeard):
            findings.other_tones += 1
        else:
            continue  # KeyPressed: the end of a key that was counted
        if len(findings.where) < 50:
            findings.where.append(f"{name} at {item.at_s:.2f} s: {event}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not is_available():
        raise SystemExit(
            "sox, asterisk-core-sounds-ru-wav, -en-wav, asterisk-moh-opsound-wav: missing"
        )
    findings = run(options.hours)
    print(f"speech {findings.speech_s / 3600:.2f} h, music {findings.music_s / 3600:.2f} h")
    print(f"false keys {findings.keys}, false hang-ups {findings.hang_ups}")
    print(f"other tones {findings.other_tones}, caller ids {findings.caller_ids}")
    print(f"rhythms that a line might learn {findings.cadences}")
    print(f"one line with everything listened for: {findings.core_percent:.2f} % of this core")
    print(*findings.where, sep="\n")
    if options.json:
        options.json.write_text(json.dumps(asdict(findings), indent=1))


if __name__ == "__main__":
    main()
