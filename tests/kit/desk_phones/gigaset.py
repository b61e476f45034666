"""Gigaset DECT bases: N670/N870 by parameters with names, N510/N720 by symbols of their memory."""

from __future__ import annotations

from dataclasses import replace

from tests.kit.desk_phones.family import Family, Line, Understood, numbered
from tests.kit.desk_phones.parsers import Config, named, root_of
from tests.kit.processes import KitError

_N870 = (
    r"Telephony\.0\.ToneScheme|DmGlobal\.0\.(NtpServer|TimeZone)|WebUIAccounts\.1\.Password",
    r"Provisioning\.global\.ProvisioningServer",
    r"SipProvider\.0\.(Name|Domain|(Proxy|Reg)Server(Address|Port)|RegServerRefreshTimer)",
    r"SipProvider\.0\.(TransportProtocol|DTMFTransmission|MWISubscription|OutboundProxyMode)",
    r"SipAccount\.\d{5}\.(ProviderId|AuthName|AuthPassword|UserName|DisplayName)",
    r"SipAccount\.\d{5}\.VoiceMail(Mailbox|Active)|add_hs\.\d{5}",
)
_N510 = (
    r"MAC_ADDRESS|BS_AE_SwConfig\.ucCountryCodeTone|BS_IP_Data\.ucB_AUTO_UPDATE_PROFILE",
    r"BS_IP_Data1\.(aucS_TIME_NTP_SERVER|uiI_TIME_TIMEZONE|ucB_TIME_USE_AUTOMATIC_DST)",
    r"BS_IP_Data1\.aucS_SIP_(ACCOUNT_NAME_\d|(DISPLAYNAME|PASSWORD|USER_ID|DOMAIN|SERVER)(_\d)?)",
    r"BS_IP_Data1\.(aucS_SIP_REGISTRAR|uiI_SIP_(SERVER|REGISTRAR)_PORT)(_\d)?",
    r"BS_IP_Data1\.aucS_DATA_SERVER\[0\]",
    r"BS_IP_Data3\.aucS_SIP_LOGIN_ID(_\d)?|BS_IP_Data1\.uiI_RE_REGISTRATION_TIMER(_\d)?",
    r"BS_IP_Data1\.(ucB_SIP_ACCOUNT_IS_ACTIVE|(aucS|ucB)_VOIP_NET_AM_(NUMBER|ENABLED))_\d+",
)
_TRANSPORTS = {"1": "udp", "2": "tcp", "3": "tls"}
_ZONES = {"0x28": 10800, "0x0d": -18000}


def read_named(octets: bytes) -> Config:
    """N870: parameters, and handsets to be registered as ``add_hs.00001``."""
    element = root_of(octets, "provisioning", "nvm")
    found = named(element, "param")
    for child in element:
        if child.tag == "oper":
            found[f"{child.attrib['name']}.{child.attrib['value']}"] = "".join(
                inner.attrib["value"] for inner in child
            )
        elif child.tag != "param":
            raise KitError(f"no element {child.tag}")
    return found


def understand_named(config: Config) -> Understood:
    """What an N870 does."""
    get = config.get
    zones = {"Europe/Moscow": (10800, ""), "America/New_York": (-18000, "3/2/0 11/1/0")}
    offset, dst = zones[get("DmGlobal.0.TimeZone", "")]
    return Understood(
        lines={
            int(n): _handset(config, f"SipAccount.{n}.")
            for n in (name[7:] for name in config if name.startswith("add_hs."))
        },
        admin_password=get("WebUIAccounts.1.Password"),
        ntp=get("DmGlobal.0.NtpServer"),
        offset_s=offset,
        dst=dst,
        tones={"Russia": "RU", "USA": "US"}[get("Telephony.0.ToneScheme", "")],
        dtmf={"1": "inband", "2": "rfc4733", "4": "info"}[
            get("SipProvider.0.DTMFTransmission", "")
        ],
        voicemail=get("SipAccount.00001.VoiceMailMailbox", ""),
        resync_url=get("Provisioning.global.ProvisioningServer"),
    )


