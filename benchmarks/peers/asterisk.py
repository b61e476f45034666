"""Asterisk as a peer on the same machine: its smallest sane configuration, start, stop, pid.

Owns a process in the chroot that setup.sh made, and a folder below the chroot's /tmp. Every user is
an authenticated phone, every number that is called is the phone of that name, media passes through
Asterisk (direct_media=no), nothing is recorded: its best case. Needs root.

    python -m benchmarks.peers.asterisk --port 25061 --users 20000-20199     # until Ctrl+C
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from benchmarks.measure import refuse_taken, until_options

DEFAULT_FOLDER = "/opt/dozvon-peers"
_PROGRAM = "usr/sbin/asterisk"
_MODULES = "usr/lib/*/asterisk/modules"
_STOP_S = 10.0

#: What calls between authenticated phones need, and no more.
SLIM_MODULES = (
    "app_dial",
    "bridge_builtin_features",
    "bridge_holding",
    "bridge_native_rtp",
    "bridge_simple",
    "chan_pjsip",
    "codec_alaw",
    "codec_ulaw",
    "pbx_config",
    "res_pjproject",
    "res_pjsip",
    "res_pjsip_authenticator_digest",
    "res_pjsip_caller_id",
    "res_pjsip_endpoint_identifier_user",
    "res_pjsip_logger",
    "res_pjsip_nat",
    "res_pjsip_outbound_authenticator_digest",
    "res_pjsip_pubsub",
    "res_pjsip_registrar",
    "res_pjsip_rfc3326",
    "res_pjsip_sdp_rtp",
    "res_pjsip_session",
    "res_rtp_asterisk",
    "res_sorcery_astdb",
    "res_sorcery_config",
    "res_sorcery_memory",
    "res_timing_timerfd",
)
#: Files that Asterisk looks for and that have nothing to say here.
_EMPTY = (
    "acl",
    "ccss",
    "codecs",
    "dnsmgr",
    "extconfig",
    "features",
    "http",
    "indications",
    "manager",
    "pjproject",
    "sorcery",
    "stasis",
    "udptl",
)


def chroot_folder() -> Path:
    return Path(os.environ.get("DOZVON_PEERS", DEFAULT_FOLDER))


def is_installed() -> bool:
    """True when this process may start the peer here and now."""
    return os.geteuid() == 0 and (chroot_folder() / _PROGRAM).is_file()


@dataclass(frozen=True)
class Setup:
    """secrets: by user name; cores: where it may run, empty = everywhere; is_slim: only the modules
    above, else all that the package brings."""

    port: int
    secrets: Mapping[str, str]
    host: str = "127.0.0.1"
    rtp_ports: tuple[int, int] = (10000, 19999)
    cores: frozenset[int] = field(default_factory=frozenset)
    is_slim: bool = True


class Asterisk:
    """A running Asterisk. start_s: from exec to the first OPTIONS answered."""

    def __init__(self, setup: Setup) -> None:
        root = chroot_folder()
        if not is_installed():
            raise SystemExit("Asterisk is not there: run benchmarks/peers/setup.sh as root")
        refuse_taken((setup.host, setup.port))
        _name_this_machine(root)
        self._folder = Path(tempfile.mkdtemp(prefix="dozvon-peer-", dir=root / "tmp"))
        inside = Path("/") / self._folder.relative_to(root)
        write_configuration(self._folder, inside, setup)
        command = ["chroot", str(root), f"/{_PROGRAM}", "-f", "-C", f"{inside}/etc/asterisk.conf"]
        started = time.monotonic()
        with (self._folder / "console").open("wb") as console:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_placed_on(setup.cores),
            )
        try:
            self.start_s = until_options((setup.host, setup.port), started)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Of Asterisk itself: chroot becomes it."""
        return self._process.pid

    def stop(self) -> None:
        """End it and take its folder away."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Asterisk:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _name_this_machine(root: Path) -> None:
    """Asterisk asks for its own host's name with every call: without an answer in the chroot's
    hosts it waits for a DNS, and its figures are those of the DNS."""
    hosts, line = root / "etc/hosts", f"127.0.0.1 {socket.gethostname()}\n"
    known = hosts.read_text() if hosts.exists() else "127.0.0.1 localhost\n"
    if line not in known:
        hosts.write_text(known.rstrip("\n") + "\n" + line)


def _placed_on(cores: Iterable[int]) -> Callable[[], None] | None:
    chosen = set(cores)
    return (lambda: os.sched_setaffinity(0, chosen)) if chosen else None


def write_configuration(folder: Path, inside: Path, setup: Setup) -> None:
    """All files below ``folder``, which Asterisk sees as ``inside``."""
    for name in ("etc", "lib", "run", "log", "spool", "db"):
        (folder / name).mkdir()
    modules = next(chroot_folder().glob(_MODULES))
    files = {
        "asterisk": _main(inside, Path("/") / modules.relative_to(chroot_folder())),
        "modules": _modules(setup.is_slim),
        "logger": "[logfiles]\nmessages => error\n",
        "cdr": "[general]\nenable=no\n",
        "cel": "[general]\nenable=no\n",
        "rtp": "[general]\nrtpstart={}\nrtpend={}\n".format(*setup.rtp_ports),
        "extensions": "[phones]\nexten => _X.,1,Dial(PJSIP/${EXTEN})\n same => n,Hangup()\n",
        "pjsip": _phones(setup),
        **dict.fromkeys(_EMPTY, "[general]\n"),
    }
    for name, text in files.items():
        (folder / "etc" / f"{name}.conf").write_text(text)


def _main(inside: Path, modules: Path) -> str:
    places = {
        "astetcdir": inside / "etc",
        "astmoddir": modules,
        "astvarlibdir": inside / "lib",
        "astdbdir": inside / "db",
        "astkeydir": inside / "lib",
        "astdatadir": Path("/usr/share/asterisk"),
        "astagidir": inside / "lib",
        "astspooldir": inside / "spool",
        "astrundir": inside / "run",
        "astlogdir": inside / "log",
    }
    lines = [f"{name} => {place}" for name, place in places.items()]
    return "\n".join(["[directories]", *lines, "[options]", "maxfiles = 65536", ""])


def _modules(is_slim: bool) -> str:
    if not is_slim:
        return "[modules]\nautoload=yes\nnoload=chan_iax2.so\n"
    return "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in SLIM_MODULES)


def _phones(setup: Setup) -> str:
    sections = [
        "[global]\ntype=global\n",
        f"[udp]\ntype=transport\nprotocol=udp\nbind={setup.host}:{setup.port}\n",
    ]
    for name, secret in setup.secrets.items():
        sections += [
            f"[{name}]\ntype=endpoint\ncontext=phones\ndisallow=all\nallow=ulaw,alaw\n"
            f"direct_media=no\nauth={name}\naors={name}\n",
            f"[{name}]\ntype=auth\nauth_type=userpass\nusername={name}\npassword={secret}\n",
            f"[{name}]\ntype=aor\nmax_contacts=1\nremove_existing=yes\n",
        ]
    return "\n".join(sections)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=25061)
    parser.add_argument("--users", default="20000-20199", help="first and last number")
    chosen = parser.parse_args()
    first, last = map(int, chosen.users.split("-"))
    secrets = {str(n): f"Secret-of-{n}-phone" for n in range(first, last + 1)}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Asterisk(Setup(chosen.port, secrets)) as peer:
        print(f"pid {peer.pid}, first OPTIONS answered after {peer.start_s:.2f} s", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
