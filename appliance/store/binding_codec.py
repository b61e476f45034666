"""A binding as a row of ``bindings`` and back.

Owns nothing. What was measured (round trips) is not kept, nor which stream a phone used: it is gone
with the process.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any

from appliance.sip.binding import Binding
from appliance.sip.events import Hop, Transport
from appliance.store.checksum import seal, unseal

COLUMNS = ("key", "address_of_record", "expires_at", "detail")
_JSON = {False: "false", True: "true"}


def encode_binding(binding: Binding) -> tuple[str, str, float, str]:
    """The values of COLUMNS.

    JSON in ASCII brings back any octets that a phone put into its names (surrogates here); it is
    written by hand, since each registration pays for it.
    """
    hop = binding.hop
    detail = (
        f'{{"contact_uri":{_quoted(binding.contact_uri)},"call_id":{_quoted(binding.call_id)},'
        f'"cseq":{binding.cseq},"q":{binding.q},"user_agent":{_quoted(binding.user_agent)},'
        f'"instance":{_quoted(binding.instance)},"reg_id":{_quoted(binding.reg_id)},'
        f'"path":[{",".join([_quoted(via) for via in binding.path])}],'
        f'"is_behind_nat":{_JSON[binding.is_behind_nat]},'
        f'"is_reachable":{_JSON[binding.is_reachable]},"why":{_quoted(binding.why)},'
        f'"hop":["{hop.transport.value}",{_quoted(hop.host)},{hop.port}]}}'
    )
    row = (binding.key, binding.address_of_record, binding.expires_at)
    return *row, seal(detail, *row)


def decode_binding(row: Sequence[Any]) -> Binding:
    """Raises ValueError and its like for a row that rotted."""
    key, address_of_record, expires_at, text = row
    values = json.loads(unseal(text, key, address_of_record, expires_at))
    transport, host, port = values.pop("hop")
    values["path"] = tuple(values["path"])
    return Binding(
        key=key,
        address_of_record=address_of_record,
        expires_at=expires_at,
        hop=Hop(Transport(transport), host, port),
        **values,
    )
