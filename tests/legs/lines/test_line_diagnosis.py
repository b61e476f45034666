"""The line doctor's judgement: tones of countries through the real detectors, what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from appliance.commands.line_doctor_words import FINDINGS, doctor_lines
from appliance.config.line_model import Line, LineKind
from appliance.legs.lines.diagnosis import (
    Diagnosis,
    Observations,
    Sound,
    call_watches,
    diagnose,
    dial_watches,
    fitting,
    sound_of,
)
from appliance.media.api import Listening, ToneWatch
from appliance.media.signals import Detectors
from drivers.api import Capabilities
from drivers.country import country_codes, country_profile
from tests.kit import line_signals as signals

PROFILES = tuple(country_profile(code) for code in country_codes())
CAN = Capabilities(duplex=True, caller_id=True, polarity=True)
LINE = Line(name="city", kind=LineKind.FXO, device="sim:a")


def hear(country: str, tone: str, watches: tuple[ToneWatch, ...], level_dbm0: float) -> Sound:
    """A country's exchange sounds for some seconds; the first thing that the core tells."""
    periods = 1 if tone == "ringback" else 6
    segments = country_profile(country).tones[tone].segments * periods
    samples = [
        s for p in segments for s in signals.chord(p.frequencies_hz, p.duration_ms, level_dbm0)
    ]
    told = Detectors(Listening(tones=watches)).feed(
        signals.octets(signals.silence(300) + samples + signals.silence(200))
    )
    (sound, *_) = [sound_of(t.event, watches, t.at_s) for t in told]  # type: ignore[arg-type]
    assert sound is not None
    return sound


def at_exchange(country: str, *tones: str, level_dbm0: float = -14.0) -> Observations:
    dial = hear(country, "dial", dial_watches(PROFILES), level_dbm0)
    watches = call_watches(fitting(dial, PROFILES))
    sounds = tuple(hear(country, tone, watches, level_dbm0) for tone in tones)
    return Observations(replace(dial, after_s=0.3), bool(tones), sounds)


def judged(seen: Observations, country: str = "RU", line: Line = LINE, can: Any = CAN) -> Diagnosis:
    return diagnose(seen, line, country, can, PROFILES)


def verdicts(found: Diagnosis) -> dict[str, str]:
    return {finding.key: finding.verdict.value for finding in found.findings}


@pytest.mark.parametrize(
    ("country", "fits"),
    [
        ("RU", {"BY", "KZ", "RU"}),
        ("DE", {"DE"}),
        ("GB", {"GB"}),
        ("US", {"US"}),
        ("FI", {"BY", "FI", "KZ", "RU"}),  # 300 ms is within what Russia allows
        ("FR", {"FR"}),
    ],
)
def test_dial_tone_and_busy_tell_the_country(country: str, fits: set[str]) -> None:
    seen = at_exchange(country, "busy")
    own = judged(seen, country)
    assert verdicts(own)["country_fits"] == "ok" and own.proposed == {}
    busy = country_profile(country).tones["busy"].segments[0].duration_ms
    (found,) = [f for f in own.findings if f.key == "busy"]
    assert int(found.params["on_ms"]) == pytest.approx(busy, abs=15)
    other = "US" if country != "US" else "RU"
    foreign = judged(seen, other)
    (differs,) = [f for f in foreign.findings if f.key == "country_differs"]
    assert set(differs.params["fits"].split(", ")) == fits
    assert foreign.proposed == ({"country": country} if len(fits) == 1 else {})


@pytest.mark.parametrize("country", ["RU", "DE", "GB", "US"])
@pytest.mark.parametrize("tone", ["ringback", "congestion", "sit"])
def test_other_tones_of_a_call_are_told_by_their_names(country: str, tone: str) -> None:
    found = judged(at_exchange(country, tone), country)
    assert verdicts(found)[tone] == "ok" and "country_fits" in verdicts(found)


def test_dial_tone_alone_does_not_decide_between_countries() -> None:
    found = judged(at_exchange("GB"), "RU")
    (differs,) = [f for f in found.findings if f.key == "country_differs"]
    assert differs.params["fits"] == "GB, US" and found.proposed == {}
    assert "not_called" in verdicts(found)


def test_no_dial_tone_is_bad_and_proposes_nothing() -> None:
    found = judged(Observations(None))
    assert verdicts(found)["no_dial_tone"] == "bad" and found.proposed == {}


def test_a_faint_line_and_a_loud_one_get_another_gain() -> None:
    faint = judged(at_exchange("RU", level_dbm0=-32))
    assert verdicts(faint)["level_faint"] == "warn"
    assert faint.proposed["receive_gain_db"] == 12
    assert (
        "receive_gain_db"
        not in judged(
            at_exchange("RU", level_dbm0=-32), line=replace(LINE, receive_gain_db=12.0)
        ).proposed
    )
    loud = judged(at_exchange("RU", level_dbm0=-3))
    assert verdicts(loud)["level_loud"] == "warn"
    assert loud.proposed["receive_gain_db"] == pytest.approx(-11, abs=1)


def test_a_reversal_after_the_ringing_tone_is_the_way_to_know_an_answer() -> None:
    seen = replace(at_exchange("RU", "ringback"), reversals_s=(5.2,))
    assert judged(seen).proposed == {"answer_by": "polarity"}
    assert judged(seen, line=replace(LINE, answer_by="polarity")).proposed == {}
    unrung = replace(seen, sounds=())
    assert "answer_by" not in judged(unrung).proposed


def test_a_device_that_hears_no_reversals_must_not_wait_for_one() -> None:
    deaf = replace(CAN, polarity=False)
    line = replace(LINE, answer_by="polarity")
    assert (
        verdicts(judged(at_exchange("RU", "busy"), line=line, can=deaf))["deaf_to_reversals"]
        == "bad"
    )


def test_an_open_loop_is_a_hang_up_from_now_on() -> None:
    seen = replace(at_exchange("RU", "busy"), loop_breaks_ms=(500,))
    line = replace(LINE, hangs_up_on=("busy_tone",))
    assert judged(seen, line=line).proposed == {"hangs_up_on": ["busy_tone", "loop_break"]}


def test_echo_and_caller_id() -> None:
    seen = replace(at_exchange("RU"), erle_db=31.0, echo_delay_ms=40.0, caller_id="fsk")
    assert verdicts(judged(seen)) | {"echo": "ok", "caller_id": "ok"} == verdicts(judged(seen))
    assert verdicts(judged(replace(seen, erle_db=3.0)))["echo"] == "warn"
    off = judged(seen, line=replace(LINE, cancels_echo=False))
    assert verdicts(off)["echo_off"] == "warn" and off.proposed == {"cancels_echo": True}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_finding_has_a_sentence(language: str) -> None:
    seen = replace(
        at_exchange("RU", "busy", "ringback", "congestion", "sit", level_dbm0=-32),
        reversals_s=(2.0,),
        loop_breaks_ms=(500,),
        erle_db=20.0,
    )
    for found in (
        judged(seen),
        judged(seen, "US"),
        judged(Observations(None)),
        judged(at_exchange("RU")),
    ):
        assert {f.key for f in found.findings} <= set(FINDINGS)
        rows = [
            {"key": f.key, "verdict": f.verdict.value, "params": f.params} for f in found.findings
        ]
        said = list(doctor_lines({"findings": rows, "proposed": found.proposed}, language))
        assert len(said) == len(rows) + max(1, len(found.proposed))
