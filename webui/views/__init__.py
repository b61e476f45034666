"""The views: one module a noun, each with its blueprint ``page``."""

from __future__ import annotations

from flask import Blueprint

from webui.views import account, audit, claim, home, people, session, status

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.page,
    session.page,
    claim.page,
    status.page,
    account.page,
    people.page,
    audit.page,
)
