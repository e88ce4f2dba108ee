#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# HAProxy 2.6.12 (Debian 12): a server that dies in the middle of a chunked answer, so without the last chunk, is told to
# a client of HTTP/2 as the orderly end of the answer: END_STREAM, which means that it is complete. Half a download then
# looks whole, and is kept by caches. A client of HTTP/1.1 sees the same answer of the same backend cut. An answer with
# Content-Length is not concerned, since the client counts. A good engineer expects RST_STREAM, as RFC 9113, 8.1, asks of
# an intermediary, and as HAProxy 3.0 sends.
#
# Needs Debian 12's apt (nothing is installed into the system), dpkg, Python 3 and a curl with HTTP/2.
# Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
processes=()
trap 'kill "${processes[@]}" 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

chmod 755 .
apt-get download -qq haproxy=2.6.12-1+deb12u4 liblua5.3-0 libpcre2-8-0 libpcre2-posix3 libssl3 libsystemd0 2> download.txt \
  || { cat download.txt >&2; exit 1; }
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$(find "$PWD/root" -type d -path '*lib/*-linux-gnu' | paste -sd:)

cat > server.py <<'PY'
import socket, sys, threading

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)

def answer(connection):
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        threading.Event().wait(0.3)  # and then it ends, without the chunk of length 0

while True:
    threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()
PY
python3 server.py > port.txt &
processes+=($!)
until [ -s port.txt ]; do sleep 0.1; done

cat > haproxy.cfg <<CFG
defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend http1
  bind unix@$folder/http1
  default_backend server
frontend http2
  bind unix@$folder/http2 proto h2
  default_backend server
backend server
  server server 127.0.0.1:$(< port.txt)
CFG
LD_LIBRARY_PATH=$libraries root/usr/sbin/haproxy -f haproxy.cfg -db 2> haproxy.txt &
processes+=($!)
for _ in $(seq 50); do [ -S http2 ] && break; sleep 0.1; done

ask() { # name, option: body and curl's exit code
  local code=0 body
  body=$(curl -sS --max-time 8 --unix-socket "$1" "$2" http://server/ 2> curl.txt) || code=$?
  echo "$body $code"
}
old=$(ask http1 --http1.1)
new=$(ask http2 --http2-prior-knowledge)
echo "HTTP/1.1: body and exit code of curl: $old (18: the answer was cut)"
echo "HTTP/2:   body and exit code of curl: $new (0: complete)"
[ "$old" = "first 18" ] && [ "$new" = "first 0" ]
