"""The messages of an extension on its page: who may hear them, and what a page may do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from appliance.call.record import VoiceMessage
from appliance.errors import UserError
from appliance.store.voice_files import FOLDER, header_of, path_of
from appliance.store.voice_messages import VoiceMessageStore
from appliance.store.writer import StateWriter
from tests.commands.stand_in import StandIn
from tests.kit.office import extension
from tests.webui.conftest import Browser, Web
from tests.webui.office import HOSTILE, furnish, settings
from tests.webui.test_extensions import base
from webui.access import Role

PATH = "/extensions/2001/messages"
NEW = VoiceMessage("20260302T070000-00000001", "2001", "+74951234567", "Anna", 1_772_434_800.0, 4.2)
OLD = replace(
    NEW, ident="20260301T070000-00000002", caller="", caller_name="", at=1e9, is_heard=True
)
SOUND = b"\x55" * 33_600


def list_only(web: Web, *messages: VoiceMessage) -> None:
    """Rows of the daemon's whose files are gone."""

    async def main() -> None:
        writer = StateWriter(web.folder / "state.db")
        for message in messages:
            await VoiceMessageStore(writer).put(message)
        writer.close()

    asyncio.run(main())


def keep(web: Web, *messages: VoiceMessage, sound: bytes = SOUND) -> None:
    """As the daemon leaves them."""
    list_only(web, *messages)
    for message in messages:
        path = path_of(web.folder / FOLDER, message.extension, message.ident)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(header_of(message, len(sound)) + sound)


def asked(box: StandIn) -> list[tuple[str, Any]]:
    """What pages asked of the daemon that concerns mailboxes."""
    return [(name, args) for name, args in box.asked if name.startswith("voicemail")]


@pytest.fixture
def admin(web: Web, box: StandIn) -> Browser:
    box.answers |= {"voicemail_mark": {}, "voicemail_delete": {}}
    furnish(web, extensions=[extension(2001, voicemail=True), 2002, 2003])
    return web.signed_in()


def actions(web: Web) -> list[tuple[str, str]]:
    entries = web.parts.audit.entries()
    return [(e.action, e.detail) for e in entries if e.action.startswith("voice")]


def test_messages_are_listed_with_who_and_when(web: Web, admin: Browser) -> None:
    assert "No messages yet" in admin.get(PATH)
    keep(web, OLD, NEW)
    page = admin.get(PATH)
    assert page.index(NEW.ident) < page.index(OLD.ident)
    assert "+74951234567" in page and "Anna" in page and "number withheld" in page
    assert page.count('<span class="pill busy"') == 1
    assert f'<audio controls preload="none" src="{PATH}/{NEW.ident}.wav"' in page
    assert "media-src 'self'" in admin.response.headers["Content-Security-Policy"]  # type: ignore[union-attr]
    shown = admin.get("/extensions/2001")
    assert "Voice messages" in shown
    russian = web.signed_in(language="ru").get(PATH)
    assert "Голосовые сообщения" in russian and "номер скрыт" in russian


def test_a_message_is_heard_in_the_page(web: Web, admin: Browser, box: StandIn) -> None:
    keep(web, NEW)
    whole = header_of(NEW, len(SOUND)) + SOUND
    for wanted, part in (("bytes=0-", whole), ("bytes=1000-1099", whole[1000:1100])):
        answer = admin.client.get(f"{PATH}/{NEW.ident}.wav", headers={"Range": wanted})
        assert (answer.status_code, answer.mimetype) == (206, "audio/wav")
        assert answer.data == part
        answer.close()
    assert asked(box) == []  # nothing changes by GET: the player sends a form (tests/browser)
    assert actions(web) == [("voice_message_played", f"2001 {NEW.ident}")]


@pytest.mark.parametrize("wanted", ["bytes=1-", "bytes=9000-"])
def test_whoever_leaves_the_beginning_out_has_listened_too(
    web: Web, admin: Browser, box: StandIn, wanted: str
) -> None:
    keep(web, NEW)
    for _ in range(2):
        admin.client.get(f"{PATH}/{NEW.ident}.wav", headers={"Range": wanted}).close()
    assert actions(web) == [("voice_message_played", f"2001 {NEW.ident}")]


def test_a_message_is_taken_away_as_a_file(web: Web, admin: Browser, box: StandIn) -> None:
    keep(web, NEW)
    answer = admin.client.get(f"{PATH}/{NEW.ident}.wav?download=1")
    assert answer.data == header_of(NEW, len(SOUND)) + SOUND
    assert f"2001-{NEW.ident}.wav" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    answer.close()
    assert len(actions(web)) == 1


