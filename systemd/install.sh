#!/usr/bin/env bash
# Installs Dozvon as a service of this machine, from the folder that this script is in.
#
#   sudo systemd/install.sh            units, user, settings; starts the services, again after an update
#   sudo systemd/install.sh --remove   stops and takes the units away; data and settings stay
#
# DESTDIR=/folder puts the files below that folder and starts nothing (images, tests).
set -euo pipefail
umask 022 # the services' user must read what is put there, whatever the caller's umask is

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/setup.sh
source "$root/scripts/setup.sh"

destination=${DESTDIR:-}
units=(
  dozvon-phones.socket dozvon-phones-http.socket dozvon-phones-tls.socket
  dozvon-dhcp-check.socket
  dozvon.service dozvon-web.service dozvon-phones.service
)
# Put there, and started by nobody: a template, and what only a person may ask for.
asked_for=(dozvon-dhcp-check@.service dozvon-dhcp.service)
unit_folder=$destination/etc/systemd/system
command_path=$destination/usr/local/bin/dozvon

check_place() {
  if [[ -z $destination ]] && ((EUID != 0)); then
    die "Запустите от root: sudo $0" "Run it as root: sudo $0"
  fi
  case $root/ in
    /home/* | /root/* | /run/user/* | /tmp/* | /var/tmp/*)
      [[ -n $destination ]] || die \
        "Из $root службу не запустить: домашние и временные папки ей не видны. Перенесите в /opt/dozvon." \
        "No service runs from $root: it sees neither homes nor temporary folders. Move it to /opt/dozvon." ;;
  esac
}

# put MODE SOURCE TARGET: a copy in which /opt/dozvon is the folder that we are in.
put() {
  local mode=$1 source=$2 target=$3
  mkdir -p -- "$(dirname -- "$target")"
  sed "s|/opt/dozvon|$root|g" "$source" >"$target"
  chmod "$mode" -- "$target"
}

put_files() {
  local unit
  for unit in "${units[@]}" "${asked_for[@]}"; do put 644 "$root/systemd/$unit" "$unit_folder/$unit"; done
  put 644 "$root/systemd/sysusers.d/dozvon.conf" "$destination/etc/sysusers.d/dozvon.conf"
  put 644 "$root/systemd/tmpfiles.d/dozvon.conf" "$destination/etc/tmpfiles.d/dozvon.conf"
  put 644 "$root/systemd/sysctl.d/50-dozvon.conf" "$destination/etc/sysctl.d/50-dozvon.conf"
  put 644 "$root/systemd/modules-load.d/dozvon.conf" "$destination/etc/modules-load.d/dozvon.conf"
  put 644 "$root/systemd/udev/60-dozvon.rules" "$destination/etc/udev/rules.d/60-dozvon.rules"
  mkdir -p -- "$(dirname -- "$command_path")"
  cat >"$command_path" <<TEXT
#!/bin/sh
# The box's command line, on the data of the service.
DOZVON_DATA=\${DOZVON_DATA:-/var/lib/dozvon} exec "$root/.venv/bin/dozvon" "\$@"
TEXT
  chmod 755 -- "$command_path"
}

start_services() {
  systemd-sysusers "$destination/etc/sysusers.d/dozvon.conf"
  systemd-tmpfiles --create "$destination/etc/tmpfiles.d/dozvon.conf"
  if ! [[ -e /etc/dozvon/dozvon.env ]]; then
    install -m 640 -g dozvon -- "$root/systemd/dozvon.env.example" /etc/dozvon/dozvon.env
  fi
  modprobe i2c-dev 2>/dev/null || true # nor has every machine such a bus
  if udevadm control --reload 2>/dev/null; then udevadm trigger --subsystem-match=i2c-dev || true; fi
  sysctl --quiet --load /etc/sysctl.d/50-dozvon.conf || true # a container may not be let
  # Compiled once here, because the services may not write beside the program.
  "$root/.venv/bin/python" -m compileall -q "$root/appliance" "$root/drivers" "$root/webui" "$root/provisioning" || true
  systemctl daemon-reload
  # An update: what runs already is the old program, and "enable --now" leaves it as it is.
  systemctl try-restart dozvon dozvon-web dozvon-phones
  systemctl enable --now "${units[@]}"
  say "Станция работает. Код владельца: journalctl -u dozvon-web. Состояние: dozvon status" \
    "The box runs. The claim code: journalctl -u dozvon-web. Its state: dozvon status"
}

remove() {
  if [[ -z $destination ]]; then systemctl disable --now "${units[@]}" dozvon-dhcp.service || true; fi
  rm -f -- "${units[@]/#/$unit_folder/}" "${asked_for[@]/#/$unit_folder/}" "$command_path" \
    "$destination"/etc/{sysusers,tmpfiles,modules-load}.d/dozvon.conf \
    "$destination/etc/sysctl.d/50-dozvon.conf" "$destination/etc/udev/rules.d/60-dozvon.rules"
  if [[ -z $destination ]]; then systemctl daemon-reload; fi
  say "Службы убраны. Данные остались: /var/lib/dozvon и /etc/dozvon." \
    "The services are gone. The data stays: /var/lib/dozvon and /etc/dozvon."
}

check_place
if [[ ${1:-} == --remove ]]; then
  remove
  exit
fi
if [[ -z $destination ]]; then
  need_packages product
  need_environment product
fi
put_files
if [[ -z $destination ]]; then start_services; fi
