"""How the daemon was asked to run: where its data is, where it listens.

PURE. ``dozvon run`` makes this of its options and of DOZVON_* variables (commands/run.py); only the
composition root and the control desk read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEFAULT_DATA = Path("data")
DEFAULT_SIP_PORT = 5060
DEFAULT_WEB_PORT = 8080
DEFAULT_RTP_PORTS = (10000, 19999)
DEFAULT_PHONES_PORT = 8088
DEFAULT_PHONES_TLS_PORT = 8443
DEFAULT_PHONES_OLD_TLS_PORT = 8444
DEFAULT_TFTP_PORT = 69


@dataclass(frozen=True, slots=True)
class RunOptions:
    """data: folder of config.db, state.db and control.sock; config: a YAML file to start from, or
    None; bind: literal IP addresses; rtp_ports: the first and the last port for media;
    phones_port: HTTP for desk phones;
    trusts_loopback: phones on this machine itself are who they say they are (demo, tests)."""

    data: Path
    config: Path | None = None
    bind: tuple[str, ...] = ("0.0.0.0",)
    sip_port: int = DEFAULT_SIP_PORT
    web_port: int = DEFAULT_WEB_PORT
    rtp_ports: tuple[int, int] = DEFAULT_RTP_PORTS
    phones_port: int = DEFAULT_PHONES_PORT
    trusts_loopback: bool = False