def test_a_message_is_marked_and_deleted(web: Web, admin: Browser, box: StandIn) -> None:
    keep(web, NEW)
    named = {"extension": "2001", "message": NEW.ident}
    admin.get(PATH)
    admin.post(f"{PATH}/{NEW.ident}/mark", {"heard": "yes"})
    assert admin.location == PATH
    admin.post(f"{PATH}/{NEW.ident}/mark", {"heard": "no"})
    admin.post(f"{PATH}/{NEW.ident}/remove")
    assert asked(box) == [
        ("voicemail_mark", named | {"is_heard": True}),
        ("voicemail_mark", named | {"is_heard": False}),
        ("voicemail_delete", named),
    ]
    assert actions(web) == [("voice_message_deleted", f"2001 {NEW.ident}")]


def test_what_the_daemon_refuses_is_told(web: Web, admin: Browser, box: StandIn) -> None:
    keep(web, NEW)
    box.answers["voicemail_delete"] = UserError("voicemail.not_deleted", message="m")
    admin.get(PATH)
    assert "was not deleted" in admin.post(f"{PATH}/{NEW.ident}/remove", code=409)
    assert actions(web) == []


def test_without_a_daemon_messages_are_heard_all_the_same(web: Web) -> None:
    furnish(web, extensions=[extension(2001, voicemail=True)])
    admin = web.signed_in()
    keep(web, NEW)
    assert NEW.ident in admin.get(PATH)
    assert admin.client.get(f"{PATH}/{NEW.ident}.wav").status_code == 200
    assert "not running" in admin.post(f"{PATH}/{NEW.ident}/mark", {"heard": "yes"}, code=409)


def test_a_file_that_is_gone_or_damaged_is_told(web: Web, admin: Browser) -> None:
    keep(web, NEW, OLD)
    path = path_of(web.folder / FOLDER, "2001", NEW.ident)
    path.write_bytes(b"\0" * 100)
    path_of(web.folder / FOLDER, "2001", OLD.ident).unlink()
    page = admin.get(PATH)
    assert "Its sound is damaged." in page and "Its sound is gone." in page
    assert "<audio" not in page
    admin.get(f"{PATH}/{OLD.ident}.wav", code=404)


@pytest.mark.parametrize("ident", ["..%2F..%2Fconfig", "x", "20260302T070000-0000000g"])
def test_no_name_leads_elsewhere(admin: Browser, ident: str) -> None:
    admin.get(f"{PATH}/{ident}.wav", code=404)
    admin.get(PATH)
    admin.post(f"{PATH}/{ident}/remove", code=404)
    admin.get("/extensions/2999/messages", code=404)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.USER])
def test_messages_are_as_private_as_passwords(web: Web, admin: Browser, role: Role) -> None:
    keep(web, NEW)
    other = web.signed_in(role)
    for path in (PATH, f"{PATH}/{NEW.ident}.wav"):
        other.get(path, code=403)
    if role is Role.SUPERVISOR:
        page = other.get("/extensions/2001")
        assert PATH not in page
    assert actions(web) == []


def test_what_a_stranger_says_of_himself_is_text(web: Web, admin: Browser) -> None:
    keep(web, replace(NEW, caller=HOSTILE, caller_name=HOSTILE))
    assert HOSTILE not in admin.get(PATH)


def test_an_extension_with_messages_is_not_removed(web: Web, admin: Browser) -> None:
    keep(web, replace(NEW, extension="2003"))
    admin.get("/extensions/2003")
    page = admin.post("/extensions/2003/remove", code=409)
    assert "has voice messages" in page
    assert "2003" in settings(web).extension_by_number
    assert "switched off" in admin.get("/extensions/2003/messages")


def test_a_mailbox_is_set_up_on_the_page(web: Web, admin: Browser) -> None:
    page = admin.get("/extensions/2002/edit")
    form = {"name": "Ext 2002", "class_of_service": "everything", "is_enabled": "yes"}
    form |= {"voicemail": "yes", "voicemail_after_s": "31", "base": base(admin)}
    assert 'name="voicemail_pin"' in page
    page = admin.post("/extensions/2002/edit", form | {"voicemail_pin": "1234"}, code=422)
    assert 'id="voicemail_pin-error"' in page
    form["base"] = base(admin)
    admin.post("/extensions/2002/edit", form | {"voicemail_pin": "4812"})
    found = settings(web).extension_by_number["2002"]
    assert (found.voicemail, found.voicemail_after_s, found.voicemail_pin) == (True, 31, "4812")
    assert "4812" not in admin.get("/extensions/2002/edit")


def test_all_calls_are_forwarded_to_the_mailbox(web: Web, admin: Browser) -> None:
    admin.get("/extensions/2001/forwarding")
    fields = {"forward_always": "voicemail", "forward_busy": "", "forward_no_answer": ""}
    fields |= {"forward_offline": "", "forward_no_answer_s": "20", "base": base(admin)}
    admin.post("/extensions/2001/forwarding", fields)
    assert settings(web).extension_by_number["2001"].forward_always == "voicemail"
    assert "<dd>Voicemail" in admin.get("/extensions/2001")
