"""The sentence of every problem, alert and refusal, in RU and EN; each says what to do next.

PURE. A table: braces are filled from the params of the problem; ``hint`` becomes a sentence of its
own behind it (texts.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.forward_problem_texts import FORWARD_PROBLEM_TEXTS
from appliance.config.line_problem_texts import LINE_PROBLEM_TEXTS
from appliance.config.phone_problem_texts import PHONE_PROBLEM_TEXTS
from appliance.config.problem_text import Text
from appliance.config.trunk_problem_texts import TRUNK_PROBLEM_TEXTS

__all__ = ["TEXTS", "Text"]


TEXTS: Mapping[str, Text] = {
    # the file
    "file.not_yaml": Text(
        "Файл не читается как YAML: {reason}. Исправьте эту строку; чаще всего виноваты отступы, "
        "двоеточие без пробела или незакрытая кавычка.",
        "The file is not readable YAML: {reason}. Correct this line; indentation, a colon without "
        "a blank or an open quotation mark are the usual causes.",
    ),
    "file.not_utf8": Text(
        "Файл не в кодировке UTF-8. Сохраните его в редакторе как UTF-8.",
        "The file is not UTF-8 text. Save it as UTF-8 in your editor.",
    ),
    "file.unreadable": Text(
        "Файл {name} не удалось прочитать или записать: {reason}.",
        "The file {name} cannot be read or written: {reason}.",
    ),
    "file.too_large": Text(
        "Файл больше {limit} КиБ: это не файл настроек. Проверьте, тот ли файл выбран.",
        "The file is larger than {limit} KiB: not a configuration. Check that it is the right one.",
    ),
    "file.empty": Text(
        "Файл пуст: он стёр бы все настройки. Проверьте, тот ли файл выбран.",
        "The file is empty: it would erase all settings. Check that it is the right one.",
    ),
    "file.too_deep": Text(
        "Вложенность слишком велика: настройки имеют не больше {limit} уровней. "
        "Проверьте отступы и скобки.",
        "Nested too deeply: a configuration has at most {limit} levels. "
        "Check indentation and brackets.",
    ),
    "file.duplicate_key": Text(
        "«{name}» задано второй раз (впервые в строке {first}). Оставьте одно из двух.",
        "“{name}” is given a second time (first in line {first}). Keep one of the two.",
    ),
    "file.alias": Text(
        "Якоря и ссылки YAML (& и *) не принимаются. Напишите значение целиком, а если оно само "
        "начинается с * или &, возьмите его в кавычки.",
        "Anchors and aliases of YAML (& and *) are not taken. Write the value out; if the value "
        "itself begins with * or &, put it in quotation marks.",
    ),
    "file.tag": Text(
        "Метки типов YAML («{name}») не принимаются. Уберите метку.",
        "Type tags of YAML (“{name}”) are not taken. Remove the tag.",
    ),
    "file.key_not_text": Text(
        "Имя поля должно быть простым словом.", "The name of a field must be a plain word."
    ),
    "file.many_documents": Text(
        "В файле несколько документов YAML («---»). Оставьте один.",
        "The file holds several YAML documents (“---”). Keep one.",
    ),
    "file.format_unknown": Text(
        "Формат {value} этой версии неизвестен (знакомы до {newest}). Обновите систему или "
        "возьмите файл, выгруженный этой же версией.",
        "Format {value} is unknown to this version (it knows up to {newest}). Update the box or "
        "take a file exported by this version.",
    ),
    # the shape of data
    "data.not_a_mapping": Text(
        "Здесь должны стоять поля с именами, а не «{value}».",
        "Fields with names belong here, not “{value}”.",
    ),
    "data.not_a_list": Text(
        "Здесь должен стоять список, а не «{value}». Начните каждую запись с «- ».",
        "A list belongs here, not “{value}”. Begin each item with “- ”.",
    ),
    "data.not_text": Text(
        "Здесь должен стоять текст, а не «{value}».", "Text belongs here, not “{value}”."
    ),
    "data.not_a_whole_number": Text(
        "Здесь должно стоять целое число, а не «{value}».",
        "A whole number belongs here, not “{value}”.",
    ),
    "data.not_a_number": Text(
        "Здесь должно стоять число, а не «{value}». Дробная часть отделяется точкой.",
        "A number belongs here, not “{value}”. Fractions have a point.",
    ),
    "data.not_yes_or_no": Text(
        "Здесь должно стоять true или false, а не «{value}».",
        "Write true or false here, not “{value}”.",
    ),
    "data.missing": Text("Поле обязательно. Укажите его.", "This field is needed. Give it."),
    "data.unknown_key": Text(
        "Поле «{name}» неизвестно. Исправьте имя или удалите строку.",
        "There is no field “{name}”. Correct its name or remove the line.",
    ),
    "choice.unknown": Text(
        "«{value}» не подходит. Выберите из: {choices}.",
        "“{value}” is none of the choices. Take one of: {choices}.",
    ),
    # single values
    "value.empty": Text(
        "Значение не может быть пустым. Укажите его.", "This cannot be empty. Give a value."
    ),
    "list.too_short": Text(
        "Нужно хотя бы {low}. Добавьте запись.", "At least {low} is needed. Add an item."
    ),
    "list.repeated": Text(
        "«{value}» повторяется. Уберите повтор.", "“{value}” is there twice. Remove one."
    ),
    "text.too_long": Text(
        "Слишком длинно: {length} знаков при пределе {longest}. Сократите.",
        "Too long: {length} characters where {longest} are the limit. Shorten it.",
    ),
    "text.unprintable": Text(
        "Есть непечатаемые знаки (перевод строки, табуляция). Удалите их.",
        "There are unprintable characters (line break, tab). Remove them.",
    ),
    "text.forbidden": Text(
        "Здесь не могут стоять эти знаки: {letters}. Уберите их.",
        "These characters cannot stand here: {letters}. Remove them.",
    ),
    "text.outer_blanks": Text(
        "Пробел в начале или в конце. Удалите его.",
        "There is a blank at the beginning or the end. Remove it.",
    ),
    "name.unreachable": Text(
        "По такому имени не открыть страницу: это «.» или «..», или рядом с «/» пусто либо стоят "
        "лишь они. Измените имя.",
        "No page could be opened by this name: it is “.” or “..”, or beside a “/” is nothing or "
        "only these. Change the name.",
    ),
    "number.not_digits": Text(
        "«{value}»: допустимы только цифры. Уберите остальное.",
        "“{value}”: only digits are allowed. Remove the rest.",
    ),
    "prefix.wrong": Text(
        "«{value}»: допустимы цифры, * и #. Уберите остальное.",
        "“{value}”: digits, * and # are allowed. Remove the rest.",
    ),
    "did.wrong": Text(
        "«{value}» не номер E.164. Напишите плюс, код страны и номер слитно: +74955551525.",
        "“{value}” is no E.164 number. Write plus, country code and number together: +12125551525.",
    ),
    "host.wrong": Text(
        "«{value}» не имя узла и не адрес IP. Напишите, например, sip.example.com или 192.0.2.10, "
        "без «sip:» и номера порта.",
        "“{value}” is neither a host name nor an IP address. Write sip.example.com or 192.0.2.10, "
        "without “sip:” and port.",
    ),
    "host.wrong_port": Text(
        "«{value}»: порт после двоеточия должен быть от 1 до 65535.",
        "“{value}”: the port behind the colon must be from 1 to 65535.",
    ),
    "cidr.wrong": Text(
        "«{value}» не адрес и не сеть. Напишите, например, 192.0.2.10 или 192.168.1.0/24.",
        "“{value}” is no address or network. Write 192.0.2.10 or 192.168.1.0/24, for example.",
    ),
    "cidr.too_wide": Text(
        "Сеть «{value}» слишком широка: ей поверили бы чужие. Допустимо не шире {widest}.",
        "The network “{value}” is too wide: strangers would be trusted. At most {widest}.",
    ),
    "figure.out_of_range": Text(
        "{value} вне пределов: от {low} до {high}.", "{value} is out of range: {low} to {high}."
    ),
    "timezone.wrong": Text(
        "«{value}» не часовой пояс. Напишите, например, Europe/Moscow.",
        "“{value}” is no time zone. Write America/New_York, for example.",
    ),
    "timezone.unknown": Text(
        "Часовой пояс «{value}» неизвестен. Напишите, например, Europe/Moscow.",
        "The time zone “{value}” is not known. Write America/New_York, for example.",
    ),
    # keys and references
    "key.duplicate": Text(
        "«{value}» уже есть. Удалите или переименуйте повтор.",
        "“{value}” exists already. Remove or rename one of them.",
    ),
    "reference.dangling": Text(
        "«{value}» не существует (раздел {collection}). Создайте или исправьте имя.",
        "“{value}” does not exist (section {collection}). Create it or correct the name.",
    ),
    "reference.trunk_disabled": Text(
        "Путь «{value}» выключен и не сработает. Включите его или уберите отсюда.",
        "The way “{value}” is switched off and will not work. Switch it on or remove it here.",
    ),
    "reference.disabled": Text(
        "«{value}» выключено: сюда никто не дозвонится. Включите или укажите другое.",
        "“{value}” is switched off: nobody will be reached. Switch it on or name another.",
    ),
    # emergency (K2)
    "rule.prefix.shadows_emergency": Text(
        "«{value}» — экстренный номер; правила на него не действуют. Уточните префикс.",
        "“{value}” is an emergency number, which no rule may touch. Give a longer prefix.",
    ),
    "did.number.shadows_emergency": Text(
        "«{value}» — экстренный номер и не может быть номером офиса. Напишите номер целиком.",
        "“{value}” is an emergency number and cannot be the office's. Write the whole number.",
    ),
    "code.shadows_emergency": Text(
        "Код «{value}» перекрыл бы экстренный номер {other}. Выберите другой, например *40.",
        "The code “{value}” would hide the emergency number {other}. Take another, such as *40.",
    ),
    "replacement.prefix.shadows_emergency": Text(
        "Замена «{value}» подошла бы и к экстренному {other}. Задайте длину или длиннее префикс.",
        "The replacement “{value}” would also match {other}, an emergency number. "
        "Give a length or a longer prefix.",
    ),
    "extension.number.shadows_emergency": Text(
        "Номер {value} начинается с экстренного {other}: тот сработал бы раньше. "
        "Возьмите номер из плана 2001–2999.",
        "{value} begins with the emergency number {other}, which would fire first. "
        "Take a number such as 2001.",
    ),
    "dialling.outside_prefix.shadows_emergency": Text(
        "Префикс «{value}» стоит в начале экстренного {other}. Возьмите 9 или 0.",
        "The prefix “{value}” begins the emergency number {other}. Take 9 or 0.",
    ),
    "emergency.no_way_out": Text(
        "Нет ни линии оператора, ни городского провода, ни SIM: экстренные вызовы не уйдут из "
        "офиса. Добавьте что-нибудь из них.",
        "No trunk or line is on: emergency calls cannot leave the office. Add a trunk or a line.",
    ),
    # the dial profile
    "dialling.outside_prefix.not_of_profile": Text(
        "У профиля {profile} выход в город «{expected}», а указано «{value}». "
        "Исправьте префикс или выберите профиль custom.",
        "Profile {profile} dials outside with “{expected}”, not “{value}”. "
        "Correct the prefix or choose the profile custom.",
    ),
    "dialling.outside_prefix.is_trunk_prefix": Text(
        "«{value}» — междугородний префикс страны. Для выхода в город возьмите 9 или 0.",
        "“{value}” is the country's own trunk prefix. Take 9 or 0 to dial outside.",
    ),
    "dialling.area_code.wrong_length": Text(
        "Код города «{area}» и {local} цифр местного номера должны давать вместе {national} цифр. "
        "Исправьте код или длину.",
        "Area code “{area}” and {local} local digits must make {national} digits together. "
        "Correct the code or the length.",
    ),
    "dialling.replacements.unused": Text(
        "Профиль {profile} не применяет замены. Выберите профиль custom или удалите их.",
        "Profile {profile} uses no replacements. Choose the profile custom or remove them.",
    ),
    "code.behind_prefix": Text(
        "Код «{value}» начинается с выхода в город «{other}». Начните код с *.",
        "The code “{value}” begins with the outside prefix “{other}”. Begin the code with *.",
    ),
    "code.collides": Text(
        "Код «{value}» совпадает с другим или начинается с кода, за которым идёт номер. "
        "Измените один из них.",
        "The code “{value}” equals another or begins with one that a number follows. Change one.",
    ),
    # extensions (K6) and secrets
    "extension.number.shadows_outside_prefix": Text(
        "Номер {value} начинается с выхода в город «{other}». Возьмите другую первую цифру.",
        "{value} begins with the outside prefix “{other}”. Take another first digit.",
    ),
    "extension.number.shadows_trunk_prefix": Text(
        "Номер {value} начинается с «{other}», как междугородний. Возьмите другую первую цифру.",
        "{value} begins with “{other}”, like a long-distance number. Take another first digit.",
    ),
    "extension.number.equals_feature_code": Text(
        "Номер {value} занят кодом услуги. Измените номер или код в плане набора.",
        "{value} is a feature code. Change the number, or the code in the dial profile.",
    ),
    "extension.number.behind_feature_code": Text(
        "Номер {value} начинается с кода «{other}». Измените номер или код.",
        "{value} begins with the code “{other}”. Change the number or the code.",
    ),
    "extension.number.looks_local": Text(
        "Номер {value} той же длины, что городской ({local} цифр), и закроет его. "
        "Возьмите номер короче.",
        "{value} is as long as a city number ({local} digits) and hides it. Take a shorter one.",
    ),
    "secret.too_short": Text(
        "Пароль короче {shortest} знаков. Возьмите случайный из 16 и больше.",
        "The secret is shorter than {shortest} characters. Take a random one of 16 or more.",
    ),
    "secret.equals_number": Text(
        "Пароль повторяет номер: его подберут сразу. Возьмите случайный.",
        "The secret is the number itself: the first guess. Take a random one.",
    ),
    "secret.digits_only": Text(
        "Короткий пароль из одних цифр. Добавьте буквы или возьмите случайный.",
        "A short secret of digits only. Add letters or take a random one.",
    ),
    "secret.common": Text(
        "Пароль из числа самых частых. Возьмите случайный.",
        "The secret is one of the most common. Take a random one.",
    ),
    "secret.guessable": Text(
        "Пароль легко подобрать. Создайте: dozvon secret.", "Easy to guess. Try: dozvon secret."
    ),
    "secret.monotonous": Text(
        "В пароле почти одни и те же знаки. Возьмите случайный.",
        "The secret repeats the same few characters. Take a random one.",
    ),
    "secret.shared": Text(
        "Такой же пароль у другого номера. Дайте каждому свой.",
        "Another extension has the same secret. Give each its own.",
    ),
    "secret.weak_of_trunk": Text(
        "Пароль линии слабый. Смените его в кабинете оператора.",
        "The trunk's secret is weak. Change it at the provider.",
    ),
    "secret.not_stored": Text(
        "Пароль скрыт звёздочками, а сохранённого нет. Напишите пароль.",
        "The secret is masked, and none is stored. Write the secret.",
    ),
    # wholes
    "site.registration.min_above_max": Text(
        "Наименьший срок регистрации {low} с больше наибольшего {high} с. Исправьте один.",
        "The shortest registration, {low} s, is above the longest, {high} s. Correct one of them.",
    ),
    "class.name.reserved": Text(
        "Класс «{value}» есть у самой АТС: телефоны с ним не звонят. Назовите его иначе.",
        "The box has a class “{value}” of its own: its phones never ring. Choose another name.",
    ),
    "class.country.unknown": Text(
        "«{value}» не код страны. Напишите две буквы (BY), префикс (+375) или «*» для всех.",
        "“{value}” is no country code. Write two letters (BY), a prefix (+375) or “*” for all.",
    ),
    "class.countries.none_open": Text(
        "Международные вызовы разрешены, но ни одна страна не открыта. Укажите страны или «*».",
        "International calls are allowed but no country is open. Name countries or “*”.",
    ),
    "class.countries.unused": Text(
        "Страны указаны, но международные вызовы не разрешены. Добавьте international.",
        "Countries are named but international calls are not allowed. Add international.",
    ),
    "rule.kind.not_outside": Text(
        "«{value}» не выходит из офиса: правила выбирают лишь пути наружу. Уберите.",
        "“{value}” never leaves the office: rules choose ways out only. Remove it.",
    ),
    "rule.unreachable": Text(
        "До правила не дойдёт: всё забирает «{rule}» выше. Поднимите его или удалите.",
        "Never reached: “{rule}” above takes it all. Move it up or remove it.",
    ),
    # the store and the commands
    "numbering.unknown_country": Text(
        "Для страны «{country}» нет плана нумерации. Выберите другую страну.",
        "There is no numbering plan for “{country}”. Choose another country.",
    ),
    "config.conflict": Text(
        "Пока вы правили версию {base}, сохранена версия {current}. Посмотрите, что изменилось, "
        "и повторите.",
        "Revision {current} was saved while you edited {base}. See what changed and try again.",
    ),
    "config.busy": Text(
        "Настройки сейчас сохраняет кто-то другой. Повторите через несколько секунд.",
        "Somebody else is saving settings right now. Try again in a few seconds.",
    ),
    "config.unknown_revision": Text(
        "Версии {revision} нет в истории. Посмотрите список: dozvon config history.",
        "There is no revision {revision}. See the list: dozvon config history.",
    ),
    "config.revision_damaged": Text(
        "Версия {revision} повреждена; действует {used}. Проверьте настройки и сохраните их снова.",
        "Revision {revision} is damaged; {used} is used. Check the settings and save them again.",
    ),
    "config.copy_used": Text(
        "База настроек потеряла версию {revision}; взята её копия. Проверьте диск.",
        "The settings database lost revision {revision}; its copy is used. Check the disk.",
    ),
    "config.not_copied": Text(
        "Копия настроек не записана: {reason}. Настройки сохранены; проверьте диск.",
        "The copy of the settings was not written: {reason}. They are saved; check the disk.",
    ),
    "config.database_unreadable": Text(
        "База настроек не открывается: {reason}; действует копия. Проверьте диск.",
        "The settings database cannot be opened: {reason}; its copy is used. Check the disk.",
    ),
    "config.database_damaged": Text(
        "База настроек повреждена: {reason}. Примените сохранённый файл: dozvon config apply.",
        "The settings database is damaged: {reason}. Apply a saved file: dozvon config apply.",
    ),
    **FORWARD_PROBLEM_TEXTS,
    **LINE_PROBLEM_TEXTS,
    **PHONE_PROBLEM_TEXTS,
    **TRUNK_PROBLEM_TEXTS,
}
