"""responder.py: registering, at a registrar that is slow, full, or gone."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest

from tests.kit.processes import KitError
from tests.kit.raw_sip import Heard, RawEnd, reply
from tests.kit.responder import Responder

CHALLENGE = ("WWW-Authenticate", 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"')
SECRET = "S3secret"


def serve(box: RawEnd, answers: list[Callable[[Heard], list[bytes]]]) -> Thread:
    """One request after the other, each answered as its function says."""

    def work() -> None:
        for answer in answers:
            request = box.listen(5)
            if request is None:
                return
            for octets in answer(request):
                box.send(octets, request.source)

    thread = Thread(target=work)
    thread.start()
    return thread


def challenged(request: Heard) -> list[bytes]:
    return [reply(request, 401, [CHALLENGE])]


def accepted(request: Heard) -> list[bytes]:
    return [reply(request, 200)]


def test_an_answer_that_comes_late_is_not_taken_for_the_next() -> None:
    first: list[Heard] = []

    def late(request: Heard) -> list[bytes]:
        first.append(request)
        return []

    def both(request: Heard) -> list[bytes]:
        return [reply(first[0], 200), *challenged(request)]

    with RawEnd() as box:
        to = (box.host, box.port)
        served = serve(box, [late, both, accepted, accepted])
        with Responder() as phone:
            with pytest.raises(KitError, match="not within"):
                phone.register(to, "2001", SECRET)
            phone.register(to, "2001", SECRET)
            assert "nonce" in box.heard[2].header("authorization")
        served.join()


def test_an_answer_without_a_challenge_is_told_as_it_is() -> None:
    with RawEnd() as box:
        served = serve(box, [lambda request: [reply(request, 503)]] * 2)
        with Responder() as phone, pytest.raises(KitError, match="503"):
            phone.register((box.host, box.port), "2001", SECRET)
        served.join()
