"""The demo's desk phones: ``python -m appliance.demo.desk_phones``, a process of its own.

Owns three emulated phones and their flash (``desk-phones.json``), and the hand of whoever unpacks
them: they are switched on one after the other, and on their first day the code of an extension is
dialled on the first of them. The others wait for somebody to give them numbers. Its control socket
tells how they stand and dials on them. It ends when its standard input does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance import durable
from appliance.demo.desk_phone import DeskPhone, Place, flash_of
from appliance.demo.desk_phone_models import DESK_PHONES, DeskPhoneModel, Home
from appliance.demo.far_end import FarEnd
from appliance.demo.lifeline import until_over
from appliance.errors import UserError
from appliance.media.ports import PortRange
from appliance.net.control import ControlServer
from appliance.net.control_client import call

log = logging.getLogger(__name__)
SOCKET = "desk-phones.sock"
_FLASH = "desk-phones.json"
_FIRST_HOST = 11  # 127.0.0.11, .12 …: addresses of this machine that nobody else sees
_APART_S = 3.0
_ASKING_S = 10.0
_MEDIA_PORTS = PortRange(45200, 45399)
_DIALLABLE = re.compile(r"[0-9*#+]{1,32}")


class Flash:
    """What the phones keep when they are switched off; a broken file is a phone in its carton."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._homes: dict[str, Home] = {}
        try:
            kept = json.loads(path.read_text("utf-8"))
            self._homes = {mac: Home(**home) for mac, home in kept.items()}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            log.debug("no flash: %s", error)

    @property
    def is_blank(self) -> bool:
        return not self._homes

    def home(self, mac: str) -> Home:
        return self._homes.get(mac, Home())

    def keep(self, mac: str, home: Home) -> None:
        """Raises OSError."""
        self._homes[mac] = home
        kept = {mac: flash_of(home) for mac, home in self._homes.items()}
        durable.write_durably(self._path, json.dumps(kept).encode(), is_of_folder=True)


class Desk:
    """All of them, and the hand that dials."""

    def __init__(self, args: argparse.Namespace, loop: asyncio.AbstractEventLoop) -> None:
        self._folder: Path = args.folder
        self._extension: str = args.extension
        flash = Flash(args.folder / _FLASH)
        self._is_first_day = flash.is_blank

        def phone(place: int, model: DeskPhoneModel) -> DeskPhone:
            end = FarEnd(model.agent, _MEDIA_PORTS, args.language, loop, takes_notify=True)
            host = f"127.0.0.{_FIRST_HOST + place}"
            home = flash.home(model.mac)
            where = Place(host, args.sip_port, home, lambda home: flash.keep(model.mac, home))
            return DeskPhone(model, where, end)

        self.phones = [phone(place, model) for place, model in enumerate(DESK_PHONES)]

    async def live(self) -> None:
        """Switch them on one after the other, and let them live until this is cancelled."""
        async with asyncio.TaskGroup() as group:
            if self._is_first_day:
                group.create_task(self._claim())
            for phone in self.phones:
                group.create_task(phone.live())
                await asyncio.sleep(_APART_S)

    def handle(self, operation: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Requests of the control socket; raises UserError."""
        if operation == "phones":
            return {"phones": [phone.state for phone in self.phones]}
        if operation == "dial":
            name, number = str(args.get("phone", "")), str(args.get("number", ""))
            phone = next((p for p in self.phones if p.model.name == name), None)
            if phone is None:
                names = ", ".join(p.model.name for p in self.phones)
                raise UserError("demo.no_such_phone", phone=name, names=names)
            if not _DIALLABLE.fullmatch(number):
                raise UserError("demo.bad_number", number=number[:40])
            phone.dial(number)
            return {"phone": name, "number": number}
        raise UserError("control.unknown_operation", op=operation)

    async def _claim(self) -> None:
        """As a person would: ask the box for the extension's code, and dial it on the phone."""
        first = self.phones[0]
        await first.registered.wait()
        asked = {"extension": self._extension}
        try:
            answer = await asyncio.to_thread(
                call, self._folder / "control.sock", "claim_code", asked, _ASKING_S
            )
            first.dial(str(answer["code"]))
        except UserError as error:
            log.warning("%s gets no number: %s", first.model.name, error)


def main(argv: list[str] | None = None) -> int:
    """Run until standard input ends, or SIGTERM or SIGINT comes."""
    parser = argparse.ArgumentParser(
        prog="python -m appliance.demo.desk_phones", description=__doc__
    )
    parser.add_argument("--folder", type=Path, required=True, help="of the demo")
    parser.add_argument("--sip-port", type=int, default=5060, help="where the box hears SIP PnP")
    parser.add_argument("--language", choices=("ru", "en"), default="en", help="of the voice")
    parser.add_argument("--extension", default="2004", help="that the first phone is given")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s emulated phone: %(message)s")
    logging.getLogger("appliance.net").setLevel(logging.WARNING)
    try:
        asyncio.run(_run(args))
    except UserError as error:
        log.error("%s", error)
        return 1
    return 0


async def _run(args: argparse.Namespace) -> None:
    desk = Desk(args, asyncio.get_running_loop())
    control = ControlServer(args.folder / SOCKET, desk.handle)
    async with until_over():
        await control.start()
        life = asyncio.create_task(desk.live())
        life.add_done_callback(_tell_failure)
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)
    await control.close()


def _tell_failure(life: asyncio.Task[None]) -> None:
    if not life.cancelled() and life.exception() is not None:
        log.error("the phones failed", exc_info=life.exception())


if __name__ == "__main__":
    sys.exit(main())
