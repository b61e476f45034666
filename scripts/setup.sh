# shellcheck shell=bash
# What ./run and ./test share: Debian packages, the virtual environment, the C core.
#
# Sourced, with `root` set to the folder of this repository. A second start finds everything done
# and needs no network. Nothing outside the packages and the environment is touched.

venv=${DOZVON_VENV:-$root/.venv}

PRODUCT_PACKAGES=(
  python3 python3-venv python3-dev gcc libc6-dev libffi-dev make
  pkg-config libsystemd-dev libspeexdsp-dev libspandsp-dev libasound2-dev openssl
  asterisk-core-sounds-ru-wav asterisk-core-sounds-en-wav
)
# What the tests call: phones, a proxy, sanitizers, network tools. None of it is part of the product.
TEST_PACKAGES=(
  sip-tester baresip-core kamailio linphone-cli sox clang libclang-rt-dev
  shellcheck iproute2 tcpdump nftables procps
  minimodem multimon-ng asterisk-moh-opsound-wav
  chromium fonts-dejavu-core faketime systemd
  tftp-hpa tftpd-hpa atftp curl dnsmasq-base
)
LEAST_FREE_KB=307200

is_russian() { [[ ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} == ru* ]]; }

# say RUSSIAN ENGLISH: a line for the person at the terminal.
say() { if is_russian; then printf '%s\n' "$1" >&2; else printf '%s\n' "$2" >&2; fi; }

die() { say "$@"; exit 1; }

free_kb() { df -Pk -- "$1" | awk 'NR == 2 { print $4 }'; }

# die_of_failure WHAT: a download or an installation failed; name the likely reason and the way out.
die_of_failure() {
  local folder
  for folder in "$root" /var /tmp; do
    if (($(free_kb "$folder") < LEAST_FREE_KB / 3)); then
      die "Не удалось: $1. Диск почти полон ($folder). Освободите место (df -h) и повторите." \
        "Failed: $1. The disk is nearly full ($folder). Make room (df -h) and try again."
    fi
  done
  die "Не удалось: $1 (причина выше). Для первого запуска нужна сеть: проверьте её и повторите." \
    "Failed: $1 (the reason is above). The first start needs the network: check it and try again."
}

# ---- Debian packages

is_installed() {
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true) == installed ]]
}

# Debian 12 names the sanitizers' runtime by the compiler's version; any of its names will do.
has_sanitizers() {
  local name
  while read -r name; do
    if is_installed "$name"; then return 0; fi
  done < <(dpkg-query -W -f='${Package}\n' 'libclang-rt-*dev' 2>/dev/null || true)
  return 1
}

is_known() { [[ -n $(apt-cache show --no-all-versions "$1" 2>/dev/null | head -c 1) ]]; }

sanitizer_package() {
  local name
  for name in libclang-rt-dev libclang-rt-19-dev libclang-rt-14-dev; do
    if is_known "$name"; then printf '%s\n' "$name" && return; fi
  done
}

may_be_root() { ((EUID == 0)) || command -v sudo >/dev/null; }

as_root() {
  if ((EUID == 0)); then "$@"; else sudo -- "$@"; fi
}

