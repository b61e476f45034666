"""Looks like smbus2, and every bus is the emulated board of tests/kit/board_server."""

from __future__ import annotations

import errno
import json
import os
import socket
from typing import Any


class SMBus:
    def __init__(self, bus: int | str | None = None, force: bool = False) -> None:
        try:
            self._end = socket.socket(socket.AF_UNIX)
            self._end.connect(os.environ["DOZVON_KIT_I2C"])
        except OSError as error:
            self._end.close()
            raise FileNotFoundError(errno.ENOENT, f"No such bus: {bus}") from error
        self._answers = self._end.makefile("rb")

    def close(self) -> None:
        self._answers.close()
        self._end.close()

    def read_i2c_block_data(
        self, i2c_addr: int, register: int, length: int, force: bool | None = None
    ) -> list[int]:
        read: list[int] = self._ask("read", i2c_addr, register, length=length)
        return read

    def write_i2c_block_data(
        self, i2c_addr: int, register: int, data: list[int], force: bool | None = None
    ) -> None:
        self._ask("write", i2c_addr, register, data=data)

    def _ask(self, what: str, address: int, register: int, **values: object) -> Any:
        request = {"do": what, "address": address, "register": register, **values}
        self._end.sendall(json.dumps(request).encode() + b"\n")
        line = self._answers.readline()
        if not line:
            raise OSError(errno.EIO, "Input/output error")
        answer = json.loads(line)
        if "errno" in answer:
            raise OSError(answer["errno"], answer["text"])
        return answer["value"]
