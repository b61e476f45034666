"""Words of alerts and errors of voicemail. PURE. Tables, parts of words.py and texts.py."""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.texts import Text

VOICEMAIL_ALERTS: Mapping[str, Text] = {
    "voicemail.disk_full": Text(
        "На диске мало места: голосовая почта не принимает сообщений",
        "Little room on the disk: voicemail takes no messages",
    ),
    "voicemail.disk_fails": Text(
        "Голосовое сообщение не записано целиком: диск не принимает данных",
        "A voice message was not kept whole: the disk takes no data",
    ),
    "voicemail.unreadable": Text(
        "Голосовые сообщения не читаются", "Voice messages cannot be read"
    ),
    "voicemail.ownerless": Text(
        "Остались голосовые сообщения номера, которого больше нет",
        "Voice messages are left of an extension that is no more",
    ),
}

VOICEMAIL_ERRORS: Mapping[str, Text] = {
    "voicemail.no_message": Text(
        "Этого сообщения уже нет. Обновите страницу.",
        "This message is no more. Reload the page.",
    ),
    "voicemail.not_deleted": Text(
        "Сообщение не удалилось: диск не даёт. Проверьте диск и права на папку voicemail.",
        "The message was not deleted: the disk refused. Check the disk, and who may write to the "
        "folder voicemail.",
    ),
}
