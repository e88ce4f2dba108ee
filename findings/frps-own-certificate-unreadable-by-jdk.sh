#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# frps 0.61.1 and 0.70.1 without configured certificates answer TLS with one that they make themselves; its subject and
# its issuer are empty names. Go's and OpenSSL's clients take it. The JDK's TLS client does not even hand it to a trust
# manager that accepts everything: parsing ends in "Empty issuer DN not allowed in X509Certificates" (RFC 5280 asks for
# a non-empty issuer), so a Java frp client on the JDK's own provider cannot talk to a stock frps with TLS.
#
# Needs Go, a JDK (17 or newer), OpenSSL 3. Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; chmod -R u+w "$folder"; rm -rf "$folder"' EXIT

cat > "$folder/Connect.java" <<'JAVA'
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

public class Connect {
  static boolean asked;

  public static void main(String[] arguments) throws Exception {
    var trusting = new X509TrustManager() {
      public void checkClientTrusted(X509Certificate[] chain, String type) {}
      public void checkServerTrusted(X509Certificate[] chain, String type) { asked = true; }
      public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
    };
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {trusting}, null);
    try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", Integer.parseInt(arguments[0]))) {
      socket.startHandshake();
      System.out.println("connected");
    } catch (Exception e) {
      Throwable root = e;
      while (root.getCause() != null) root = root.getCause();
      System.out.println("JDK: " + root.getMessage() + "; trust manager asked: " + asked);
    }
  }
}
JAVA

look() { # VERSION YAMUX
  mkdir "$folder/$1"
  cat > "$folder/$1/go.mod" <<MOD
module frps

go 1.24

tool github.com/fatedier/frp/cmd/frps

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
  (cd "$folder/$1" && go mod tidy > build.log 2>&1 && go build -tags noweb -o frps github.com/fatedier/frp/cmd/frps >> build.log 2>&1) || {
    cat "$folder/$1/build.log" >&2
    exit 1
  }
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  printf 'bindAddr = "127.0.0.1"\nbindPort = %s\n' "$port" > "$folder/$1/frps.toml"
  "$folder/$1/frps" -c "$folder/$1/frps.toml" > "$folder/$1/log" 2>&1 &
  server=$!
  until openssl s_client -connect "127.0.0.1:$port" < /dev/null > "$folder/$1/openssl" 2>/dev/null; do
    kill -0 "$server"
    sleep 0.2
  done
  openssl x509 -in "$folder/$1/openssl" -noout -subject -issuer | sed "s/^/OpenSSL: /"
  java "$folder/Connect.java" "$port"
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=
}

expected='OpenSSL: subject=
OpenSSL: issuer=
JDK: Empty issuer DN not allowed in X509Certificates; trust manager asked: false'
for pair in '0.61.1 v0.0.0-20230628132301-7aca4898904d' '0.70.1 v0.0.0-20250825093530-d0154be01cd6'; do
  # Without a subshell: the trap has to know the server.
  look $pair > "$folder/seen"
  seen=$(sed 's/= *$/=/' "$folder/seen")
  echo "frps ${pair%% *}, $(java -version 2>&1 | head -n 1):"
  echo "$seen"
  [ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
done
