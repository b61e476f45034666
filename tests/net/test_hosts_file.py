"""/etc/hosts as it is, and as it becomes."""

from __future__ import annotations

import os
from pathlib import Path

from appliance.net.hosts_file import HostsFile, parse_hosts

_TEXT = """
# comment
127.0.0.1   localhost
192.0.2.1\tPBX pbx.office  # our box
2001:db8::1 pbx.office
192.0.2.2 pbx.office
192.0.2.1 pbx.office
nonsense pbx.office
192.0.2.9
"""


def test_names_are_case_blind_and_have_all_their_addresses() -> None:
    hosts = parse_hosts(_TEXT)
    assert hosts["pbx"] == ("192.0.2.1",)
    assert hosts["pbx.office"] == ("192.0.2.1", "2001:db8::1", "192.0.2.2")
    assert set(hosts) == {"localhost", "pbx", "pbx.office"}


def test_the_file_is_read_again_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("192.0.2.1 a\n")
    hosts = HostsFile(path)
    assert hosts.addresses("A.") == ("192.0.2.1",)
    path.write_text("192.0.2.22 a\n")
    os.utime(path, (1, 1))
    assert hosts.addresses("a") == ("192.0.2.22",)
    path.unlink()
    assert hosts.addresses("a") == ()
