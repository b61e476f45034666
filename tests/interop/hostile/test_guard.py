"""Guessers at a running box: banned, barred, throttled; and who belongs to it notices nothing.

127.0.0.x is the LAN; every other address of loopback plays the Internet.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator

import pytest

from tests.kit.box import Box
from tests.kit.calling import address
from tests.kit.flood import LAN, Phone
from tests.kit.office import office, secret_of
from tests.kit.raw_sip import Heard, RawCall, RawEnd, audio, authorization, write
from tests.kit.responder import Responder

SILENCE_S = 0.4


@pytest.fixture
def box(make_box: Callable[..., Box]) -> Box:
    return make_box(office([2001, 2002, 2003], site={"local_networks": LAN}))


@pytest.fixture
def thief() -> Iterator[Callable[[str], RawEnd]]:
    """thief(address) -> a socket there."""
    ends: list[RawEnd] = []

    def make(host: str) -> RawEnd:
        ends.append(RawEnd(host))
        return ends[-1]

    yield make
    for end in ends:
        end.close()


class Login:
    """REGISTERs from a socket, one after the other."""

    def __init__(self, box: Box, end: RawEnd, number: str) -> None:
        self._box, self._end, self._number = box, end, number
        self._sequence = 0
        self.challenge = ""
        self.last_proof = ""

    def ask(self, secret: str = "", proof: str = "") -> Heard | None:
        """The answer, None when none came."""
        self._sequence += 1
        cseq = f"{self._sequence} REGISTER"
        uri = self._box.uri()
        if secret:
            proof = authorization(self.challenge, "REGISTER", uri, self._number, secret)
        self.last_proof = proof
        own = f"{self._end.host}:{self._end.port}"
        fields = [
            ("Via", f"SIP/2.0/UDP {own};branch=z9hG4bK{own}{self._number}{self._sequence};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<{self._box.uri(self._number)}>;tag=l"),
            ("To", f"<{self._box.uri(self._number)}>"),
            ("Call-ID", f"login-{own}-{self._number}"),
            ("CSeq", cseq),
            ("Contact", f"<sip:{self._number}@{own}>"),
            *([("Authorization", proof)] if proof else []),
        ]
        self._end.send(write(f"REGISTER {uri} SIP/2.0", fields), address(self._box))
        while (heard := self._end.listen(SILENCE_S)) is not None:
            if heard.is_response and heard.header("cseq") == cseq:
                self.challenge = heard.header("www-authenticate") or self.challenge
                return heard
        return None

    def status(self, secret: str = "") -> int:
        """The status of an answer, 0 for silence."""
        heard = self.ask(secret)
        return heard.status if heard is not None else 0


def test_a_guesser_is_banned_and_can_be_forgiven(box: Box, thief: Callable[[str], RawEnd]) -> None:
    login = Login(box, thief("127.66.0.1"), "2001")
    assert login.status() == 401
    assert [login.status(f"guess {n}") for n in range(10)] == [401] * 10
    assert login.status(secret_of("2001")) == 0
    assert Login(box, thief("127.66.0.1"), "2002").status() == 0  # from any port
    with socket.socket() as stream:
        stream.settimeout(2)
        stream.bind(("127.66.0.1", 0))
        stream.connect(address(box))
        assert is_closed(stream)
    (ban,) = json.loads(box.command("bans", "--json"))["bans"]
    assert (ban["kind"], ban["address"], ban["account"]) == ("place", "127.66.0.1", "2001")
    assert ban["until_at"] - ban["since_at"] >= 300
    assert "wrong password on “2001”" in box.command("status", "--language", "en")
    assert "неверный пароль на «2001»" in box.command("status", "--language", "ru")
    assert "Lifted: 1." in box.command("unban", "127.66.0.1", "--language", "en")
    assert login.status() == 401
    assert login.status(secret_of("2001")) == 200


def is_closed(stream: socket.socket) -> bool:
    try:
        return stream.recv(1) == b""
    except ConnectionResetError:
        return True


def test_the_address_of_a_lan_phone_is_never_banned(
    box: Box, thief: Callable[[str], RawEnd]
) -> None:
    phone = Phone(address(box), "2002", "127.0.0.9")
    assert phone.refresh() is not None
    login = Login(box, thief("127.0.0.9"), "2001")
    login.status()
    assert [login.status(f"guess {n}") for n in range(40)] == [401] * 40
    assert login.status(secret_of("2001")) == 401  # barred here, for five minutes
    assert phone.refresh() is not None
    phone.end.close()


def test_an_account_under_attack_keeps_its_phone(box: Box, thief: Callable[[str], RawEnd]) -> None:
    callee = Responder().register(address(box), "2002", secret_of("2002")).start()
    phone = Phone(address(box), "2001")
    assert phone.refresh() is not None
    for number in range(1, 11):
        login = Login(box, thief(f"127.66.1.{number}"), "2001")
        login.status()
        assert [login.status(f"guess {n}") for n in range(3)] == [401] * 3
    rows = box.control("bans")["bans"]
    assert [(row["kind"], row["account"]) for row in rows] == [("account", "2001")]
    stranger = Login(box, thief("127.66.2.1"), "2001")
    assert stranger.status() == 401
    assert stranger.status(secret_of("2001")) == 401  # not even looked at
    assert phone.refresh() is not None
    body = audio(phone.end.host, 40000)
    call = RawCall(phone.end, address(box), "2001", secret_of("2001"), "2002", body)
    call.invite()
    assert call.final().status == 200
    call.acknowledge()
    assert call.hang_up() == 200
    callee.close()
    phone.end.close()


def test_a_replay_and_a_stolen_nonce_are_stale(box: Box, thief: Callable[[str], RawEnd]) -> None:
    login = Login(box, thief("127.66.3.1"), "2001")
    login.status()
    assert login.status(secret_of("2001")) == 200
    replay = login.ask(proof=login.last_proof)
    assert replay is not None and replay.status == 401
    assert all("stale=true" in value for value in replay.headers("www-authenticate"))
    other = Login(box, thief("127.66.3.2"), "2001")
    other.challenge = login.challenge
    for secret in (secret_of("2001"), "guess"):
        stolen = other.ask(secret)
        assert stolen is not None and stolen.status == 401
        assert all("stale=true" in value for value in stolen.headers("www-authenticate"))
        other.challenge = login.challenge
    assert box.control("bans")["bans"] == []


@pytest.mark.parametrize("algorithm", ["MD5-sess", "SHA-512-256", "md4"])
def test_a_digest_that_was_not_offered_is_refused(
    box: Box, thief: Callable[[str], RawEnd], algorithm: str
) -> None:
    login = Login(box, thief("127.66.4.1"), "2001")
    login.status()
    uri, secret = box.uri(), secret_of("2001")
    proof = authorization(login.challenge, "REGISTER", uri, "2001", secret)
    assert "algorithm=MD5," in proof
    odd = login.ask(proof=proof.replace("algorithm=MD5,", f"algorithm={algorithm},"))
    assert odd is not None and odd.status == 401
    bare = login.ask(proof=proof.split(", cnonce=")[0])
    assert bare is not None and bare.status == 401


def test_sha_256_is_not_bidden_down(box: Box, thief: Callable[[str], RawEnd]) -> None:
    modern = Login(box, thief("127.66.5.1"), "2001")
    heard = modern.ask()
    assert heard is not None
    modern.challenge = next(c for c in heard.headers("www-authenticate") if "SHA-256" in c)
    assert modern.status(secret_of("2001")) == 200
    old = Login(box, thief("127.66.5.2"), "2001")
    old.status()
    assert "algorithm=MD5" in old.challenge
    assert old.status(secret_of("2001")) == 401
    home = Login(box, thief("127.66.5.1"), "2001")
    home.status()
    assert home.status(secret_of("2001")) == 200
    assert "Lifted: 1." in box.command("unban", "2001", "--language", "en")
    old.status()
    assert old.status(secret_of("2001")) == 200
