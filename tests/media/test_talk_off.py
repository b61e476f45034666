"""An hour of speech and music: no key, no hang-up, no caller id in it (benchmarks/talk_off.py)."""

from __future__ import annotations

from benchmarks import talk_off


def test_an_hour_of_speech_and_music():
    found = talk_off.run(1.0)
    print(f"talk-off: {found.seconds / 3600:.2f} h, of it {found.music_s / 60:.0f} min of music")
    print(
        f"false keys {found.keys}, hang-ups {found.hang_ups}, caller ids {found.caller_ids}, "
        f"rhythms {found.cadences}"
    )
    print(f"detectors of one line: {found.core_percent:.2f} % of a core", *found.where, sep="\n")
    assert found.seconds >= 3600 and found.music_s > 600
    assert found.hang_ups == 0
    assert found.keys <= 1
    assert found.caller_ids == 0
    assert found.cadences == 0


def test_every_country_is_watched_for():
    names = {watch.tone for watch in talk_off.hang_up_watches()}
    assert {"busy DE", "busy FI", "busy FR", "busy GB", "busy US", "congestion US"} <= names
    assert any(name.startswith("busy") and name.endswith(("RU", "BY", "KZ")) for name in names)
