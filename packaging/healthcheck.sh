#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Exits with 0 when the gateway of this environment accepts work, else with 1 and what is wrong: what `harp health`
# does, without starting a JVM every ten seconds.
set -u

wrong=0

complain() {
  echo "$1" >&2
  wrong=1
}

# Without the quotes that a compose file may have left around it.
unquoted() {
  local value=$1
  value=${value#\"} value=${value%\"} value=${value#\'} value=${value%\'}
  echo "$value"
}

# Where a listener is seen from here: those on every address are on loopback, too.
host_of() {
  local host=${1%:*}
  host=${host#[} host=${host%]}
  case $host in
    '' | '*' | 0.0.0.0) echo 127.0.0.1 ;;
    ::) echo ::1 ;;
    *) echo "$host" ;;
  esac
}

# Runs bash's own client, so that no other program has to be in the image.
connect() { timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' - "$1" "$2" 2> /dev/null; }

# Writes the status and whether it is HaRP that answers; nothing without an answer.
ask_ready() {
  # shellcheck disable=SC2016
  timeout 5 bash -c '
    exec 3<>"/dev/tcp/$1/$2" || exit
    printf "GET /ready HTTP/1.0\r\nHost: %s\r\n\r\n" "$1" >&3
    read -r _ status _ <&3
    server=stranger
    while read -r name value <&3 && [ "$name" != "$3" ]; do
      case ${name,,}$value in server:HaRP/*) server=HaRP ;; esac
    done
    echo "$status $server"' - "$1" "$2" $'\r' 2> /dev/null
}

# Another program may have the default port: then HaRP works without, and that one says nothing about it.
is_ready() { # address
  case $(ask_ready "$(host_of "$1")" "${1##*:}") in
    '200 HaRP') ;;
    *' HaRP') complain "HP_ADMIN_ADDRESS: HaRP at $1 is not ready" ;;
    *stranger) [ -z "${HP_ADMIN_ADDRESS+set}" ] || complain "HP_ADMIN_ADDRESS: another program answers at $1" ;;
    *) complain "HP_ADMIN_ADDRESS: nobody answers at $1" ;;
  esac
}

each_listens() { # variable, addresses
  local address
  local -a addresses
  IFS=, read -ra addresses <<< "$2"
  for address in "${addresses[@]}"; do
    address=${address// /}
    connect "$(host_of "$address")" "${address##*:}" || complain "$1: nobody listens on $address"
  done
}

admin=$(unquoted "${HP_ADMIN_ADDRESS:-127.0.0.1:8200}")
if [ "$admin" != off ]; then
  is_ready "$admin"
fi
each_listens HP_EXAPPS_ADDRESS "$(unquoted "${HP_EXAPPS_ADDRESS:-0.0.0.0:8780}")"
if [ -e "$(unquoted "${HP_CERTS_DIR:-/certs}")/cert.pem" ]; then
  each_listens HP_EXAPPS_HTTPS_ADDRESS "$(unquoted "${HP_EXAPPS_HTTPS_ADDRESS:-0.0.0.0:8781}")"
fi
each_listens HP_FRP_ADDRESS "$(unquoted "${HP_FRP_ADDRESS:-0.0.0.0:8782}")"
exit $wrong
