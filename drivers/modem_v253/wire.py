"""The one file that owns the modem's tty: opens it, reads, writes, and lets the media core read.

pyserial for a tty (exclusive, 8N1, RTS/CTS), a plain TCP socket for ``socket://`` (a modem behind a
serial server). Exactly one reader: ``pause`` before the descriptor is handed to the media core,
``resume`` when it has come back. Modem-control lines are a courtesy: a pty and a socket have none.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import termios
from collections.abc import Callable
from pathlib import Path

import serial

from drivers.api import DeviceAddress, LineError
from drivers.serial_line import open_remote

_BAUD = 115_200
_BY_ID = Path("/dev/serial/by-id")
_SYSFS_TTY = Path("/sys/class/tty")


class Wire:
    """An open device. serial_number: of the USB device; empty for one behind a serial server, whose
    place may get another modem."""

    def __init__(self, opened: serial.Serial | socket.socket, serial_number: str = "") -> None:
        self._opened = opened
        self.serial_number = serial_number
        self.descriptor: int = opened.fileno()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_octets: Callable[[bytes], None] = lambda octets: None
        self._on_lost: Callable[[str], None] = lambda why: None
        self._unsent = bytearray()
        self._is_lost = self._is_reading = False

    def start(self, on_octets: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        """Read from now on, in the running loop. on_lost: told once, when the device is gone."""
        self._loop = asyncio.get_running_loop()
        self._on_octets, self._on_lost = on_octets, on_lost
        self.resume()

    def resume(self) -> None:
        """We are the reader (again)."""
        if self._loop is not None and not self._is_lost and not self._is_reading:
            self._is_reading = True
            self._loop.add_reader(self.descriptor, self._read)

    def pause(self) -> None:
        """Somebody else is the reader."""
        if self._loop is not None and self._is_reading:
            self._is_reading = False
            self._loop.remove_reader(self.descriptor)

    def write(self, octets: bytes) -> None:
        """Send these, now or as soon as the device takes them; nothing is raised."""
        if self._is_lost:
            return
        self._unsent += octets
        self._send()

    def drop_terminal_ready(self) -> bool:
        """DTR down (V.24 circuit 108/2): hang up and reset. False where there is no such line."""
        return self._set_terminal_ready(False)

    def raise_terminal_ready(self) -> bool:
        return self._set_terminal_ready(True)

    def close(self) -> None:
        """Let go. What was not sent is thrown away: a wedged device would hold us for 30 s."""
        self.pause()
        if self._loop is not None and self._unsent:
            self._loop.remove_writer(self.descriptor)
        self._unsent.clear()
        self._is_lost = True
        with contextlib.suppress(OSError, termios.error):
            if isinstance(self._opened, serial.Serial):
                termios.tcflush(self.descriptor, termios.TCIOFLUSH)
        with contextlib.suppress(OSError, termios.error, serial.SerialException):
            self._opened.close()

    def _read(self) -> None:
        try:
            octets = os.read(self.descriptor, 4096)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(errno.errorcode.get(error.errno or 0, str(error)))
            return
        if octets:
            self._on_octets(octets)
        else:
            self._lose("EOF")

    def _send(self) -> None:
        assert self._loop is not None
        try:
            done = os.write(self.descriptor, self._unsent)
            del self._unsent[:done]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as error:
            self._unsent.clear()
            self._loop.remove_writer(self.descriptor)
            self._lose(errno.errorcode.get(error.errno or 0, str(error)))
            return
        if self._unsent:
            self._loop.add_writer(self.descriptor, self._send)
        else:
            self._loop.remove_writer(self.descriptor)

    def _lose(self, why: str) -> None:
        if not self._is_lost:
            self.pause()
            self._is_lost = True
            self._on_lost(why)

    def _set_terminal_ready(self, is_up: bool) -> bool:
        if not isinstance(self._opened, serial.Serial):
            return False
        try:
            self._opened.dtr = is_up
        except (OSError, serial.SerialException):
            return False
        return True


def open_wire(address: DeviceAddress) -> Wire:
    """Open the device; blocking, at most 3 s. Raises LineError ``line.not_found`` when it is not
    there, ``line.held`` when another program has it, ``line.device`` otherwise."""
    try:
        if address.scheme == "socket":
            return Wire(socket.socket(fileno=open_remote(address.place)))
        path = find_tty(address)
        return Wire(_opened(path, int(address.options.get("baud", _BAUD))), usb_serial(path))
    except LineError:
        raise
    except FileNotFoundError as error:
        raise LineError("line.not_found", str(error)) from error
    except (OSError, ValueError, termios.error) as error:
        raise _why_not(error) from error


def _opened(path: str, baud: int) -> serial.Serial:
    port = serial.Serial()
    port.port, port.baudrate, port.timeout, port.exclusive = path, baud, 0, True
    port.rtscts = not os.path.realpath(path).startswith("/dev/pts/")
    port.open()
    return port


def _why_not(error: Exception) -> LineError:
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ECONNREFUSED, errno.EHOSTUNREACH):
        return LineError("line.not_found", str(error))
    if number in (errno.EBUSY, errno.EAGAIN):
        return LineError("line.held", str(error))
    return LineError("line.device", str(error))


# ---- where it is: names change when a dongle is put in again, its serial number does not


def find_tty(address: DeviceAddress) -> str:
    """The tty of this address now. ``serial=`` among its options finds a dongle by its USB serial
    number wherever it is plugged in. Raises LineError ``line.not_found``."""
    wanted = address.options.get("serial", "")
    if not wanted:
        if not os.path.exists(address.place):
            raise LineError("line.not_found", address.place)
        return address.place
    for link in sorted(_BY_ID.glob("usb-*")) if _BY_ID.is_dir() else ():
        if usb_serial(str(link)) == wanted:
            return str(link)
    raise LineError("line.not_found", f"no USB device with the serial number {wanted}")


def usb_serial(path: str) -> str:
    """The USB serial number that udev put into a by-id name, or that sysfs tells of a tty."""
    name = os.path.basename(path)
    if name.startswith("usb-"):
        return name.removeprefix("usb-").rpartition("-if")[0].rpartition("_")[2]
    device = _SYSFS_TTY / os.path.basename(os.path.realpath(path)) / "device"
    for folder in (device / "..").resolve(), (device / ".." / "..").resolve():
        with contextlib.suppress(OSError):
            return (folder / "serial").read_text().strip()
    return ""


def reauthorise(path: str) -> bool:
    """The last rung: let the kernel forget the USB device and find it again (root only)."""
    device = _SYSFS_TTY / os.path.basename(os.path.realpath(path)) / "device" / ".."
    switch = device.resolve() / "authorized"
    try:
        for word in (b"0", b"1"):
            descriptor = os.open(switch, os.O_WRONLY)
            try:
                os.write(descriptor, word)
            finally:
                os.close(descriptor)
    except OSError:
        return False
    return True
