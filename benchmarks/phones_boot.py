"""Two hundred phones whose power comes back at once: PnP and every file; then one more, alone.

Each phone is an emulated one (tests/kit/desk_phones) in a namespace of its own with its own MAC.
The phones run on the same machine as the box, and their work counts in these figures. The last one
boots when the others are done, and registers. Needs root.
``python -m benchmarks.phones_boot [--phones N]``
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import family, memory
from tests.kit.box import Box
from tests.kit.desk_phones import fanvil, grandstream, snom, yealink
from tests.kit.desk_phones.discovery import discover
from tests.kit.desk_phones.family import Family
from tests.kit.desk_phones.phone import DeskPhone
from tests.kit.netns import inside
from tests.kit.office import office
from tests.kit.office_lan import OfficeLan
from tests.kit.processes import wait_until

_MAKERS = (
    (yealink.T46U, "805ec0"),
    (grandstream.GRP2614, "c074ad"),
    (snom.D785, "000413"),
    (fanvil.X5U, "0c383e"),
)
_PATIENCE_S = 60.0


class _Boot:
    """One phone's way, with the times of its steps after the start of all."""

    def __init__(self, phone: DeskPhone, begun: threading.Barrier) -> None:
        self.phone = phone
        self.url_s = self.files_s = 0.0
        self.error = ""
        self._begun = begun
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self._begun.wait()
        began = time.monotonic()
        phone = self.phone
        told = (phone.host, phone.family.mac, phone.family.pnp)
        try:
            phone.base = inside(phone.netns, lambda: discover(*told, _PATIENCE_S), _PATIENCE_S)
            self.url_s = time.monotonic() - began
            phone.read_files()
            self.files_s = time.monotonic() - began
            if not phone.line.password:
                self.error = "no password"
        except Exception as error:
            self.error = repr(error)[:200]


def families(count: int) -> list[Family]:
    """So many phones, of four makers by turns."""
    made = []
    for number in range(count):
        one, maker = _MAKERS[number % len(_MAKERS)]
        mac = f"{maker}{number + 1:06x}"
        agent = one.agent
        for known in (":".join(one.mac[i : i + 2] for i in range(0, 12, 2)), one.mac):
            agent = agent.replace(known, mac)
        agent = agent.replace(one.mac.upper(), mac.upper())
        made.append(replace(one, mac=mac, agent=agent))
    return made


def main() -> None:
    """Boot them all and print when the last was served."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--phones", type=int, default=200)
    count = parser.parse_args().phones
    phones = families(count + 1)
    numbers = [2001 + n for n in range(len(phones))]
    rows = [{"mac": f.mac, "extensions": [str(n)]} for f, n in zip(phones, numbers, strict=True)]
    with ExitStack() as stack:
        lan = stack.enter_context(OfficeLan())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        document = {**office(numbers), "phones": rows}
        made = Box(
            folder / "box", document, bind=(OfficeLan.BOX_HOST,), netns=lan.box, sip_port=5060
        )
        box = stack.enter_context(made)
        box.start("--with-phones")
        wait_until(lambda: box.control("phones")["ports"], 30, "the server of phones lives")
        for one in phones:
            box.control("phone_window", mac=one.mac)
        begun = threading.Barrier(count + 1)
        boots = []
        *together, alone = phones
        for one in together:
            netns, host = lan.add(one.mac)
            boots.append(_Boot(DeskPhone(one, host, netns), begun))
            boots[-1].thread.start()
        begun.wait()
        for boot in boots:
            boot.thread.join(_PATIENCE_S)
        report(boots)
        netns, host = lan.add(alone.mac)
        last = DeskPhone(alone, host, netns)
        last.boot()
        print(f"one phone {last.booted_s:6.2f} s from its first request to registered (5 s)")
        print(f"provisioning has {_provisioning_mb(box):.1f} MB (45 MB)")


def _provisioning_mb(box: Box) -> float:
    """The most memory that the server of phones, a child of the box, has had."""
    servers = (
        pid
        for pid in family(box.program.pid)
        if b"provision" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    )
    return memory(next(servers)).peak_mb


def report(boots: list[_Boot]) -> None:
    """Last URL, last file, and what went wrong."""
    urls, files = (sorted(getattr(b, name) for b in boots) for name in ("url_s", "files_s"))
    failed = [boot.error for boot in boots if boot.error]
    print(f"{len(boots)} phones, {len(failed)} failed {failed[:3]}")
    print(f"last URL  {urls[-1]:6.2f} s, half of them within {urls[len(urls) // 2]:.2f} s (3 s)")
    print(
        f"last file {files[-1]:6.2f} s, half of them within {files[len(files) // 2]:.2f} s (20 s)"
    )


if __name__ == "__main__":
    main()
