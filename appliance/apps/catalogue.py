"""All apps by the name that a decision calls them by.

PURE. Explicit on purpose: an app that is not listed here does not exist.
"""

from __future__ import annotations

from appliance.apps.announcement import announcement
from appliance.apps.echo import echo
from appliance.apps.line import Apps
from appliance.apps.message import message
from appliance.apps.way_chosen import way_chosen

APPS: Apps = {
    "announcement": announcement,
    "echo": echo,
    "message": message,
    "way_chosen": way_chosen,
}
