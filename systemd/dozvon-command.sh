#!/bin/sh
# The box's command line, on the data of the service (install.sh: /usr/local/bin/dozvon). The doctor
# looks for the service's ports, whose settings only root and the service may read.

port() {
  sed -n "s/^$1=[\"']\\{0,1\\}\\([0-9]\\{1,5\\}\\)[\"']\\{0,1\\}[[:space:]]*\$/\\1/p" /etc/dozvon/dozvon.env 2>/dev/null | tail -n 1
}

DOZVON_DATA=${DOZVON_DATA:-/var/lib/dozvon}
DOZVON_SIP_PORT=${DOZVON_SIP_PORT:-$(port DOZVON_SIP_PORT)}
DOZVON_WEB_PORT=${DOZVON_WEB_PORT:-$(port DOZVON_WEB_PORT)}
export DOZVON_DATA DOZVON_SIP_PORT DOZVON_WEB_PORT
exec "/opt/dozvon/.venv/bin/dozvon" "$@"
