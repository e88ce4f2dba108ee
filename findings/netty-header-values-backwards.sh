#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18: HttpHeaders.valueStringIterator(name) gives the values of a repeated header last line first, while
# getAll(name) and the iterator over all entries give them in the order of the message, and get(name) gives the first.
# HttpHeaders' Javadoc promises no order for it. Whoever takes "the first of the iterator" for "the first line" lets the
# sender of a request choose which of two lines a gateway believes.
#
# Needs Maven and a JDK (17 or newer). Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=4.2.18.Final

mvn -q -B dependency:copy -Dartifact="io.netty:netty-codec-http:$version" -DoutputDirectory="$folder"
for module in netty-common netty-buffer netty-transport netty-codec-base netty-handler netty-resolver; do
  mvn -q -B dependency:copy -Dartifact="io.netty:$module:$version" -DoutputDirectory="$folder"
done

cat > "$folder/Order.java" <<'JAVA'
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.util.ArrayList;

public class Order {
  public static void main(String[] arguments) {
    var headers = new DefaultHttpHeaders();
    headers.add("x-app", "first").add("other", "-").add("X-App", "second").add("x-app", "third");
    var iterated = new ArrayList<String>();
    headers.valueStringIterator("x-app").forEachRemaining(iterated::add);
    System.out.println("get " + headers.get("x-app"));
    System.out.println("getAll " + headers.getAll("x-app"));
    System.out.println("valueStringIterator " + iterated);
  }
}
JAVA
seen=$(java -cp "$folder/*" "$folder/Order.java" 2>/dev/null)
echo "netty-codec-http $version:"
echo "$seen"
expected='get first
getAll [first, second, third]
valueStringIterator [third, second, first]'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
