#!/usr/bin/env bash
# Installs Asterisk, the peer that our figures are compared with, in a folder of its own (a chroot).
#
#   sudo benchmarks/peers/setup.sh        about 3 minutes, 450 MB
#
# DOZVON_PEERS names the folder (default /opt/dozvon-peers), DOZVON_PEERS_SUITE the Debian suite
# (default sid: the only one that has Asterisk 22). Run twice it does nothing the second time.
set -euo pipefail

folder=${DOZVON_PEERS:-/opt/dozvon-peers}
suite=${DOZVON_PEERS_SUITE:-sid}

# The mirror that this machine itself is installed from.
mirror() {
  local found
  found=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n1)
  if [[ -z $found ]]; then
    found=$(sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\).*/\2/p' /etc/apt/sources.list 2>/dev/null | head -n1)
  fi
  printf '%s\n' "${found:-http://deb.debian.org/debian}"
}

if [[ -x $folder/usr/sbin/asterisk ]]; then
  echo "Asterisk is there already: $folder"
  exit 0
fi
if ((EUID != 0)); then
  echo "Run me as root: a chroot is made." >&2
  exit 1
fi
if ! command -v mmdebstrap >/dev/null; then
  apt-get -q update
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mmdebstrap
fi
mkdir -p -- "$(dirname -- "$folder")"
# A mirror that is frozen for repeatable builds has signatures that are past their date.
mmdebstrap --variant=minbase --include=asterisk \
  --aptopt='APT::Install-Recommends "false"' \
  --aptopt='Acquire::Check-Valid-Until "false"' \
  --aptopt='Acquire::Check-Date "false"' \
  "$suite" "$folder" "$(mirror)"
chroot "$folder" /usr/sbin/asterisk -V
