"""Another phone answers a ringing call (RFC 5359, Call Pickup, by a code of our own)."""

from __future__ import annotations

from appliance.call.body import State
from appliance.call.inputs import PickedUp
from appliance.call.leg import (
    Answer,
    Answered,
    Cause,
    Ended,
    Failed,
    Offered,
    Party,
    Progressed,
    ReofferAnswered,
)
from appliance.sdp.codecs import PCMA, PCMU, TELEPHONE_EVENT
from appliance.sdp.media import Codec, Media, MediaKind
from tests.kit.scripted_legs import ANSWER, Stage, ring, route

PICKER = Media(MediaKind.AUDIO, (PCMU, PCMA, Codec(96, "telephone-event", 8000)))
PICKED = PickedUp(50, PICKER, "2003")


def test_the_picker_answers_in_place_of_the_phones() -> None:
    stage = Stage(route(ring("hall", "desk")))
    stage.tell(Progressed(2, None))
    assert stage.tell(PICKED) == [
        "HangUp 2 answered_elsewhere",
        "HangUp 3 answered_elsewhere",
        "Bridge 1 50",
        "Answer 1 sendrecv",
        "Answer 50 sendrecv",
    ]
    answers = {o.leg: o.answer for o in stage.outputs if isinstance(o, Answer)}
    assert answers[1].codecs == (PCMA, PCMU, PICKER.codecs[2])
    assert answers[50].codecs == (PCMA, PCMU, TELEPHONE_EVENT)
    assert stage.tell(Failed(2, Cause.CANCELLED), Failed(3, Cause.CANCELLED)) == []
    assert stage.tell(Ended(50, Cause.NORMAL)) == ["HangUp 1 normal"]
    assert stage.tell(Ended(1, Cause.NORMAL)) == ["Finished"]
    record = stage.record()
    assert (record.answered_by, record.cause) == ("2003", Cause.NORMAL)


def test_a_picker_without_a_common_codec_is_refused_and_it_rings_on() -> None:
    stage = Stage(route(ring()))
    g722 = Media(MediaKind.AUDIO, (Codec(9, "G722", 8000),))
    assert stage.tell(PickedUp(50, g722, "2003")) == ["Reject 50 incompatible"]
    assert stage.call.state is State.HUNTING
    assert stage.tell(Answered(2, ANSWER)) == ["Bridge 1 2", "Answer 1 sendrecv"]
    assert stage.tell(PICKED) == ["Reject 50 not_found"]


def test_a_caller_without_an_offer_gets_the_pickers() -> None:
    stage = Stage(route(ring()), Offered(1, Party("2001"), "2002", None))
    assert stage.tell(PICKED) == [
        "HangUp 2 answered_elsewhere",
        "Bridge 1 50",
        "Answer 1 sendrecv",
    ]
    assert stage.tell(ReofferAnswered(1, ANSWER)) == ["Answer 50 sendrecv"]
    assert stage.call.state is State.CONNECTED
