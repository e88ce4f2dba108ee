#!/bin/sh
# What an ExApp's container does when it starts: dial in to HaRP when it was given a key, then serve.
set -eu

if [ -n "${HP_SHARED_KEY:-}" ]; then
  umask 077
  {
    echo "serverAddr = \"$HP_FRP_ADDRESS\""
    echo "serverPort = $HP_FRP_PORT"
    echo 'loginFailExit = false'
    if [ -d /certs/frp ]; then
      echo 'transport.tls.enable = true'
      echo 'transport.tls.certFile = "/certs/frp/client.crt"'
      echo 'transport.tls.keyFile = "/certs/frp/client.key"'
      echo 'transport.tls.trustedCaFile = "/certs/frp/ca.crt"'
      echo 'transport.tls.serverName = "harp.nc"'
    else
      echo 'transport.tls.enable = false'
    fi
    echo "metadatas.token = \"$HP_SHARED_KEY\""
    echo '[[proxies]]'
    echo "name = \"$APP_ID\""
    echo 'type = "tcp"'
    echo "remotePort = $APP_PORT"
    echo '[proxies.plugin]'
    echo 'type = "unix_domain_socket"'
    echo 'unixPath = "/tmp/exapp.sock"'
  } > /frpc.toml
  case "${TUNNEL_CLIENT:-frpc}" in
    frpc) /usr/local/bin/frpc -c /frpc.toml & ;;
    # The folder with HaRP's JAR is mounted by the test that wants this.
    harp) /opt/jre/bin/java -jar /opt/harp/harp.jar tunnel -c /frpc.toml & ;;
  esac
fi

exec /opt/jre/bin/java -Xshare:auto -XX:TieredStopAtLevel=1 -cp /opt/exapp ExApp
