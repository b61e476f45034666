"""Poly VVX and Edge E: a master file names the file of settings, attributes carry the parameters.

Order: ``{mac}.cfg``, else ``000000000000.cfg``; then what CONFIG_FILES names, then the phone's own
copies. The phone does not tell its MAC in its User-Agent.
"""

from __future__ import annotations

from dataclasses import replace

from tests.kit.desk_phones.family import Family, Line, PhoneKey, Understood, numbered
from tests.kit.desk_phones.parsers import Config, attributes_of_one, root_of

_DST = "tcpIpApp.sntp.daylightSavings"
_KNOWN = (
    r"(APP_FILE_PATH|CONFIG_FILES|MISC_FILES|(LOG_FILE|OVERRIDES|CONTACTS)_DIRECTORY)",
    r"device\.set",
    r"device\.net\.vlanId(\.set)?",
    r"device\.auth\.localAdminPassword(\.set)?",
    r"device\.prov\.(serverName|serverType|user|password)(\.set)?",
    r"tcpIpApp\.sntp\.(address|gmtOffset)(\.overrideDHCP)?",
    r"tcpIpApp\.sntp\.daylightSavings\.(enable|fixedDayEnable)",
    r"tcpIpApp\.sntp\.daylightSavings\.(start|stop)\.(month|date|dayOfWeek|time)",
    r"tcpIpApp\.sntp\.daylightSavings\.(start|stop)\.dayOfWeek\.lastInMonth",
    r"lcl\.ml\.lang",
    r"tone\.dtmf\.(viaRtp|rfc2833Control|rfc2833Payload)",
    r"voIpProt\.SIP\.(dtmfViaSignaling\.rfc2976|specialEvent\.checkSync\.alwaysReboot)",
    r"call\.directedCallPickup(Method|String)",
    r"dialplan\.digitmap",
    r"reg\.\d+\.(address|auth\.userId|auth\.password|displayName|label)",
    r"reg\.\d+\.server\.1\.(address|port|transport|expires|register)",
    r"msg\.mwi\.\d+\.(subscribe|callBackMode|callBack)",
    r"voice\.codecPref\.(G711_A|G711_Mu|G722|G729_AB|Opus\.24kbps)",
    r"attendant\.resourceList\.\d+\.(address|label|type)",
)
_TRANSPORTS = {"UDPOnly": "udp", "TCPOnly": "tcp", "TLS": "tls"}
_CODECS = {"G711_A": "pcma", "G711_Mu": "pcmu", "G722": "g722", "G729_AB": "g729"}


def read(octets: bytes) -> Config:
    """The attributes of the master file or of the file of settings."""
    if b"<APPLICATION" in octets:
        return dict(root_of(octets, "APPLICATION").attrib)
    return attributes_of_one(root_of(octets, "polycomConfig"))


def understand(config: Config) -> Understood:
    """What a Poly does with these parameters."""
    get = config.get
    order = {int(place): name for name, place in _preferences(config) if place != "0"}
    kind = {"HTTP": "http", "HTTPS": "https"}.get(get("device.prov.serverType", ""), "")
    is_set = get("device.set") == "1" and get("device.prov.serverName.set") == "1"
    info = get("voIpProt.SIP.dtmfViaSignaling.rfc2976") == "1"
    is_by_code = get("call.directedCallPickupMethod") == "legacy"
    return Understood(
        lines={n: _line(config, n) for n in numbered(config, "reg.#.address")},
        admin_password=get("device.auth.localAdminPassword"),
        ntp=get("tcpIpApp.sntp.address"),
        offset_s=int(get("tcpIpApp.sntp.gmtOffset", "0")),
        dst=_dst(config),
        language={"R": "ru", "E": "en"}[get("lcl.ml.lang", "E")[0]],
        codecs=tuple(_CODECS[name] for _, name in sorted(order.items())),
        dtmf="info" if info else "rfc4733",
        keys={
            n: PhoneKey(
                "blf",
                value,
                get(f"attendant.resourceList.{n}.label", ""),
                1,
                get("call.directedCallPickupString", "") + value if is_by_code else "",
            )
            for n, value in numbered(config, "attendant.resourceList.#.address").items()
        },
        voicemail=get("msg.mwi.1.callBack", ""),
        vlan=int(get("device.net.vlanId") or 0),
        resync_url=f"{kind}://{get('device.prov.serverName')}/" if is_set else None,
        resync_user=get("device.prov.user"),
        resync_password=get("device.prov.password"),
        digit_map=tuple(
            rule for rule in get("dialplan.digitmap", "").split("|") if not rule.endswith(".T")
        ),
    )


def _preferences(config: Config) -> list[tuple[str, str]]:
    head = "voice.codecPref."
    return [(n.removeprefix(head), v) for n, v in config.items() if n.startswith(head)]


def _line(config: Config, n: int) -> Line:
    server = f"reg.{n}.server.1."
    return Line(
        user=config[f"reg.{n}.address"],
        auth=config[f"reg.{n}.auth.userId"],
        password=config.get(f"reg.{n}.auth.password", ""),
        name=config.get(f"reg.{n}.displayName", ""),
        label=config.get(f"reg.{n}.label", ""),
        server=config[server + "address"],
        port=int(config[server + "port"]),
        transport=_TRANSPORTS[config[server + "transport"]],
        expires_s=int(config[server + "expires"]),
    )


def _dst(config: Config) -> str:
    if config[f"{_DST}.enable"] == "0":
        return ""
    changes = []
    for word in ("start", "stop"):
        month, date, day, last = (
            config[f"{_DST}.{word}.{part}"]
            for part in ("month", "date", "dayOfWeek", "dayOfWeek.lastInMonth")
        )
        week = 5 if last == "1" else (int(date) + 6) // 7
        changes.append(f"{month}/{week}/{int(day) - 1}")
    return " ".join(changes)


def _adapts(whole: Understood) -> Understood:
    """Watched numbers only, and the firmware is the maker's own."""
    keys = {n: key for n, key in (whole.keys or {}).items() if key.kind == "blf"}
    return replace(whole, keys=keys)


VVX450 = Family(
    brand="poly",
    model="VVX450",
    mac="64167f450450",
    agent="FileTransport PolycomVVX-VVX_450-UA/6.4.6.2453 Type/Application",
    files=("{mac}.cfg", "{mac}-settings.cfg", "{mac}-phone.cfg", "{mac}-web.cfg"),
    read=read,
    understand=understand,
    known=_KNOWN,
    adapts=_adapts,
    reread="check-sync",
)
FAMILIES = (VVX450,)
