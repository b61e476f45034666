"""Numbering plans, providers and classes of service as data files, and what reads them.

Owns nothing: the files come with the program. Callers use the names below, not the modules.
"""

from appliance.config.presets.factory import class_titles, factory_document
from appliance.config.presets.loader import countries, make_snapshot, numbering
from appliance.config.presets.provider import Provider, provider, provider_names, providers

__all__ = [
    "Provider",
    "class_titles",
    "countries",
    "factory_document",
    "make_snapshot",
    "numbering",
    "provider",
    "provider_names",
    "providers",
]
