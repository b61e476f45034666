"""The views: one module a noun, each with its blueprint ``page``."""

from __future__ import annotations

from flask import Blueprint

from webui.views import (
    account,
    alerts,
    audit,
    bans,
    claim,
    classes,
    extensions,
    forwarding,
    history,
    home,
    journal,
    lines,
    numbers,
    office,
    people,
    phone_sheet,
    phones,
    rules,
    session,
    sheet,
    softphones,
    spending,
    status,
    trunks,
    try_number,
    wizard_trunk,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.page,
    session.page,
    claim.page,
    status.page,
    extensions.page,
    forwarding.page,
    phones.page,
    trunks.page,
    lines.page,
    numbers.page,
    rules.page,
    classes.page,
    office.page,
    spending.page,
    sheet.page,
    softphones.page,
    phone_sheet.page,
    journal.page,
    try_number.page,
    alerts.page,
    bans.page,
    history.page,
    account.page,
    people.page,
    audit.page,
    wizard_trunk.page,  # the wizard's, with this last step
)
