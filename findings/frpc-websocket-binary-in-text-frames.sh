#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# frpc 0.61.1 with transport.protocol = "websocket" sends frp's binary bytes in WebSocket *text* frames (opcode 1), which
# RFC 6455 reserves for UTF-8: a server that checks text as the RFC asks has to close with 1007. frpc 0.70.1 sends binary
# frames (opcode 2). Neither names a subprotocol. A server has to take both, and must not check text for UTF-8.
#
# A small server here accepts the upgrade and prints the opcodes of the first frames and whether what they hold (a TLS
# ClientHello) is UTF-8.
# Needs Go and Python 3. Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
processes=()
trap 'kill "${processes[@]}" 2>/dev/null || true; chmod -R u+w "$folder"; rm -rf "$folder"' EXIT

cat > "$folder/server.py" <<'PYTHON'
import base64, hashlib, socket, sys

listener = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1], "w").write(str(listener.getsockname()[1]))
listener.settimeout(30)
connection, _ = listener.accept()
connection.settimeout(30)
stream = connection.makefile("rb")
request = stream.readline().decode().split()
headers = {}
while (line := stream.readline().decode().strip()):
    name, value = line.split(":", 1)
    headers[name.lower()] = value.strip()
accept = base64.b64encode(hashlib.sha1((headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
opcodes, payload = set(), b""
while len(payload) < 200:
    first, length = stream.read(2)
    length &= 127
    if length == 126:
        length = int.from_bytes(stream.read(2), "big")
    mask = stream.read(4)
    opcodes.add(first & 15)
    payload += bytes(byte ^ mask[i % 4] for i, byte in enumerate(stream.read(length)))
try:
    payload.decode()
    text = "UTF-8"
except UnicodeDecodeError:
    text = "not UTF-8"
print(request[1], "subprotocol", headers.get("sec-websocket-protocol", "none"), "opcodes", *opcodes, text)
PYTHON

look() { # VERSION YAMUX
  mkdir "$folder/$1"
  cat > "$folder/$1/go.mod" <<MOD
module frpc

go 1.24

tool github.com/fatedier/frp/cmd/frpc

require github.com/fatedier/frp v$1

// frp's own replacement; a replace counts in the main module only.
replace github.com/hashicorp/yamux => github.com/fatedier/yamux $2
MOD
  # The checksum database does not know every commit of the fork.
  cat > "$folder/$1/go.sum" <<'SUM'
github.com/fatedier/yamux v0.0.0-20230628132301-7aca4898904d h1:ynk1ra0RUqDWQfvFi5KtMiSobkVQ3cNc0ODb8CfIETo=
github.com/fatedier/yamux v0.0.0-20230628132301-7aca4898904d/go.mod h1:CtWFDAQgb7dxtzFs4tWbplKIe2jSi3+5vKbgIO0SLnQ=
github.com/fatedier/yamux v0.0.0-20250825093530-d0154be01cd6 h1:u92UUy6FURPmNsMBUuongRWC0rBqN6gd01Dzu+D21NE=
github.com/fatedier/yamux v0.0.0-20250825093530-d0154be01cd6/go.mod h1:c5/tk6G0dSpXGzJN7Wk1OEie8grdSJAmeawId9Zvd34=
SUM
  (cd "$folder/$1" && go mod tidy > build.log 2>&1 && go build -tags noweb -o frpc github.com/fatedier/frp/cmd/frpc >> build.log 2>&1) || {
    cat "$folder/$1/build.log" >&2
    exit 1
  }
  python3 "$folder/server.py" "$folder/$1/port" > "$folder/$1/seen" &
  local server=$!
  processes+=("$server")
  until [ -s "$folder/$1/port" ]; do sleep 0.1; done
  cat > "$folder/$1/frpc.toml" <<TOML
serverAddr = "127.0.0.1"
serverPort = $(cat "$folder/$1/port")
transport.protocol = "websocket"
TOML
  "$folder/$1/frpc" -c "$folder/$1/frpc.toml" > "$folder/$1/log" 2>&1 &
  processes+=("$!")
  wait "$server"
  echo "frpc $1: $(cat "$folder/$1/seen")"
}

look 0.61.1 v0.0.0-20230628132301-7aca4898904d > "$folder/result"
look 0.70.1 v0.0.0-20250825093530-d0154be01cd6 >> "$folder/result"
cat "$folder/result"
expected='frpc 0.61.1: /~!frp subprotocol none opcodes 1 not UTF-8
frpc 0.70.1: /~!frp subprotocol none opcodes 2 not UTF-8'
[ "$(cat "$folder/result")" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
