"""``python -m drivers.fxs_i2c.silence [PLACE…]``: nothing rings, every city line is on-hook.

Needs nobody alive: systemd runs it after the daemon (ExecStopPost), the driver when its keeper
died. PLACE is what follows ``i2c:`` in a board's URL; without one, the boards that were noted as
in use. Telephones keep their feed. Exit code 1 when a board did not answer.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl

import smbus2

from drivers.api import DeviceAddress, LineError
from drivers.fxs_i2c import mcp23017
from drivers.fxs_i2c.noted import noted
from drivers.fxs_i2c.place import Place, parse_place
from drivers.fxs_i2c.tender import Bus

TRIES, PAUSE_S = 20, 0.02


def silence(place: Place, open_bus: Callable[[int | str], Bus] = smbus2.SMBus) -> bool:
    """Bring a board to its quiet state; False when it did not answer."""
    for _ in range(TRIES):
        with contextlib.suppress(OSError), contextlib.closing(open_bus(place.bus)) as bus:
            for register, data in mcp23017.set_up(place.board.quiet, place.board.watched):
                bus.write_i2c_block_data(place.address, register, list(data))
            return True
        time.sleep(PAUSE_S)
    return False


def main(argv: Sequence[str]) -> int:
    failed = 0
    for text in argv or noted():
        where, _, options = text.partition("?")
        try:
            place = parse_place(DeviceAddress("i2c", where, dict(parse_qsl(options))))
        except LineError as error:
            print(f"{text}: {error}", file=sys.stderr)
            failed += 1
            continue
        is_done = silence(place)
        failed += not is_done
        print(f"{text}: {'silent' if is_done else 'DOES NOT ANSWER'}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
