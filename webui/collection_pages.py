"""What the pages of every plain collection of the settings do alike: add, change, raise, remove.

Owns nothing. For collections whose key is a field of their form (collection.py): outside numbers,
rules. A view says which fields and words are its own, and draws its list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, request
from werkzeug.wrappers import Response

from appliance.config.codec import Decoded
from appliance.config.model import COLLECTIONS
from webui import box, collection, entity_form, paging, saving
from webui.forms import Form
from webui.i18n import language

Answer = str | Response | tuple[str, int]
Choices = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class CollectionPages:
    """index: the endpoint of the list; draw: the list with a form on it, for what was refused."""

    collection: str
    fields: tuple[str, ...]
    index: str
    draw: Callable[[Form], str]

    def edit(
        self, key: str, said: Callable[[str], str], new: str, lead: str, **choices: Any
    ) -> Answer:
        """The form of one, or of a new one (an empty key), and saving it.

        said: key -> the note of the save; new: the title of a new one; choices: of its fields.
        """
        document = box.settings()[1]
        item = collection.found(document, self.collection, key) if key else None
        if key and item is None:
            abort(404)
        form = Form(values=request.form or self._known(item))
        if request.method == "POST":
            key_field = COLLECTIONS[self.collection][1]
            typed = entity_form.typed(self.collection, key_field, form.value(key_field))
            wanted = collection.with_form(document, self.collection, key, self.fields, form.values)
            find = entity_form.finder(self.collection, typed, self.fields)
            if saving.keep(form, wanted, find, str(said(typed))):
                return redirect(self._address_of(typed))
        views = entity_form.views(self.collection, self.fields, language(), choices)
        title, index = key or new, self._address_of(key)
        return saving.form_page(
            "entity.html", form, title=title, lead=lead, index=index, views=views
        )

    def keep(self, wanted: Decoded, note: str, key: str) -> Answer:
        """Save what a button asked for at this row; the list says why it was refused."""
        form, address = Form(), self._address_of(key)
        if saving.keep(form, wanted, {}, note) is None:
            return self.draw(form), 409
        return redirect(address)

    def _address_of(self, key: str) -> str:
        """The page of the list on which the row of that key stands now."""
        rows, key_field = (
            getattr(box.settings()[1], self.collection),
            COLLECTIONS[self.collection][1],
        )
        return paging.address_of(self.index, (getattr(row, key_field) for row in rows), key)

    def _known(self, item: Any) -> Mapping[str, str]:
        if item is None:
            return entity_form.blank(self.collection, self.fields)
        return entity_form.values_of(item, self.fields)
