#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# BouncyCastle 1.84: JcaPEMWriter writes the private key of an EC key pair that the JDK's own provider made as a SEC1
# "EC PRIVATE KEY" without its curve: version and number only, since it takes the inner structure out of the PKCS#8
# form, where the curve stands outside. The file looks right, but SEC1 alone no longer says which key it is: OpenSSL
# and Python's cryptography refuse it. The same key written as PKCS#8 (JcaPKCS8Generator) is read by everything.
#
# Needs Maven, a JDK (17 or newer), Python 3 with venv, OpenSSL 3. Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=1.84

for module in bcpkix bcprov bcutil; do
  mvn -q -B dependency:copy -Dartifact="org.bouncycastle:$module-jdk18on:$version" -DoutputDirectory="$folder"
done
python3 -m venv "$folder/python"
"$folder/python/bin/pip" -q install cryptography==45.0.7

cat > "$folder/Write.java" <<'JAVA'
import java.io.FileWriter;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

public class Write {
  public static void main(String[] arguments) throws Exception {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    var key = generator.generateKeyPair().getPrivate();
    try (var writer = new JcaPEMWriter(new FileWriter(arguments[0] + "/sec1.pem"))) {
      writer.writeObject(key);
    }
    try (var writer = new JcaPEMWriter(new FileWriter(arguments[0] + "/pkcs8.pem"))) {
      writer.writeObject(new JcaPKCS8Generator(key, null));
    }
  }
}
JAVA
java -cp "$folder/*" "$folder/Write.java" "$folder" 2>/dev/null

reads() { # FILE: who reads it
  local openssl=no python=no
  openssl pkey -in "$1" -noout 2>/dev/null && openssl=yes
  "$folder/python/bin/python" -c 'import sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
load_pem_private_key(open(sys.argv[1], "rb").read(), None)' "$1" 2>/dev/null && python=yes
  echo "$(basename "$1"): $(head -n 1 "$1" | tr -d '-'), $(openssl asn1parse -in "$1" | grep -c 'prime256v1' || true) curve, openssl $openssl, cryptography $python"
}
seen=$(reads "$folder/sec1.pem"; reads "$folder/pkcs8.pem")
echo "bcpkix $version, cryptography 45.0.7, $(openssl version | cut -d ' ' -f 1-2):"
echo "$seen"
expected='sec1.pem: BEGIN EC PRIVATE KEY, 0 curve, openssl no, cryptography no
pkcs8.pem: BEGIN PRIVATE KEY, 1 curve, openssl yes, cryptography yes'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
