"""Keeps the catalogs of the web pages: ``python scripts/translations.py`` after changing a text.

Reads the templates and the Python files of webui/ for ``_()``, ``gettext()``, ``ngettext()`` and
``N_()``; new texts join webui/translations/*/LC_MESSAGES/messages.po, texts that nobody uses leave.
English is filled in by itself; what is missing in Russian is listed, and the exit code is 1 until
it is there.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

WEBUI = Path(__file__).resolve().parents[1] / "webui"
LANGUAGES = ("ru", "en")
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "N_": None,
    "ngettext": (1, 2),
}
_METHODS = {".py": "python", ".html": "jinja2.ext:babel_extract"}
Text = str | tuple[str, ...]


def texts() -> Iterator[tuple[Text, str]]:
    """Every text that is used, and the file that uses it."""
    for path in sorted(WEBUI.rglob("*")):
        method = _METHODS.get(path.suffix)
        if method is None:
            continue
        options = {"trimmed": "true", "silent": "false"} if path.suffix == ".html" else {}
        with path.open("rb") as file:
            for _, text, _, _ in extract(method, file, _KEYWORDS, (), options):
                yield text, str(path.relative_to(WEBUI))


def catalog_path(language: str) -> Path:
    """Where the texts of a language are kept."""
    return WEBUI / "translations" / language / "LC_MESSAGES" / "messages.po"


def read_catalog(language: str) -> Catalog:
    """The catalog as it is on the disk; empty when there is none."""
    path = catalog_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str) -> Catalog:
    """The catalog with the texts that are used now, and no others."""
    old = read_catalog(language)
    new = Catalog(locale=language, fuzzy=False)
    for text in sorted({text for text, _ in texts()}, key=str):
        known = old.get(text if isinstance(text, str) else text[0])
        is_known = known is not None and known.id == text
        new.add(text, known.string if is_known and known else (text if language == "en" else None))
    return new


def missing(catalog: Catalog) -> list[Text]:
    """Texts of a catalog without a translation, or with a form of it missing."""
    found = []
    for message in catalog:
        if not message.id:
            continue
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if not all(forms) or (not isinstance(message.id, str) and len(forms) < catalog.num_plurals):
            found.append(message.id)
    return found


def as_bytes(catalog: Catalog) -> bytes:
    """The catalog as its file holds it: sorted, and without anything that changes by itself."""
    written = io.BytesIO()
    write_po(written, catalog, width=100, no_location=True, omit_header=True, sort_output=True)
    fields = {
        "Content-Type": "text/plain; charset=utf-8",
        "Language": str(catalog.locale),
        "Plural-Forms": catalog.plural_forms,
    }
    lines = [f'"{name}: {value}\\n"\n' for name, value in fields.items()]
    head = "".join(['msgid ""\nmsgstr ""\n', *lines, "\n"])
    return head.encode() + written.getvalue()


def main() -> int:
    """Renew both catalogs; 1 when a translation is missing."""
    lacking: list[Text] = []
    for language in LANGUAGES:
        catalog = renewed(language)
        catalog_path(language).parent.mkdir(parents=True, exist_ok=True)
        catalog_path(language).write_bytes(as_bytes(catalog))
        lacking += missing(catalog)
    for text in lacking:
        print(f"no Russian: {text}", file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(main())
