"""Tests of appliance/doctor/ports.py on real sockets."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from pathlib import Path

from appliance.doctor.ports import check
from tests.commands.stand_in import STATUS
from tests.doctor.patients import keys, running, stopped
from tests.kit.ports import PortRange, free_port


def test_the_ports_of_a_running_box_are_left_alone(tmp_path: Path) -> None:
    found = keys(check(running(tmp_path)))
    assert found[:2] == ["ok ports.sip_ours", "ok ports.media"]


def test_free_and_taken(tmp_path: Path) -> None:
    ports = PortRange()
    patient = stopped(tmp_path, sip_port=ports.one(), web_port=free_port(), rtp_ports=ports.rest())
    ports.close()
    found = keys(check(patient))
    assert found[0] == "ok ports.sip_free" and "warning ports.web_silent" in found
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", patient.sip_port))
        assert "fault ports.taken" in keys(check(patient))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", patient.rtp_ports[0]))
        assert "warning ports.media_taken" in keys(check(patient))


def test_somebody_else_at_the_web_port(tmp_path: Path) -> None:
    for answer, found in ((b"SSH-2.0", "fault ports.web_other"), (b"HTTP/1.1 302", "ok ports.web")):
        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=_answer_once, args=(server, answer))
            thread.start()
            patient = stopped(tmp_path, web_port=server.getsockname()[1])
            assert found in keys(check(patient))
            thread.join(5)


def test_a_port_that_is_taken_by_ipv6_alone_is_taken(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(("::", 0))
        patient = stopped(tmp_path, sip_port=sock.getsockname()[1])
        assert "fault ports.taken" in keys(check(patient))


def test_the_ports_of_a_box_that_hangs_may_be_its_own(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        found = keys(check(stopped(tmp_path, sip_port=port, why_silent="control.timeout")))
    assert not [key for key in found if "taken" in key or "free" in key]


def test_pages_are_looked_for_where_the_box_listens(tmp_path: Path) -> None:
    """With --bind they are at that address alone."""
    status = STATUS | {"sip": [{"transport": "udp", "host": "127.0.0.7", "port": 5060}]}
    with socket.create_server(("127.0.0.7", 0)) as server:
        thread = threading.Thread(target=_answer_once, args=(server, b"HTTP/1.1 302"))
        thread.start()
        patient = replace(running(tmp_path, status=status), web_port=server.getsockname()[1])
        assert "ok ports.web" in keys(check(patient))
        thread.join(5)


def _answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(answer)
