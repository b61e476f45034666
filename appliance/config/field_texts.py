"""Names and meanings of sections and fields for forms, messages and docs/configuration.md.

PURE. The rows of the fields are in field_table.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.config.field_table import FIELD_TEXTS, FieldText

__all__ = ["COLLECTION_TEXTS", "FIELD_TEXTS", "CollectionText", "FieldText", "field_label"]


@dataclass(frozen=True, slots=True)
class CollectionText:
    """A section of the document: singular and plural in both languages, and what it holds."""

    ru: str
    ru_plural: str
    en: str
    en_plural: str
    help_ru: str
    help_en: str

    def of(self, language: str, *, is_plural: bool = False) -> str:
        """Its name in ``ru`` or ``en``."""
        if language == "ru":
            return self.ru_plural if is_plural else self.ru
        return self.en_plural if is_plural else self.en


def field_label(owner: str, name: str, language: str) -> str:
    """The label of a field of a section, or its own name when it has none."""
    text = FIELD_TEXTS.get(f"{owner}.{name}")
    if text is None:
        return name
    return text.ru if language == "ru" else text.en


COLLECTION_TEXTS: Mapping[str, CollectionText] = {
    "site": CollectionText(
        "Офис", "Офис", "Office", "Office",
        "Сам офис и то, что действует для всех.",
        "The office itself, and what holds for everybody.",
    ),
    "dialling": CollectionText(
        "План набора", "План набора", "Dial profile", "Dial profile",
        "Как в этом офисе набирают номера.",
        "How numbers are dialled in this office.",
    ),
    "provisioning": CollectionText(
        "Настройка телефонов", "Настройка телефонов", "Setting up of phones",
        "Setting up of phones",
        "Как станция настраивает телефоны.",
        "How the box sets phones up.",
    ),
    "classes": CollectionText(
        "Класс доступа", "Классы доступа", "Class of service", "Classes of service",
        "Куда номерам разрешено звонить. Экстренные номера открыты всегда.",
        "Where extensions may call. Emergency numbers are always open.",
    ),
    "extensions": CollectionText(
        "Номер", "Внутренние номера", "Extension", "Extensions",
        "Внутренние номера и их телефоны.",
        "The office's own numbers and their phones.",
    ),
    "trunks": CollectionText(
        "Транк", "Транки", "Trunk", "Trunks",
        "Выходы в город через оператора SIP.",
        "Ways outside through a SIP provider.",
    ),
    "lines": CollectionText(
        "Провод или SIM", "Провода и SIM", "Line", "Lines",
        "Провода и SIM-карты: телефоны офиса (FXS), городские линии (FXO), сотовая связь.",
        "Wires and SIMs: telephones of the office (FXS), city lines (FXO), cellular.",
    ),
    "rules": CollectionText(
        "Правило", "Правила", "Rule", "Rules",
        "Какие вызовы какими путями уходят; действует первое подходящее правило сверху.",
        "Which calls leave by which ways; the first rule from the top that fits is used.",
    ),
    "dids": CollectionText(
        "Городской номер", "Городские номера", "Outside number", "Outside numbers",
        "Номера офиса в городе и что по ним звонит.",
        "The office's numbers outside and what they ring.",
    ),
    "phones": CollectionText(
        "Телефон", "Телефоны", "Phone", "Phones",
        "Настольные телефоны, которые станция настраивает сама.",
        "Desk phones that the box sets up by itself.",
    ),
}  # fmt: skip
