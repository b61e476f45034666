#!/usr/bin/env bash
# Installs Dozvon as a service of this machine, from the folder that this script is in.
#
#   sudo systemd/install.sh            units, user, settings; starts the services, again after an update
#   sudo systemd/install.sh --remove   stops and takes the units away; data and settings stay
#
# DESTDIR=/folder puts the files below that folder and starts nothing (images, tests).
set -euo pipefail
umask 022 # the services' user must read what is put there, whatever the caller's umask is

# The folder's true name: a link from /opt into a home leads where no service may follow.
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
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
systemd_runs=/run/systemd/system # sd_booted(3)

usage() {
  say "Использование: sudo $0 [--remove]" "Usage: sudo $0 [--remove]"
  exit 2
}

check_place() {
  if [[ -z $destination ]] && ((EUID != 0)); then
    die "Запустите от root: sudo $0" "Run it as root: sudo $0"
  fi
  if [[ -z $destination && ! -d $systemd_runs ]]; then
    die "На этой машине нет systemd. Запускайте станцию сами: $root/run" \
      "This machine does not run systemd. Start the box by hand: $root/run"
  fi
  if [[ $root =~ [^A-Za-z0-9/._+@~=,:-] ]]; then
    die "В пути $root есть знаки, которых systemd не поймёт. Перенесите в /opt/dozvon." \
      "The path $root has characters that systemd would misread. Move it to /opt/dozvon."
  fi
  if [[ -z $destination && $venv != "$root/.venv" ]]; then
    die "Службе нужно окружение в $root/.venv: уберите переменную DOZVON_VENV." \
      "The service needs its environment in $root/.venv: unset DOZVON_VENV."
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
  local text
  text=$(sed "s|/opt/dozvon|$root|g" "$2")
  put_whole "$1" "$3" <<<"$text"
}

# put_whole MODE TARGET: standard input as a file, or what stood there before: a disk that is full, or
# a power cut, leaves no half of a unit.
put_whole() {
  local mode=$1 target=$2
  mkdir -p -- "$(dirname -- "$target")"
  if ! { cat >"$target.new" && chmod "$mode" -- "$target.new" && sync -- "$target.new"; }; then
    rm -f -- "$target.new"
    die "Не записать $target (причина выше): нет места? df -h" \
      "Could not write $target (the reason is above): is there room? df -h"
  fi
  mv -f -- "$target.new" "$target"
}

put_files() {
  local unit
  for unit in "${units[@]}" "${asked_for[@]}"; do put 644 "$root/systemd/$unit" "$unit_folder/$unit"; done
  put 644 "$root/systemd/sysusers.d/dozvon.conf" "$destination/etc/sysusers.d/dozvon.conf"
  put 644 "$root/systemd/tmpfiles.d/dozvon.conf" "$destination/etc/tmpfiles.d/dozvon.conf"
  put 644 "$root/systemd/sysctl.d/50-dozvon.conf" "$destination/etc/sysctl.d/50-dozvon.conf"
  put 644 "$root/systemd/modules-load.d/dozvon.conf" "$destination/etc/modules-load.d/dozvon.conf"
  put 644 "$root/systemd/udev/60-dozvon.rules" "$destination/etc/udev/rules.d/60-dozvon.rules"
  put 755 "$root/systemd/dozvon-command.sh" "$command_path"
}

# check_program: the services' user must be able to run it; who cloned it with a strict umask sees that
# here, and not in a service that does not start.
check_program() {
  if runuser -u dozvon -- "$root/.venv/bin/dozvon" version >/dev/null; then return; fi
  die "Пользователь dozvon не может запустить $root/.venv/bin/dozvon (причина выше). Если дело в правах: chmod -R a+rX $root" \
    "The user dozvon cannot run $root/.venv/bin/dozvon (the reason is above). If it may not read it: chmod -R a+rX $root"
}

start_services() {
  local is_whole=true
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
  check_program
  systemctl daemon-reload
  # An update: what runs already is the old program, and "enable --now" leaves it as it is.
  systemctl try-restart dozvon dozvon-web dozvon-phones || is_whole=false
  systemctl enable --now "${units[@]}" || is_whole=false
  if ! $is_whole; then
    die "Запустилось не всё. Что именно: systemctl --failed; почему: journalctl -b -u 'dozvon*'" \
      "Not everything started. What did not: systemctl --failed; why: journalctl -b -u 'dozvon*'"
  fi
  say "Станция работает. Код владельца: sudo journalctl -u dozvon-web. Состояние: sudo dozvon status" \
    "The box runs. The claim code: sudo journalctl -u dozvon-web. Its state: sudo dozvon status"
}

# stop_services: one by one, because systemctl stops nothing at all where it does not know one name.
stop_services() {
  local unit
  for unit in "${units[@]}" dozvon-dhcp.service; do
    if [[ -e $unit_folder/$unit ]]; then systemctl disable --now "$unit" || true; fi
  done
}

remove() {
  if [[ -z $destination ]]; then stop_services; fi
  rm -f -- "${units[@]/#/$unit_folder/}" "${asked_for[@]/#/$unit_folder/}" "$command_path" \
    "$destination"/etc/{sysusers,tmpfiles,modules-load}.d/dozvon.conf \
    "$destination/etc/sysctl.d/50-dozvon.conf" "$destination/etc/udev/rules.d/60-dozvon.rules"
  if [[ -z $destination ]]; then systemctl daemon-reload; fi
  say "Службы убраны. Данные остались: /var/lib/dozvon и /etc/dozvon." \
    "The services are gone. The data stays: /var/lib/dozvon and /etc/dozvon."
}

if (($# > 1)) || [[ ${1:-} != '' && ${1:-} != --remove ]]; then usage; fi
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
