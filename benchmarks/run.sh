#!/usr/bin/env bash
# Every figure of docs/benchmarks.md, one after the other; needs sipp and gcc.
# Figures of different runs cannot be compared: machines are noisy. Usage: benchmarks/run [--quick]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${DOZVON_VENV:-.venv}/bin/python
export PYTHONPATH=.
calls=600 rounds=5
if [[ ${1:-} == --quick ]]; then calls=200 rounds=2; fi

echo "== calls, registrations, memory, start, beside Asterisk where it is installed (benchmarks/signalling.py)"
"$python" -m benchmarks.signalling --calls "$calls" --rounds "$((rounds / 2 + 1))"
echo "== RTP relay against a bare C epoll relay, and Asterisk where it is installed (benchmarks/relay.py)"
"$python" -m benchmarks.relay --calls 200 --rounds "$rounds"
echo "== SIP messages (benchmarks/sip_messages.py)"
"$python" -m benchmarks.sip_messages
echo "== ringing a board of telephones, in real time (benchmarks/ringing.py; as root for its priority)"
"$python" -m benchmarks.ringing --seconds 10 --load 2
echo "== audio of a line (benchmarks/lines.py)"
"$python" -m benchmarks.lines
echo "== speech and music taken for signals of a line (benchmarks/talk_off.py; --hours 10 for docs/benchmarks.md)"
"$python" -m benchmarks.talk_off --hours 1
echo "== SIP endpoint (benchmarks/sip_endpoint.py)"
"$python" -m benchmarks.sip_endpoint
echo "== web pages of a large office (benchmarks/pages.py)"
"$python" -m benchmarks.pages --rounds 5
echo "== files of desk phones (benchmarks/phone_files.py)"
"$python" -m benchmarks.phone_files
echo "== two hundred desk phones boot at once; needs root (benchmarks/phones_boot.py)"
"$python" -m benchmarks.phones_boot --phones 200
