"""A document checked for saving: the pure checks, and what only this box knows.

Reads the machine's time zone list and the data files of presets. Everybody who saves or applies a
document asks here: the command line, the web pages, the store.
"""

from __future__ import annotations

from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from appliance.config.codec import item_path
from appliance.config.model import Document, Trunk
from appliance.config.presets import countries, numbering, provider_names
from appliance.config.validate import check
from appliance.errors import Problem

_NOT_LISTED = ("posix", "right/")  # posixrules, and the same zones with other seconds


@lru_cache(maxsize=1)  # who saves has asked already, and the store asks once more
def problems_of(document: Document) -> tuple[Problem, ...]:
    """Every problem and warning of a document on this box."""
    country = document.site.country
    plan = numbering(country if country in countries() else countries()[0])
    found = check(document, plan)
    if all(problem.path != "site.timezone" for problem in found):  # once is enough
        found = (*found, *_unknown_timezone(document))
    return (*found, *_unknown_presets(document))


def _unknown_timezone(document: Document) -> tuple[Problem, ...]:
    timezone = document.site.timezone
    if not timezone or _is_here(timezone) or not _timezones() or timezone in _timezones():
        return ()
    return (Problem("timezone.unknown", "site.timezone", {"value": timezone[:40]}),)


def _unknown_presets(document: Document) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            "trunk.preset.unknown",
            item_path("trunks", Trunk, trunk, index) + ".preset",
            {"value": trunk.preset},
            is_warning=True,
        )
        for index, trunk in enumerate(document.trunks)
        if trunk.preset and trunk.preset not in provider_names()
    )


def _is_here(timezone: str) -> bool:
    """Whether this machine has the zone under a name that its list may have: to make that list,
    hundreds of files are opened."""
    if timezone.startswith(_NOT_LISTED):
        return False
    try:
        ZoneInfo(timezone)
    except (KeyError, OSError, ValueError):  # KeyError: there is none; OSError: it is a folder
        return False
    return True


@cache
def _timezones() -> frozenset[str]:
    """Time zones of this machine; empty where it has no list, and then any name is taken."""
    return frozenset(available_timezones())
