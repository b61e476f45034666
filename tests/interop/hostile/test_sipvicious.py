"""sipvicious, a scanner that nobody here wrote, against a running box: it finds nothing.

It runs as separate processes. From outside of the LAN it gets no answer at all; from inside, where
scanners are answered so that an installer may test, it learns no number and no password.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.box import Box
from tests.kit.office import extension, office
from tests.kit.processes import Program
from tests.kit.raw_sip import RawEnd

SECRET = "Tr4vers3Walnut"
WRONG = [f"wrong{number}" for number in range(14)]
#: sipvicious speaks from 127.0.0.1, which is in the LAN, or is not.
NETWORKS = {"lan": ["127.0.0.0/8"], "outside": ["192.168.0.0/16"]}
_LIMIT_S = 60.0


@pytest.fixture
def box(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Box]:
    """A box whose LAN holds the scanner, or does not."""
    document = office(
        [extension(2001, secret=SECRET), 2002, 2003],
        site={"local_networks": NETWORKS[request.param]},
    )
    with Box(tmp_path / "box", document) as box:
        yield box.start()


inside = pytest.mark.parametrize("box", ["lan"], indirect=True)
outside = pytest.mark.parametrize("box", ["outside"], indirect=True)
anywhere = pytest.mark.parametrize("box", list(NETWORKS), indirect=True)


def sipvicious(box: Box, tool: str, *arguments: str) -> str:
    """What a tool prints when it is run to its end."""
    with RawEnd(box.host) as free:
        port = free.port
    folder = box.folder / "sipvicious"
    folder.mkdir(exist_ok=True)
    program = Program(
        [
            str(Path(sys.executable).with_name(f"sipvicious_{tool}")),
            *("-x", box.host, "-P", str(port), "-p", str(box.sip_port), *arguments),
            box.host,
        ],
        box.folder / f"{tool}-{port}.log",
        environment={"HOME": str(folder)},
    )
    try:
        program.wait_for_exit(_LIMIT_S)
    finally:
        program.kill()
    return program.log()


def passwords(box: Box, *words: str) -> str:
    path = box.folder / "passwords.txt"
    path.write_text("".join(f"{word}\n" for word in words))
    return str(path)


def unanswered_scans(box: Box) -> int:
    count: int = box.control("bans")["unanswered"]["scanner"]
    return count


@inside
def test_svmap_finds_the_box_from_the_lan(box: Box) -> None:
    assert f"{box.host}:{box.sip_port}" in sipvicious(box, "svmap")
    assert unanswered_scans(box) == 0


@outside
@pytest.mark.parametrize("method", ["OPTIONS", "INVITE"])
def test_svmap_finds_nothing_from_outside(box: Box, method: str) -> None:
    assert f"{box.host}:{box.sip_port}" not in sipvicious(box, "svmap", "-m", method)
    assert unanswered_scans(box) > 0


@anywhere
@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS"])
def test_svwar_finds_no_number(box: Box, method: str) -> None:
    said = sipvicious(box, "svwar", "-e", "1998-2010", "-m", method, "--force", "--maximumtime=2")
    assert not any(f"| {number}" in said for number in (2001, 2002, 2003)), said


@inside
def test_svcrack_finds_a_password_among_the_first_few_only(box: Box) -> None:
    """That it finds one of a few shows that the tool can do it."""
    few = passwords(box, *WRONG[:3], SECRET)
    assert SECRET in sipvicious(box, "svcrack", "-u", "2001", "-d", few)
    many = passwords(box, *WRONG, SECRET)
    said = sipvicious(box, "svcrack", "-u", "2001", "-d", many, "--maximumtime=2")
    assert SECRET not in said, said
    (ban,) = box.control("bans")["bans"]
    assert (ban["kind"], ban["address"], ban["account"]) == ("login", box.host, "2001")


@outside
def test_svcrack_gets_no_answer_from_outside(box: Box) -> None:
    said = sipvicious(box, "svcrack", "-u", "2001", "-d", passwords(box, SECRET), "--maximumtime=2")
    assert SECRET not in said and unanswered_scans(box) > 0
