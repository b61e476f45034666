"""Windows open for five minutes, and close with the first registration after their use."""

from __future__ import annotations

from appliance.phones.windows import WINDOW_S, Windows

MAC = "805ec0a1b2c3"


def test_a_window_ends_by_itself() -> None:
    windows = Windows()
    windows.open(MAC, 100.0)
    assert windows.is_open(MAC, 100.0) and windows.left_s(MAC, 101.0) == WINDOW_S - 1
    assert not windows.is_open("805ec0ffffff", 100.0)
    assert not windows.is_open(MAC, 100.0 + WINDOW_S)


def test_a_registration_closes_a_window_that_was_used() -> None:
    """A phone that refreshes its old registration has not been told its new password yet."""
    windows = Windows()
    windows.open(MAC, 0.0)
    assert not windows.registered(MAC) and windows.is_open(MAC, 1.0)
    windows.used(MAC)
    assert windows.registered(MAC) and not windows.is_open(MAC, 1.0)
    assert not windows.registered(MAC) and not windows.close(MAC)
