"""Telephones that nobody here wrote, set up by the files that we make: linphone and baresip."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from provisioning.api import Account, Identity, NeutralSettings
from provisioning.render import render
from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.desk_phones.catalogue import family
from tests.kit.linphone import Linphone, LinphoneOptions
from tests.kit.office import extension, office, secret_of

NAME = "Пётр & «Сын» <x>"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    document = office([extension(2001, name=NAME), extension(2002, name=NAME)])
    with Box(tmp_path / "box", document, bind=("0.0.0.0",)) as made:
        made.start()
        yield made


def told(box: Box, number: str) -> NeutralSettings:
    account = Account(
        number=number,
        name=NAME,
        password=secret_of(number),
        server="127.0.0.1",
        port=box.sip_port,
    )
    return NeutralSettings(accounts=(account,), ntp_server="127.0.0.1")


class _Served:
    """One file by HTTP, and how often it was asked for."""

    def __init__(self, body: bytes) -> None:
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.asked += 1
                self.send_response(200)
                self.send_header("Content-Type", "application/xml; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.asked = 0
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/linphone.xml"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def test_linphone_fetches_its_account_and_registers(box: Box, tmp_path: Path) -> None:
    told_by = Identity(brand="linphone", model="LinphoneDesktop")
    rendered = render(told_by, told(box, "2001"), "/linphone.xml")
    assert rendered is not None
    served = _Served(rendered.body)
    try:
        with Linphone(tmp_path, LinphoneOptions(config_uri=served.url)):
            (row,) = box.wait_for_registrations("2001")
            assert served.asked >= 1 and row["extension"] == "2001"
    finally:
        served.close()


def test_baresip_registers_with_what_a_yealink_file_says(box: Box, tmp_path: Path) -> None:
    phone = family("T46U")
    told_by = Identity(brand="yealink", model="T46U", mac=phone.mac)
    rendered = render(told_by, told(box, "2002"), f"/{phone.mac}.cfg")
    assert rendered is not None
    line = phone.understand(phone.parse(rendered.body)).lines[1]
    options = BaresipOptions(
        user=line.user,
        registrar=f"{line.server}:{line.port}",
        secret=line.password,
        transport=line.transport,
    )
    with Baresip(tmp_path, options) as baresip:
        baresip.register()
        box.wait_for_registrations("2002")
