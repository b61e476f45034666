"""Tests of drivers/serial_line.py on a pty and on a local socket."""

from __future__ import annotations

import os
import socket
import termios

import pytest

from drivers.serial_line import open_remote, open_serial


def test_a_device_is_opened_raw_and_for_one_alone() -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    descriptor = open_serial(path, 230400)
    every_octet = bytes(range(256))
    os.write(descriptor, every_octet)
    assert os.read(master, 512) == every_octet  # neither echo nor translation
    os.write(master, b"\r\n\x03\x11\x13")
    assert termios.tcgetattr(descriptor)[4] == termios.B230400
    with pytest.raises(BlockingIOError):
        open_serial(path)
    for each in (descriptor, master, slave):
        os.close(each)


def test_what_is_not_there_or_has_no_such_speed() -> None:
    with pytest.raises(OSError):
        open_serial("/dev/no-such-tty")
    master, slave = os.openpty()
    with pytest.raises(ValueError, match="115200"):
        open_serial(os.ttyname(slave), 12345)
    os.close(master)
    os.close(slave)


def test_a_device_behind_a_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        descriptor = open_remote(f"127.0.0.1:{server.getsockname()[1]}")
        peer, _ = server.accept()
        with peer:
            os.write(descriptor, b"AT\r")
            assert peer.recv(16) == b"AT\r"
        os.close(descriptor)
    with pytest.raises(OSError):
        open_remote("127.0.0.1:1")
