"""How long a phone's file takes to be made, for every brand: the target is 5 ms a file.

Prints medians of CPU time, so that other programs matter little, and the slowest of them. ``python
-m benchmarks.phone_files [--rounds N]``
"""

from __future__ import annotations

import argparse
import statistics
import time

from appliance.config.model import Extension
from appliance.config.presets.factory import factory_document
from appliance.config.presets.loader import make_snapshot
from provisioning.api import Account, Identity, Key, NeutralSettings, Request, Resync
from provisioning.catalogue import shipped
from provisioning.dial_plan import dial_plan_of
from provisioning.identify import identify
from provisioning.render import render
from provisioning.shapes import FileRole

_MAC = "020000000001"


def settings() -> NeutralSettings:
    """A phone of an office with twenty watched neighbours."""
    document = factory_document()
    numbers = [Extension(number=str(n), secret="correct horse battery") for n in range(2001, 2101)]
    snapshot = make_snapshot(1, type(document)(**{**vars(document), "extensions": tuple(numbers)}))
    return NeutralSettings(
        accounts=(Account(number="2001", name="Anna", password="secret", server="192.0.2.1"),),
        admin_password="secret",
        ntp_server="192.0.2.1",
        keys=tuple(
            Key(position=n, kind="blf", value=str(2000 + n), label=f"Desk {n}", pickup_code="*8")
            for n in range(2, 22)
        ),
        contacts=tuple((f"Name {n}", str(n)) for n in range(2001, 2101)),
        dial_plan=dial_plan_of(snapshot),
        resync=Resync(base_url="http://192.0.2.1/p/x/", username="phone", password="secret"),
    )


def main() -> None:
    """Time every brand's device file, and telling who asks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    given, medians = settings(), {}
    for brand in shipped().brands.values():
        file = brand.file(FileRole.DEVICE)
        if file is None:
            continue
        name = file.name.replace("{mac}", _MAC).replace("{MAC}", _MAC)
        told = Identity(brand=brand.name, model=brand.default_model, mac=_MAC)
        path = "/" + name.replace("{model}", brand.default_model)
        medians[brand.name] = _median_ms(lambda t=told, p=path: render(t, given, p), rounds)
    for name, median in sorted(medians.items(), key=lambda pair: -pair[1]):
        print(f"{name:14} {median:6.2f} ms a file")
    agent = "Yealink SIP-T46U 108.86.0.20 80:5e:c0:a1:b2:c3"
    request = Request(path="/805ec0a1b2c3.cfg", user_agent=agent, source_mac="805ec0a1b2c3")
    print(f"{'who asks':14} {_median_ms(lambda: identify(request), rounds):6.2f} ms a request")
    print(f"slowest: {max(medians.values()):.2f} ms (target 5 ms)")


def _median_ms(work: object, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()  # type: ignore[operator]
        times.append((time.process_time() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
