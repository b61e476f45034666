"""Who may open what: one table of routes and roles (requirement 000.20).

PURE. A route that is not in the table is closed to everybody: the gate answers as if it did not
exist, and a test of the whole URL map fails. Keys are Flask's endpoint names, ``noun.verb``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Role(Enum):
    """What an account is for; ANONYMOUS is whoever has not signed in."""

    ADMIN = "admin"
    INSTALLER = "installer"
    SUPERVISOR = "supervisor"
    USER = "user"
    ANONYMOUS = "anonymous"


#: Roles that an account may have, from the widest to the narrowest.
ROLES = (Role.ADMIN, Role.INSTALLER, Role.SUPERVISOR, Role.USER)

EVERYBODY = frozenset(Role)
SIGNED_IN = frozenset(ROLES)
WATCHING = frozenset({Role.ADMIN, Role.INSTALLER, Role.SUPERVISOR})
SETTING_UP = frozenset({Role.ADMIN, Role.INSTALLER})
ADMIN_ONLY = frozenset({Role.ADMIN})
NOT_SIGNED_IN = frozenset({Role.ANONYMOUS})

ACCESS: Mapping[str, frozenset[Role]] = {
    "static": EVERYBODY,
    "session.login": EVERYBODY,
    "session.logout": SIGNED_IN,
    "session.language": EVERYBODY,
    "claim.claim": EVERYBODY,
    "home.index": SIGNED_IN,
    "account.index": SIGNED_IN,
    "account.password": SIGNED_IN,
    "account.end": SIGNED_IN,
    "people.index": ADMIN_ONLY,
    "people.add": ADMIN_ONLY,
    "people.role": ADMIN_ONLY,
    "people.password": ADMIN_ONLY,
    "people.remove": ADMIN_ONLY,
    "wizard.index": SETTING_UP,
    "wizard.office": SETTING_UP,
    "wizard.dialling": SETTING_UP,
    "wizard.preview": SETTING_UP,
    "wizard.extensions": SETTING_UP,
    "wizard.trunk": SETTING_UP,
    "wizard.summary": SETTING_UP,
    "wizard.done": SETTING_UP,
    "audit.index": ADMIN_ONLY,
    "status.index": WATCHING,
    "status.live": WATCHING,
    "status.hang_up": SETTING_UP,
    "extensions.index": WATCHING,
    "extensions.live": WATCHING,
    "extensions.new": SETTING_UP,
    "extensions.show": WATCHING,
    "extensions.edit": SETTING_UP,
    "extensions.secret": SETTING_UP,
    "extensions.renew": SETTING_UP,
    "extensions.remove": SETTING_UP,
    "forwarding.edit": SETTING_UP,
    "forwarding.end": SETTING_UP,
    "voicemail.index": SETTING_UP,
    "voicemail.sound": SETTING_UP,
    "voicemail.mark": SETTING_UP,
    "voicemail.remove": SETTING_UP,
    "phone_sheet.show": WATCHING,
    "phone_sheet.reveal": SETTING_UP,
    "softphones.choose": SETTING_UP,
    "softphones.connect": SETTING_UP,
    "softphones.live": SETTING_UP,
    "sheet.open": EVERYBODY,
    "trunks.index": WATCHING,
    "trunks.live": WATCHING,
    "trunks.new": SETTING_UP,
    "trunks.edit": SETTING_UP,
    "trunks.remove": SETTING_UP,
    "phones.index": WATCHING,
    "phones.live": WATCHING,
    "phones.requests": WATCHING,
    "phones.show": WATCHING,
    "phones.new": SETTING_UP,
    "phones.edit": SETTING_UP,
    "phones.keys": SETTING_UP,
    "phones.claim": SETTING_UP,
    "phones.order": SETTING_UP,
    "phones.login": SETTING_UP,
    "phones.remove": SETTING_UP,
    "phones.find": SETTING_UP,
    "phones.check_router": SETTING_UP,
    "lines.index": WATCHING,
    "lines.live": WATCHING,
    "lines.new": SETTING_UP,
    "lines.edit": SETTING_UP,
    "lines.remove": SETTING_UP,
    "lines.play": SETTING_UP,
    "lines.doctor": SETTING_UP,
    "lines.doctor_live": SETTING_UP,
    "lines.follow": SETTING_UP,
    "lines.messages": SETTING_UP,
    "lines.send": ADMIN_ONLY,
    "numbers.index": WATCHING,
    "numbers.new": SETTING_UP,
    "numbers.edit": SETTING_UP,
    "numbers.remove": SETTING_UP,
    "rules.index": WATCHING,
    "rules.new": SETTING_UP,
    "rules.edit": SETTING_UP,
    "rules.up": SETTING_UP,
    "rules.remove": SETTING_UP,
    "classes.index": WATCHING,
    "classes.edit": SETTING_UP,
    "classes.countries": SETTING_UP,
    "office.index": SETTING_UP,
    "spending.index": WATCHING,
    "spending.live": WATCHING,
    "journal.index": WATCHING,
    "journal.call": WATCHING,
    "journal.export": WATCHING,
    "try_number.index": WATCHING,
    "alerts.index": WATCHING,
    "alerts.live": WATCHING,
    "bans.index": WATCHING,
    "bans.live": WATCHING,
    "bans.lift": SETTING_UP,
    "history.index": SETTING_UP,
    "history.show": SETTING_UP,
    "history.revert": SETTING_UP,
}


def may(role: Role, endpoint: str | None) -> bool:
    """Whether a role may open a route; an unknown route is nobody's."""
    return role in ACCESS.get(endpoint or "", frozenset())