def _handset(config: Config, head: str) -> Line:
    provider = "SipProvider.0."
    return Line(
        user=config[head + "UserName"],
        auth=config[head + "AuthName"],
        password=config.get(head + "AuthPassword", ""),
        name=config.get(head + "DisplayName", ""),
        server=config[provider + "RegServerAddress"],
        port=int(config[provider + "RegServerPort"]),
        transport=_TRANSPORTS[config[provider + "TransportProtocol"]],
        expires_s=int(config[provider + "RegServerRefreshTimer"]),
    )


def read_symbols(octets: bytes) -> Config:
    """N510: symbols by their names; texts lose the quotation marks that they must have."""
    element = root_of(octets, "ProviderFrame", "Provider")
    found = named(element, "SYMB_ITEM", "ID")
    found["MAC_ADDRESS"] = element[0].attrib["value"]
    for name, value in found.items():
        if ".aucS_" in name:
            if len(value) < 2 or value[0] != '"' or value[-1] != '"' or '"' in value[1:-1]:
                raise KitError(f"{name} is no text: {value}")
            found[name] = value[1:-1]
    return found


def understand_symbols(config: Config) -> Understood:
    """What an N510 does."""
    server = config.get("BS_IP_Data1.aucS_DATA_SERVER[0]")
    active = numbered(config, "BS_IP_Data1.ucB_SIP_ACCOUNT_IS_ACTIVE_#")
    return Understood(
        lines={n: _account(config, n) for n, bit in active.items() if bit == "0x1"},
        ntp=config["BS_IP_Data1.aucS_TIME_NTP_SERVER"],
        offset_s=_ZONES[config["BS_IP_Data1.uiI_TIME_TIMEZONE"]],
        tones={"11": "RU", "1": "US"}[config["BS_AE_SwConfig.ucCountryCodeTone"]],
        voicemail=config["BS_IP_Data1.aucS_VOIP_NET_AM_NUMBER_1"],
        resync_url=f"http://{server}/" if server else None,
    )


def _account(config: Config, n: int) -> Line:
    tail = "" if n == 1 else f"_{n}"
    one = "BS_IP_Data1."
    return Line(
        user=config[f"{one}aucS_SIP_USER_ID{tail}"],
        auth=config[f"BS_IP_Data3.aucS_SIP_LOGIN_ID{tail}"],
        password=config.get(f"{one}aucS_SIP_PASSWORD{tail}", ""),
        name=config[f"{one}aucS_SIP_DISPLAYNAME{tail}"],
        label=config[f"{one}aucS_SIP_ACCOUNT_NAME_{n}"],
        server=config[f"{one}aucS_SIP_REGISTRAR{tail}"],
        port=int(config[f"{one}uiI_SIP_REGISTRAR_PORT{tail}"], 16),
        expires_s=int(config[f"{one}uiI_RE_REGISTRATION_TIMER{tail}"], 16),
    )


def _adapts(whole: Understood) -> Understood:
    """Handsets have no labels of ours; credentials of the server are in the URL."""
    return replace(whole, lines={n: replace(line, label="") for n, line in whole.lines.items()})


def _adapts_symbols(whole: Understood) -> Understood:
    """UDP only."""
    return replace(
        whole, lines={n: replace(line, transport="udp") for n, line in whole.lines.items()}
    )


N870 = Family(
    brand="gigaset",
    model="N870 IP PRO",
    mac="7c2f80e0d605",
    agent="Gigaset N870 IP PRO/83.V2.11.0+build.a546b91;7C2F80E0D605",
    files=("{MAC}.xml",),
    read=read_named,
    understand=understand_named,
    known=_N870,
    adapts=_adapts,
    reread="check-sync",
    pnp={"vendor": "Gigaset", "model": "N870", "version": "83.V2.11.0"},
)
N510 = replace(
    N870,
    brand="gigaset-n510",
    model="N510 IP PRO",
    mac="7c2f80c32b0c",
    agent="N510 IP PRO/42.245.00.000.000;7C2F80C32B0C",
    read=read_symbols,
    understand=understand_symbols,
    known=_N510,
    adapts=_adapts_symbols,
    pnp={},
)
FAMILIES = (N870, N510)
