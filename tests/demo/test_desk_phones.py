"""The demo's desk phones: what they read of the box's files, their flash, and what they refuse."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path

import pytest

from appliance.demo.desk_phone_models import DESK_PHONES, DeskPhoneModel, Home
from appliance.demo.desk_phones import Desk, Flash
from appliance.errors import UserError
from provisioning.api import Request
from provisioning.identify import identify
from provisioning.render import render
from tests.provisioning.sheets import BASE, settings

each_model = pytest.mark.parametrize("model", DESK_PHONES, ids=lambda m: m.name)


def _read(model: DeskPhoneModel, given: object) -> dict[str, str]:
    """The parameters of all files that the box has for it, and that the phone asks for."""
    found: dict[str, str] = {}
    for name in model.files:
        request = Request(path=f"/{name}", user_agent=model.agent, source_mac=model.mac)
        who = identify(request)
        assert who is not None and (who.mac, who.alarms) == (model.mac, ())
        rendered = render(who, given, f"/{name}")  # type: ignore[arg-type]
        if rendered is not None:
            found.update(model.read(rendered.body))
            if model.stops:
                break
    return found


@each_model
def test_it_takes_its_account_and_its_home_from_the_files(model: DeskPhoneModel) -> None:
    told = model.told(_read(model, settings()))
    account = told.account
    assert (account.user, account.password) == ("2001", "s3cret-of-2001")
    assert (account.server, account.port) == ("192.168.50.1", 5070)
    assert account.name == "Пётр «Первый» & Co"
    assert told.home == Home(BASE, "phone", "r3sync")


@each_model
def test_files_without_a_password_are_no_account(model: DeskPhoneModel) -> None:
    told = model.told(_read(model, settings().without_secrets()))
    assert told.account.user == "2001" and not told.account.is_whole
    assert not told.home.url
    assert not model.told({}).account.is_whole


def test_they_are_of_three_makers_and_have_addresses_of_their_own() -> None:
    assert len({model.vendor for model in DESK_PHONES}) == 3
    assert len({model.mac for model in DESK_PHONES}) == 3


def test_the_flash_outlives_the_power(tmp_path: Path) -> None:
    path = tmp_path / "flash.json"
    flash = Flash(path)
    assert flash.is_blank and flash.home("805ec0de4001") == Home()
    flash.keep("805ec0de4001", Home("http://192.0.2.1/p/x/", "u", "p"))
    again = Flash(path)
    assert again.home("805ec0de4001") == Home("http://192.0.2.1/p/x/", "u", "p")
    assert not again.is_blank
    assert path.stat().st_mode & 0o077 == 0, "it holds secrets"


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": 1}', b'{"a": {"b": "c"}}', b"\xff"])
def test_a_broken_flash_is_a_phone_in_its_carton(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "flash.json"
    path.write_bytes(content)
    assert Flash(path).is_blank


def test_what_cannot_be_dialled_is_refused(tmp_path: Path) -> None:
    async def ask() -> None:
        args = Namespace(folder=tmp_path, extension="2004", sip_port=5060, language="en")
        desk = Desk(args, asyncio.get_running_loop())
        for asked, key in (
            ({"phone": "poly", "number": "2001"}, "demo.no_such_phone"),
            ({"phone": "snom", "number": "anna"}, "demo.bad_number"),
            ({"phone": "snom", "number": ""}, "demo.bad_number"),
            ({"phone": "snom", "number": "2001@192.0.2.1"}, "demo.bad_number"),
            ({"phone": "snom", "number": "2001"}, "demo.phone_not_registered"),
        ):
            with pytest.raises(UserError) as refused:
                desk.handle("dial", asked)
            assert refused.value.key == key
        with pytest.raises(UserError, match="unknown_operation"):
            desk.handle("hangup", {})
        rows = desk.handle("phones", {})["phones"]
        assert [row["is_registered"] for row in rows] == [False] * 3

    asyncio.run(ask())
