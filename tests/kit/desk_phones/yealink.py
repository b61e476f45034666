"""Yealink phones: key = value files, BLF as type 16, the MD5 of a file decides whether it is read.

Order since V81: ``{mac}.boot``, ``y000000000000.boot``, and where neither is there ``yNN.cfg`` and
``{mac}.cfg``; then its own copies.
"""

from __future__ import annotations

from dataclasses import replace

from tests.kit.desk_phones.family import Family, Line, PhoneKey, Understood, numbered
from tests.kit.desk_phones.parsers import Config, key_value

_KNOWN = (
    r"account\.\d+\.(enable|label|display_name|user_name|auth_name|password|subscribe_mwi)",
    r"account\.\d+\.sip_server\.1\.(address|port|transport_type|expires)",
    r"account\.\d+\.dtmf\.(type|dtmf_payload)",
    r"account\.\d+\.nat\.udp_update_enable",
    r"account\.\d+\.codec\.(pcma|pcmu|g722|g729|opus)\.(enable|priority)",
    r"voice_mail\.number\.\d+",
    r"local_time\.(ntp_server[12]|time_zone|summer_time|dst_time_type|start_time|end_time)",
    r"local_time\.(time_format|date_format)",
    r"lang\.(gui|wui)",
    r"voice\.tone\.country",
    r"phone_setting\.inter_digit_time",
    r"linekey\.\d+\.(type|line|value|label|extension)",
    r"expansion_module\.[1-6]\.key\.([1-9]|[1-5]\d|60)\.(type|line|value|label|extension)",
    r"remote_phonebook\.data\.\d\.(url|name)",
    r"features\.remote_phonebook\.enable",
    r"features\.pickup\.(group|direct)_pickup_(enable|code)",
    r"dialplan\.dialnow\.rule\.\d+",
    r"static\.network\.vlan\.internet_port_(enable|vid)",
    r"static\.firmware\.url",
    r"static\.security\.user_password",
    r"static\.auto_provision\.(server\.(url|username|password)|pnp_enable|power_on)",
    r"static\.auto_provision\.repeat\.(enable|minutes)",
    r"sip\.(notify_reboot_enable|trust_ctrl)",
    r"handset\.\d+\.(name|incoming_lines|dial_out_lines)",
)
_TRANSPORTS = {"0": "udp", "1": "tcp", "2": "tls"}
_DTMF = {"0": "inband", "1": "rfc4733", "2": "info"}
_KEYS = {"15": "line", "16": "blf", "13": "speed_dial", "10": "park", "11": "dtmf", "17": "url"}


def understand(config: Config) -> Understood:
    """What a Yealink does with these parameters."""
    get = config.get
    lines = {
        n: Line(
            user=get(f"account.{n}.user_name", ""),
            auth=get(f"account.{n}.auth_name", ""),
            password=get(f"account.{n}.password", ""),
            name=get(f"account.{n}.display_name", ""),
            label=get(f"account.{n}.label", ""),
            server=get(f"account.{n}.sip_server.1.address", ""),
            port=int(get(f"account.{n}.sip_server.1.port", "5060")),
            transport=_TRANSPORTS[get(f"account.{n}.sip_server.1.transport_type", "0")],
            expires_s=int(get(f"account.{n}.sip_server.1.expires", "3600")),
        )
        for n, enable in numbered(config, "account.#.enable").items()
        if enable == "1"
    }
    order = {int(get(f"account.1.codec.{c}.priority", "0")): c for c in _enabled(config)}
    user, _, password = get("static.security.user_password", "").partition(":")
    return Understood(
        lines=lines,
        admin_password=password if user == "admin" else None,
        ntp=get("local_time.ntp_server1"),
        offset_s=_offset(get("local_time.time_zone", "+0")),
        dst=_dst(config),
        language={"Russian": "ru", "English": "en"}[get("lang.gui", "English")],
        tones={"Russia": "RU", "United States": "US"}[get("voice.tone.country", "United States")],
        codecs=tuple(codec for _, codec in sorted(order.items())),
        dtmf=_DTMF[get("account.1.dtmf.type", "1")],
        keys=_keys(config),
        voicemail=get("voice_mail.number.1", ""),
        book_url=get("remote_phonebook.data.1.url", ""),
        vlan=int(get("static.network.vlan.internet_port_vid") or 0),
        firmware_url=get("static.firmware.url", ""),
        resync_url=get("static.auto_provision.server.url"),
        resync_user=get("static.auto_provision.server.username"),
        resync_password=get("static.auto_provision.server.password"),
        pickup_code=get("features.pickup.group_pickup_code", ""),
        digit_map=tuple(
            rule.replace(",", "") for rule in numbered(config, "dialplan.dialnow.rule.#").values()
        ),
    )


def _enabled(config: Config) -> list[str]:
    names = ("pcma", "pcmu", "g722", "g729", "opus")
    return [name for name in names if config.get(f"account.1.codec.{name}.enable") == "1"]


def _offset(text: str) -> int:
    hours, _, minutes = text.lstrip("+-").partition(":")
    return (int(hours) * 3600 + int(minutes or 0) * 60) * (-1 if text[0] == "-" else 1)


def _dst(config: Config) -> str:
    """Months, weeks and weekdays between which summer time is."""
    if config.get("local_time.summer_time") != "1":
        return ""
    if config.get("local_time.dst_time_type") != "1":
        return "by date"
    parts = (config[f"local_time.{name}"].split("/") for name in ("start_time", "end_time"))
    return " ".join(f"{month}/{week}/{int(day) % 7}" for month, week, day, _ in parts)


def _keys(config: Config, own: int = 27, of_module: int = 60) -> dict[int, PhoneKey]:
    """Keys beside the screen, and behind them those of the expansion modules."""
    places = {n: f"linekey.{n}" for n in range(1, own + 1)}
    for n in range(6 * of_module):
        module, key = divmod(n, of_module)
        places[own + 1 + n] = f"expansion_module.{module + 1}.key.{key + 1}"
    return {
        n: PhoneKey(
            kind=_KEYS[config[f"{place}.type"]],
            value=config.get(f"{place}.value", ""),
            label=config.get(f"{place}.label", ""),
            line=int(config.get(f"{place}.line", "1")),
            pickup=config.get(f"{place}.extension", ""),
        )
        for n, place in places.items()
        if config.get(f"{place}.type", "0") != "0"
    }


T46U = Family(
    brand="yealink",
    model="T46U",
    mac="805ec0a1b2c3",
    agent="Yealink SIP-T46U 108.86.0.20 80:5e:c0:a1:b2:c3",
    files=("{mac}.boot", "y000000000000.boot", "y000000000{code}.cfg", "{mac}.cfg"),
    read=key_value,
    understand=understand,
    known=_KNOWN,
    code="108",
    pnp={"vendor": "Yealink", "model": "T46U", "version": "108.86.0.20"},
)
T31P = replace(
    T46U,
    model="T31P",
    mac="001565000031",
    agent="Yealink SIP-T31P 124.86.0.40 00:15:65:00:00:31",
    code="123",
    pnp={},
)
T54W = replace(
    T46U,
    model="T54W",
    mac="805ec0540054",
    agent="Yealink SIP-T54W 96.86.0.100 805ec0540054",
    code="096",
    pnp={},
)
W70B = replace(
    T46U,
    model="W70B",
    mac="805ec0700070",
    agent="Yealink W70B 146.87.0.15 80:5e:c0:70:00:70",
    code="146",
    pnp={},
)
FAMILIES = (T46U, T31P, T54W, W70B)
