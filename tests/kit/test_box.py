"""The kit's box starts, answers, is cut off and comes back."""

from __future__ import annotations

from pathlib import Path

from tests.kit.box import Box
from tests.kit.office import office


def test_a_box_starts_answers_and_survives_a_kill(tmp_path: Path) -> None:
    with Box(tmp_path, office()) as box:
        box.start()
        assert box.control("status")["extensions"] == 3
        assert box.journal() == [] and box.registrations() == []
        box.kill()
        box.start()
        assert box.control("status")["revision"] == 1
        box.apply(office(extensions=[2001]))
        assert box.control("status")["extensions"] == 1
        assert box.stop() == 0


def test_two_boxes_share_no_port(tmp_path: Path) -> None:
    with Box(tmp_path / "a", office()) as one, Box(tmp_path / "b", office()) as two:
        ranges = [{box.sip_port, box.web_port, *range(*box.rtp_ports)} for box in (one, two)]
        assert not ranges[0] & ranges[1]


def test_a_box_in_error_tells_why(tmp_path: Path) -> None:
    with Box(tmp_path, office(extensions=[{"number": "2001", "secret": "1"}])) as box:
        program = box.start_without_waiting()
        assert program.wait_for_exit(20) != 0
        assert "2001" in program.log()
