#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# jackson-dataformat-toml 2.22.4 reads a decimal integer of exactly nineteen digits that fits 64 bits as another number,
# without an error: all but its first and last nine digits are lost, so 1000000000000000000 is 0. Eighteen digits and
# twenty are right, and so is the same number in hexadecimal. TOML 1.0 asks for all of 64 bits. (Known upstream as
# jackson-dataformats-text 663; 2.21.1 and 2.21.8 do the same, 2.23.0 is right.)
#
# Needs Maven and a JDK (17 or newer). Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=2.22.4

for artifact in dataformat:jackson-dataformat-toml core:jackson-databind core:jackson-core; do
  mvn -q -B dependency:copy -Dartifact="com.fasterxml.jackson.$artifact:$version" -DoutputDirectory="$folder"
done
mvn -q -B dependency:copy -Dartifact=com.fasterxml.jackson.core:jackson-annotations:2.22 -DoutputDirectory="$folder"

cat > "$folder/Read.java" <<'JAVA'
import com.fasterxml.jackson.dataformat.toml.TomlMapper;

public class Read {
  public static void main(String[] arguments) throws Exception {
    var mapper = new TomlMapper();
    for (var number : arguments) {
      System.out.println(number + " = " + mapper.readTree("n = " + number).get("n"));
    }
  }
}
JAVA
seen=$(java -cp "$folder/*" "$folder/Read.java" 123456789012345678 1000000000000000000 1234567890123456789 \
  9223372036854775807 0x7fffffffffffffff 12345678901234567890 2>/dev/null)
echo "jackson-dataformat-toml $version:"
echo "$seen"
expected='123456789012345678 = 123456789012345678
1000000000000000000 = 0
1234567890123456789 = 123456789
9223372036854775807 = 6854775807
0x7fffffffffffffff = 9223372036854775807
12345678901234567890 = 12345678901234567890'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
