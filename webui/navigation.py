"""The menu: which pages there are, in order; each reader sees those that his role may open."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from webui.access import may
from webui.visitor import visitor
from webui.words import N_


@dataclass(frozen=True, slots=True)
class Item:
    """An entry; icon: a symbol of static/icons.svg."""

    endpoint: str
    title: str
    icon: str

    @property
    def is_current(self) -> bool:
        """Whether the page that is shown belongs to it."""
        return request.blueprint == self.endpoint.partition(".")[0]


ITEMS = (
    Item("status.index", N_("Status"), "pulse"),
    Item("extensions.index", N_("Extensions"), "phone"),
    Item("phones.index", N_("Phones"), "desk"),
    Item("trunks.index", N_("Trunks"), "trunk"),
    Item("lines.index", N_("Lines"), "wire"),
    Item("numbers.index", N_("Outside numbers"), "in"),
    Item("rules.index", N_("Rules"), "out"),
    Item("classes.index", N_("Who may call where"), "globe"),
    Item("journal.index", N_("Journal"), "journal"),
    Item("try_number.index", N_("Try a number"), "route"),
    Item("spending.index", N_("Paid calls"), "inside"),
    Item("alerts.index", N_("Alerts"), "bell"),
    Item("bans.index", N_("Shut out"), "key"),
    Item("history.index", N_("Changes"), "history"),
    Item("office.index", N_("Office"), "edit"),
    Item("wizard.index", N_("Set-up"), "wizard"),
    Item("people.index", N_("People"), "people"),
    Item("audit.index", N_("Audit log"), "shield"),
)


def navigation() -> list[Item]:
    """The entries for who asks; a page that does not exist yet is in no table and not shown."""
    return [item for item in ITEMS if may(visitor().role, item.endpoint)]