# need_packages product|test: install those that are missing; nothing happens when none is.
# A name that this distribution does not have is remembered, so that it is asked for once.
need_packages() {
  local name missing=() wanted=("${PRODUCT_PACKAGES[@]}")
  local absent=$venv/.dozvon-absent-packages
  if [[ $1 == test ]]; then wanted+=("${TEST_PACKAGES[@]}"); fi
  command -v apt-get >/dev/null || return 0 # no Debian: what is missing will show itself
  for name in "${wanted[@]}"; do
    if [[ $name == libclang-rt-dev ]] && has_sanitizers; then continue; fi
    if is_installed "$name" || grep -qsxF -- "$name" "$absent"; then continue; fi
    missing+=("$name")
  done
  if ((${#missing[@]})); then install_packages "${missing[@]}"; fi
}

install_packages() {
  local name wanted=() unknown=()
  if ! may_be_root; then
    die "Нужны пакеты: $*. Установите их от root: apt-get install $*" \
      "Packages are missing: $*. Install them as root: apt-get install $*"
  fi
  say "Устанавливаю пакеты: $*" "Installing packages: $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >&2 || die_of_failure "apt-get update"
  for name in "$@"; do
    if [[ $name == libclang-rt-dev ]]; then name=$(sanitizer_package); fi
    if [[ -n $name ]] && is_known "$name"; then wanted+=("$name"); else unknown+=("${name:-libclang-rt-dev}"); fi
  done
  if ((${#wanted[@]})); then apt_install "${wanted[@]}"; fi
  if ((${#unknown[@]})); then note_absent "${unknown[@]}"; fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
    -o DPkg::Lock::Timeout=120 install "$@" >&2 || die_of_failure "apt-get install $*"
  # The tests start their own proxy; the one that the package starts would hold the SIP port.
  if [[ " $* " == *" kamailio "* && -d /run/systemd/system ]]; then
    as_root systemctl disable --quiet --now kamailio || true
  fi
}

note_absent() {
  local name
  for name in "$@"; do
    if [[ " ${PRODUCT_PACKAGES[*]} " == *" $name "* ]]; then
      die "В этой системе нет пакета $name. Нужна Debian 12 или новее, или Raspberry Pi OS." \
        "This system has no package $name. Debian 12 or later, or Raspberry Pi OS, is needed."
    fi
  done
  say "В этой системе нет пакетов: $*. Тесты, которым они нужны, НЕ ПРОЙДУТ; на работу станции это не влияет." \
    "This system has no packages: $*. The tests that need them WILL FAIL; the box itself needs none of them."
  mkdir -p -- "$venv"
  printf '%s\n' "$@" >>"$venv/.dozvon-absent-packages"
}

# ---- the virtual environment and the C core

# The system's own interpreter, because python3-dev and python3-venv belong to it.
choose_python() {
  python=/usr/bin/python3
  if ! [[ -x $python ]] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    die "Нужен $python версии 3.11 или новее (Debian 12, Raspberry Pi OS 12 и новее)." \
      "$python of version 3.11 or later is needed (Debian 12, Raspberry Pi OS 12 and later)."
  fi
}

# Everything that the environment depends on, as one checksum.
fingerprint() {
  {
    printf '%s\n' "$root" "$python"
    "$python" -c 'import sys; print(sys.version)'
    cd -- "$root" || exit
    sha256sum pyproject.toml setup.py appliance/media/native/*.{c,h,py} | LC_ALL=C sort
  } | grep -v '_core\.c$' | sha256sum | cut -d' ' -f1
}

has_core() { compgen -G "$root/appliance/media/native/_core*.so" >/dev/null; }

# need_environment product|test: make or renew the environment unless nothing has changed since.
need_environment() {
  local kind=$1 print what="${root}[service,compile]" lock
  choose_python
  exec {lock}<"$root"
  flock "$lock" # two starts at once from one folder take turns
  print=$(fingerprint)
  if [[ $(cat -- "$venv/.dozvon-$kind" 2>/dev/null || true) != "$print" ]] || ! has_core; then
    if [[ $kind == test ]]; then what="${root}[service,test]"; fi
    install_environment "$what"
    if [[ $kind == test ]]; then printf '%s\n' "$print" >"$venv/.dozvon-test"; fi
    printf '%s\n' "$print" >"$venv/.dozvon-product"
  fi
  need_bytecode
  need_compiled
  exec {lock}<&-
}

# need_bytecode: what Python makes of its sources at the first start, made now: the service cannot write
# beside them, and would translate them anew at each start. Files that are up to date are left alone.
need_bytecode() {
  (cd -- "$root" && "$venv/bin/python" -m compileall -q appliance drivers provisioning webui) || true
}

# need_compiled: renew the compiled rooms after their sources changed; without them all runs as well,
# only slower. DOZVON_COMPILED=0 leaves them alone.
need_compiled() {
  if [[ ${DOZVON_COMPILED:-} == 0 ]]; then return; fi
  if (cd -- "$root" && "$venv/bin/python" -c 'import appliance, sys; sys.exit(not appliance.IS_COMPILED)'); then
    return
  fi
  say "Компилирую быстрые части (одна-две минуты; на Raspberry Pi до десяти)…" \
    "Compiling the hot parts (a minute or two; up to ten on a Raspberry Pi)…"
  if ! "$venv/bin/python" "$root/scripts/compile.py" >"$venv/dozvon-compile.log" 2>&1; then
    say "Не скомпилировалось (причина в $venv/dozvon-compile.log): всё работает, но медленнее." \
      "Could not compile (the reason is in $venv/dozvon-compile.log): all works, only slower."
  fi
}

install_environment() {
  mkdir -p -- "$venv" || die_of_failure "mkdir $venv"
  if (($(free_kb "$venv") < LEAST_FREE_KB)); then
    die "Мало места: нужно $((LEAST_FREE_KB / 1024)) МБ в $venv. Освободите его (df -h)." \
      "Too little room: $((LEAST_FREE_KB / 1024)) MB are needed in $venv. Free some (df -h)."
  fi
  say "Готовлю окружение в $venv (около минуты)…" "Preparing the environment in $venv (about a minute)…"
  if ! is_usable; then
    "$python" -m venv --clear -- "$venv" || die_of_failure "python3 -m venv $venv"
  fi
  "$venv/bin/python" -m pip --quiet --no-input --disable-pip-version-check \
    install --retries 2 --config-settings editable_mode=compat --editable "$1" || die_of_failure "pip install $1"
}

# Whether the environment is of the chosen interpreter, and not of one that was upgraded away, nor one
# whose making was interrupted before it had its pip.
is_usable() {
  local version='import sys; print(sys.version)'
  [[ -x $venv/bin/python ]] && [[ $("$venv/bin/python" -c "$version") == "$("$python" -c "$version")" ]] &&
    "$venv/bin/python" -m pip --version >/dev/null 2>&1
}
