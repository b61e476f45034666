"""Tests of appliance/live/lamps.py and call/part.py: what a lamp shows of the live calls."""

from __future__ import annotations

from appliance.call.part import CallPart
from appliance.live.lamps import Lamps
from tests.kit.stage import Stage, on_stage
from tests.test_exchange import office
from tests.test_exchange_trunks import with_trunks


def lamps_of(stage: Stage) -> Lamps:
    exchange = stage.exchange
    return Lamps(exchange.live, lambda: stage.snapshot, exchange._phones)


def brief(parts: tuple[CallPart, ...]) -> list[tuple[str, str]]:
    """(what it does, who calls) of each call."""
    words = {(True, False): "rings", (False, False): "calls"}
    return [
        (words.get((p.is_called, p.is_talking), "talks"), p.caller.number if p.caller else "")
        for p in parts
    ]


def test_all_phones_of_a_number_take_one_part() -> None:
    async def play(stage: Stage) -> None:
        lamps = lamps_of(stage)
        a = await stage.phone("2001", "192.168.1.11")
        phones = [await stage.phone("2002", f"192.168.1.{n}") for n in (21, 22)]
        await a.call("2002")
        for phone in phones:
            await phone.ring()
        assert brief(lamps.calls("2002")) == [("rings", "2001")]
        ident = lamps.calls("2002")[0].ident
        await phones[1].answer()
        await stage.settle()
        assert brief(lamps.calls("2002")) == [("talks", "")]
        assert lamps.calls("2002")[0].ident == ident
        assert brief(lamps.calls("2001")) == [("talks", "")]

    on_stage(play, office())


def test_an_app_of_ours_is_a_call_too() -> None:
    async def play(stage: Stage) -> None:
        lamps = lamps_of(stage)
        a = await stage.phone("2001", "192.168.1.11")
        session = await a.call("*43")
        await stage.wait(1)
        assert brief(lamps.calls("2001")) == [("talks", "")]
        await a.hang_up(session)
        assert lamps.calls("2001") == ()

    on_stage(play, office())


def test_a_trunk_is_taken_by_calls_in_and_out() -> None:
    async def play(stage: Stage) -> None:
        lamps = lamps_of(stage)
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        provider.number = "+79161234567"
        assert lamps.calls("one") == ()
        session = await provider.call("+74951234567", credentials=None)
        assert [kind for kind, _ in brief(lamps.calls("one"))] == ["rings"]
        provider.endpoint.cancel(session, "", stage.now())
        await stage.wait(1)
        assert lamps.calls("one") == ()
        await a.call("+74957654321")
        assert brief(lamps.calls("one")) == [("talks", "")]

    on_stage(play, with_trunks("one"))


def test_who_is_nobody_has_no_calls() -> None:
    async def play(stage: Stage) -> None:
        lamps = lamps_of(stage)
        assert lamps.calls("5999") == () and not lamps.is_reachable("5999")
        await stage.phone("2001", "192.168.1.11")
        assert lamps.is_reachable("2001")

    on_stage(play, office())
