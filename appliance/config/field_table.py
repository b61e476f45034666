"""Label and meaning of every field of model.py, in RU and EN: one row a field.

PURE. A table, of which the rows of what leads outside are in field_table_outside.py; tests prove
that no field is without a row and no row without a field.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.field_table_lines import LINE_FIELD_TEXTS
from appliance.config.field_table_outside import OUTSIDE_FIELD_TEXTS, FieldText
from appliance.config.field_table_phones import PHONE_FIELD_TEXTS

__all__ = ["FIELD_TEXTS", "FieldText"]

FIELD_TEXTS: Mapping[str, FieldText] = {
    "site.name": FieldText(
        "Название", "Name",
        "Название офиса на страницах и в отчётах.",
        "The office's name on pages and in reports.",
    ),
    "site.language": FieldText(
        "Язык", "Language",
        "Язык подсказок и сообщений.",
        "Language of announcements and messages.",
    ),
    "site.country": FieldText(
        "Страна", "Country",
        "Страна: план нумерации, экстренные номера, тоны.",
        "Country: numbering plan, emergency numbers, tones.",
    ),
    "site.timezone": FieldText(
        "Часовой пояс", "Time zone",
        "Часовой пояс журнала и расписаний.",
        "Time zone of the journal and of schedules.",
    ),
    "site.default_extension": FieldText(
        "Номер по умолчанию", "Default extension",
        "Сюда звонят вызовы на неизвестный городской номер.",
        "Rings when an unknown outside number is called.",
    ),
    "site.ring_time_s": FieldText(
        "Время звонка", "Ring time",
        "Сколько звонит внутренний номер, секунд.",
        "How long an extension rings, in seconds.",
    ),
    "site.sip_realm": FieldText(
        "SIP realm", "SIP realm",
        "Имя, которое телефоны видят при запросе пароля.",
        "The name that phones are shown when asked for their secret.",
    ),
    "site.local_networks": FieldText(
        "Местные сети", "Local networks",
        "Сети, которые считаются своими, без NAT.",
        "Networks that count as ours, with no NAT between.",
    ),
    "site.external_address": FieldText(
        "Внешний адрес", "External address",
        "Наш публичный адрес, если перед нами NAT; пусто — нет.",
        "Our public address when NAT stands before us; empty = none.",
    ),
    "site.end_warning_s": FieldText(
        "Сигнал перед концом", "Warning before the end",
        "За сколько секунд до конца по пределу длины звонящий слышит три коротких гудка; ещё раз — "
        "за 10 с; 0 — без сигнала.",
        "How many seconds before a limit ends a call its caller hears three short beeps; once more "
        "at 10 s; 0 = no tone.",
    ),
    "site.session_expires_s": FieldText(
        "Таймер сеанса", "Session timer",
        "Через сколько секунд проверяется, жив ли разговор (RFC 4028).",
        "After how many seconds a call is checked to be alive (RFC 4028).",
    ),
    "site.media_timeout_s": FieldText(
        "Ожидание звука", "Media timeout",
        "Сколько секунд разговор живёт без звука в обе стороны.",
        "How many seconds a call lives with no sound in either direction.",
    ),
    "site.registration_min_s": FieldText(
        "Срок регистрации от", "Shortest registration",
        "Наименьший срок регистрации телефона, секунд.",
        "The shortest registration that a phone gets, in seconds.",
    ),
    "site.registration_max_s": FieldText(
        "Срок регистрации до", "Longest registration",
        "Наибольший срок регистрации телефона, секунд.",
        "The longest registration that a phone gets, in seconds.",
    ),
    "site.qualify_s": FieldText(
        "Проверка телефонов", "Phone check",
        "Как часто спрашивать телефоны, на связи ли они, секунд.",
        "How often phones are asked whether they answer, in seconds.",
    ),
    "site.max_paid_calls_per_hour": FieldText(
        "Платных вызовов в час", "Paid calls an hour",
        "Сколько платных вызовов в час может сделать вся станция; 0 — без предела.",
        "How many paid calls an hour the whole box may make; 0 = no limit.",
    ),
    "dialling.name": FieldText(
        "Профиль", "Profile",
        "P9: в город через 9; P0: через 0; none: без префикса; custom: свой.",
        "P9: outside with 9; P0: with 0; none: no prefix; custom: your own.",
    ),
    "dialling.outside_prefix": FieldText(
        "Выход в город", "Outside prefix",
        "Цифры выхода в город; те, что у профиля.",
        "The digits that lead outside; those of the profile.",
    ),
    "dialling.area_code": FieldText(
        "Код города", "Area code",
        "Код города этого офиса.",
        "This office's area code.",
    ),
    "dialling.local_length": FieldText(
        "Длина местного номера", "Local length",
        "Сколько цифр в номере внутри города.",
        "How many digits a number has inside the city.",
    ),
    "dialling.inter_digit_s": FieldText(
        "Ожидание цифры", "Inter-digit time",
        "Сколько секунд ждать следующей цифры, если номер может продолжиться.",
        "How many seconds to wait for the next digit when more could come.",
    ),
    "dialling.pickup_code": FieldText(
        "Код перехвата", "Pickup code",
        "Забирает вызов, звонящий в своей группе; пусто — выключено.",
        "Takes a call that rings in one's own group; empty = off.",
    ),
    "dialling.echo_code": FieldText(
        "Код эхо-теста", "Echo code",
        "Возвращает сказанное; пусто — выключено.",
        "Gives back what one says; empty = off.",
    ),
    "dialling.directed_pickup_code": FieldText(
        "Код перехвата номера", "Directed pickup code",
        "Вместе с номером забирает вызов, звонящий на нём; пусто — выключено.",
        "With an extension behind it, takes the call that rings there; empty = off.",
    ),
    "dialling.address_code": FieldText(
        "Код адреса", "Address code",
        "Говорит адрес станции в сети; пусто — выключено.",
        "Speaks the box's network address; empty = off.",
    ),
    "dialling.forward_always_code": FieldText(
        "Код переадресации всегда", "Code of forwarding always",
        "Вместе с номером уводит на него все вызовы того, кто набрал; пусто — выключено.",
        "With a number behind it, sends all calls of whoever dials it there; empty = off.",
    ),
    "dialling.forward_end_code": FieldText(
        "Код отмены переадресации", "Code that ends forwarding",
        "Отменяет всю переадресацию того, кто набрал; пусто — выключено.",
        "Ends all forwarding of whoever dials it; empty = off.",
    ),
    "dialling.forward_busy_code": FieldText(
        "Код переадресации, если занято", "Code of forwarding when busy",
        "Вместе с номером уводит на него вызовы, когда занято; пусто — выключено.",
        "With a number behind it, sends calls there while one is busy; empty = off.",
    ),
    "dialling.forward_busy_end_code": FieldText(
        "Код её отмены", "Code that ends it",
        "Отменяет переадресацию, если занято; пусто — выключено.",
        "Ends forwarding when busy; empty = off.",
    ),
    "dialling.forward_no_answer_code": FieldText(
        "Код переадресации, если не отвечают", "Code of forwarding when nobody answers",
        "Вместе с номером уводит на него вызовы, на которые не ответили; пусто — выключено.",
        "With a number behind it, sends calls there that nobody answers; empty = off.",
    ),
    "dialling.forward_no_answer_end_code": FieldText(
        "Код её отмены", "Code that ends it",
        "Отменяет переадресацию, если не отвечают; пусто — выключено.",
        "Ends forwarding when nobody answers; empty = off.",
    ),
    "dialling.forward_offline_code": FieldText(
        "Код переадресации, если нет телефона", "Code of forwarding when offline",
        "Вместе с номером уводит на него вызовы, когда нет ни одного телефона; пусто — выключено.",
        "With a number behind it, sends calls there while no phone is there; empty = off.",
    ),
    "dialling.forward_offline_end_code": FieldText(
        "Код её отмены", "Code that ends it",
        "Отменяет переадресацию, если нет телефона; пусто — выключено.",
        "Ends forwarding when offline; empty = off.",
    ),
    "dialling.voicemail_code": FieldText(
        "Код голосовой почты", "Voicemail code",
        "Прослушать свои сообщения; пусто — выключено.",
        "Listens to one's own messages; empty = off.",
    ),
    "dialling.replacements": FieldText(
        "Замены", "Replacements",
        "Замены набранных цифр; только для профиля custom.",
        "Rewriting of dialled digits; for the profile custom only.",
    ),
    "replacements.prefix": FieldText(
        "Набрано", "Dialled",
        "С каких цифр начинается набранное.",
        "The digits that begin what was dialled.",
    ),
    "replacements.length": FieldText(
        "Всего цифр", "Length",
        "Сколько цифр всего; 0 — сколько угодно.",
        "How many digits in all; 0 = any.",
    ),
    "replacements.instead": FieldText(
        "Вместо них", "Instead",
        "Чем эти цифры заменить; пусто — убрать.",
        "What stands in their place; empty = nothing.",
    ),
    "classes.name": FieldText(
        "Имя", "Name",
        "Имя класса.",
        "The class's name.",
    ),
    "classes.allows": FieldText(
        "Разрешено", "Allows",
        "Виды вызовов, которые разрешены.",
        "Kinds of calls that are allowed.",
    ),
    "classes.countries": FieldText(
        "Страны", "Countries",
        "Открытые страны: коды (BY), префиксы (+375) или «*» — все страны, но не спутники "
        "и не международные службы.",
        "Open countries: codes (BY), prefixes (+375), or “*” for every country, but no satellites "
        "and no global services.",
    ),
    "classes.max_paid_calls": FieldText(
        "Платных вызовов сразу", "Paid calls at a time",
        "Сколько платных вызовов номер ведёт одновременно; 0 — без предела.",
        "How many paid calls an extension has at the same time; 0 = no limit.",
    ),
    "classes.max_paid_calls_per_hour": FieldText(
        "Платных вызовов в час", "Paid calls an hour",
        "Сколько платных вызовов номер делает за час; 0 — без предела.",
        "How many paid calls an extension makes in an hour; 0 = no limit.",
    ),
    "classes.max_paid_minutes_per_day": FieldText(
        "Платных минут в день", "Paid minutes a day",
        "Сколько минут номер говорит за день по платным направлениям; 0 — без предела.",
        "How many minutes an extension talks to paid numbers in a day; 0 = no limit.",
    ),
    "classes.max_call_minutes": FieldText(
        "Длина вызова", "Length of a call",
        "Сколько минут длится один платный вызов, потом он кончается; 0 — без предела.",
        "How many minutes one paid call lasts before it is ended; 0 = no limit.",
    ),
    "extensions.number": FieldText(
        "Номер", "Number",
        "Внутренний номер.",
        "The extension's number.",
    ),
    "extensions.name": FieldText(
        "Имя", "Name",
        "Имя владельца на экранах телефонов.",
        "The owner's name on phone displays.",
    ),
    "extensions.secret": FieldText(
        "Пароль", "Secret",
        "Пароль телефона для регистрации.",
        "The phone's secret for registering.",
    ),
    "extensions.class_of_service": FieldText(
        "Класс доступа", "Class of service",
        "Куда этому номеру разрешено звонить.",
        "Where this extension may call.",
    ),
    "extensions.caller_id": FieldText(
        "Номер наружу", "Caller ID",
        "Номер, который видят снаружи; пусто — номер линии.",
        "The number shown outside; empty = the trunk's.",
    ),
    "extensions.pickup_group": FieldText(
        "Группа перехвата", "Pickup group",
        "Члены одной группы забирают вызовы друг друга; пусто — ни с кем.",
        "Members of one group pick up each other's calls; empty = nobody.",
    ),
    "extensions.max_calls": FieldText(
        "Вызовов сразу", "Most calls",
        "Сколько вызовов одновременно.",
        "How many calls at the same time.",
    ),
    "extensions.max_paid_calls": FieldText(
        "Платных вызовов сразу", "Paid calls at a time",
        "Сколько платных вызовов одновременно; 0 — как у класса.",
        "How many paid calls at the same time; 0 = the class's.",
    ),
    "extensions.max_paid_calls_per_hour": FieldText(
        "Платных вызовов в час", "Paid calls an hour",
        "Сколько платных вызовов за час; 0 — как у класса.",
        "How many paid calls in an hour; 0 = the class's.",
    ),
    "extensions.max_paid_minutes_per_day": FieldText(
        "Платных минут в день", "Paid minutes a day",
        "Сколько минут за день по платным направлениям; 0 — как у класса.",
        "How many minutes a day to paid numbers; 0 = the class's.",
    ),
    "extensions.max_call_minutes": FieldText(
        "Длина вызова", "Length of a call",
        "Сколько минут длится один платный вызов; 0 — как у класса.",
        "How many minutes one paid call lasts; 0 = the class's.",
    ),
    "extensions.max_bindings": FieldText(
        "Телефонов", "Most phones",
        "Сколько телефонов может зарегистрироваться.",
        "How many phones may register.",
    ),
    "extensions.ring_time_s": FieldText(
        "Время звонка", "Ring time",
        "Сколько звонить, секунд; 0 — как у офиса.",
        "How long to ring, in seconds; 0 = the office's.",
    ),
    "extensions.forward_always": FieldText(
        "Переадресация всегда", "Forward always",
        "Куда уходят все вызовы: внутренний номер, городской с кодом страны, +7…, или voicemail — "
        "своя голосовая почта; пусто — звонят здесь.",
        "Where all calls go: an extension, an outside number with the country code, +7…, or "
        "voicemail, its own mailbox; empty = they ring here.",
    ),
    "extensions.forward_busy": FieldText(
        "Переадресация, если занято", "Forward when busy",
        "Куда уходит вызов, когда номер занят; пусто — никуда.",
        "Where a call goes while the extension is busy; empty = nowhere.",
    ),
    "extensions.forward_no_answer": FieldText(
        "Переадресация, если не отвечают", "Forward when nobody answers",
        "Куда уходит вызов, на который не ответили; пусто — никуда.",
        "Where a call goes that nobody answers; empty = nowhere.",
    ),
    "extensions.forward_offline": FieldText(
        "Переадресация, если нет телефона", "Forward when offline",
        "Куда уходит вызов, когда ни один телефон не зарегистрирован или не отвечает станции; "
        "пусто — никуда.",
        "Where a call goes while no phone is registered, or none answers the box; empty = nowhere.",
    ),
    "extensions.forward_no_answer_s": FieldText(
        "Ждать ответа", "Wait for an answer",
        "Сколько секунд звонить, прежде чем вызов уйдёт как неотвеченный.",
        "How many seconds to ring before a call that nobody answers goes on.",
    ),
    "extensions.voicemail": FieldText(
        "Голосовая почта", "Voicemail",
        "Принимает сообщение, когда на вызов не ответили, занято или нет телефона.",
        "Takes a message when a call is not answered, the number is busy, or no phone is there.",
    ),
    "extensions.voicemail_after_s": FieldText(
        "Звонить до почты", "Ring before voicemail",
        "Сколько секунд звонить, прежде чем ответит голосовая почта.",
        "How many seconds to ring before voicemail answers.",
    ),
    "extensions.voicemail_pin": FieldText(
        "PIN почты", "Voicemail PIN",
        "От 4 до 8 цифр, которые спросит почта; пусто — на своём телефоне не спросит.",
        "4 to 8 digits that voicemail asks for; empty = one's own phone is not asked.",
    ),
    "extensions.is_enabled": FieldText(
        "Включён", "Enabled",
        "Выключенный номер не регистрируется и не звонит.",
        "A number that is switched off neither registers nor rings.",
    ),
    **OUTSIDE_FIELD_TEXTS,
    **PHONE_FIELD_TEXTS,
    **LINE_FIELD_TEXTS,
}  # fmt: skip
