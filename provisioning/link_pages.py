"""What a link for a softphone says to people: in a browser that opened it, or when it is used up.

PURE. Texts in Russian and English; a page has no script, no style and nothing from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

HTML = "text/html; charset=utf-8"
_TEXTS: Mapping[str, Mapping[str, str]] = {
    "used": {
        "ru": "Эта ссылка уже использована: она служит один раз. Сделайте новую: страница "
        "внутреннего номера, «Подключить программу-телефон».",
        "en": "This link was used already: it serves once. Make a new one: the page of the "
        "extension, “Connect a softphone”.",
    },
    "late": {
        "ru": "Время этой ссылки вышло: она живёт пять минут. Сделайте новую: страница "
        "внутреннего номера, «Подключить программу-телефон».",
        "en": "This link is too old: it lives for five minutes. Make a new one: the page of the "
        "extension, “Connect a softphone”.",
    },
    "for_program": {
        "ru": "Эта ссылка для программы {title}, а не для браузера. Она ещё не использована: "
        "отсканируйте код в самой программе или вставьте ссылку туда.",
        "en": "This link is for {title}, not for a browser. It is not used up: scan the code "
        "inside that program, or paste the link there.",
    },
    "for_person": {
        "ru": "Строка с настройками для {title}, с паролем. Она показывается один раз: "
        "скопируйте её и вставьте в программу.",
        "en": "A line of settings for {title}, with the password. It is shown once: copy it, and "
        "paste it into the program.",
    },
    "show": {"ru": "Показать", "en": "Show it"},
}


def refusal(why: str, language: str) -> bytes:
    """A line for whoever comes too late. why: ``used`` or ``late``."""
    return (_text(why, language) + "\n").encode()


def page(title: str, language: str, show: str = "") -> bytes:
    """For a browser. title: of the program; show: where the settings are, if a person takes them
    over."""
    said = _text("for_person" if show else "for_program", language).format(title=title)
    link = f'<p><a href="{escape(show)}">{_text("show", language)}</a></p>' if show else ""
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    body = f"<h1>{escape(title)}</h1><p>{escape(said)}</p>{link}"
    text = f'<!doctype html><html lang="{language}"><head>{head}<title>{escape(title)}</title>'
    return f"{text}</head><body>{body}</body></html>\n".encode()


def _text(key: str, language: str) -> str:
    texts = _TEXTS[key]
    return texts.get(language, texts["en"])
