"""zones.py: what phones are told of a zone is what its clocks do, whatever way its rule says it."""

from __future__ import annotations

from provisioning.zones import Change, zone


def test_an_ordinary_zone() -> None:
    found = zone("America/New_York")
    assert (found.hours, found.posix) == ("-5", "EST5EDT,M3.2.0,M11.1.0")
    assert (found.begins, found.ends) == (Change(3, 2, 0, 2), Change(11, 1, 0, 2))
    assert (found.saved_s, found.saved) == (3600, "1")


def test_a_zone_whose_winter_is_said_to_be_the_exception() -> None:
    """Ireland's rule puts clocks back from IST; phones only know how to put them on."""
    dublin, london = zone("Europe/Dublin"), zone("Europe/London")
    assert (dublin.offset_s, dublin.begins, dublin.ends) == (0, london.begins, london.ends)
    assert dublin.posix == "GMT0IST-1,M3.5.0/1,M10.5.0" and dublin.saved_s == 3600


def test_hours_of_a_change_are_hours_of_a_day() -> None:
    for name in ("America/Nuuk", "Asia/Jerusalem", "Asia/Gaza", "Pacific/Chatham"):
        found = zone(name)
        assert found.begins is not None and found.ends is not None
        assert 0 <= found.begins.hour <= 23 and 0 <= found.ends.hour <= 23, name
    assert zone("America/Nuuk").begins == Change(3, 5, 0, 0)


def test_clocks_are_put_on_by_as_much_as_the_zone_says() -> None:
    assert (zone("Australia/Lord_Howe").saved_s, zone("Australia/Lord_Howe").saved) == (
        1800,
        "0:30",
    )
    assert zone("Antarctica/Troll").saved == "2"
    assert zone("Asia/Tokyo").begins is None and zone("Asia/Tokyo").hours == "+9"
