// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class RequestHeadScanTest {

  private static final String HEAD =
      "\r\nPOST /exapps/app/x?y HTTP/1.1\r\nHost: cloud.example\r\nX-Name:\tvalue \r\n\r\n";

  private static RequestHeadScan scanInParts(String text, List<Integer> cuts) {
    var scan = new RequestHeadScan(32 * 1024);
    var all = text.getBytes(StandardCharsets.ISO_8859_1);
    var buffer = Unpooled.buffer();
    int from = 0;
    for (int cut : cuts.stream().map(cut -> cut % (all.length + 1)).sorted().toList()) {
      buffer.writeBytes(all, from, cut - from);
      from = cut;
      if (scan.scan(buffer)) {
        return scan;
      }
    }
    buffer.writeBytes(all, from, all.length - from);
    assertThat(scan.scan(buffer)).isTrue();
    return scan;
  }

  @Property(tries = 200)
  void aHeadIsUnderstoodHoweverItIsSplit(
      @ForAll @Size(max = 8) List<@IntRange(max = 500) Integer> cuts) {
    assertThat(scanInParts(HEAD, cuts).violation()).isNull();
  }

  @Property(tries = 200)
  void aControlByteAnywhereIsRefusedHoweverTheHeadIsSplit(
      @ForAll @IntRange(min = 2, max = 70) int position,
      @ForAll("controlBytes") char control,
      @ForAll @Size(max = 4) List<@IntRange(max = 500) Integer> cuts) {
    var broken = HEAD.substring(0, position) + control + HEAD.substring(position);

    assertThat(scanInParts(broken, cuts).violation()).isNotNull();
  }

  @Provide
  Arbitrary<Character> controlBytes() {
    return Arbitraries.chars()
        .range('\0', '\u001f')
        .filter(c -> c != '\t' && c != '\r' && c != '\n');
  }

  @Property(tries = 200)
  void arbitraryBytesNeverMakeItFail(@ForAll byte[] bytes) {
    var scan = new RequestHeadScan(1024);
    var isDone = scan.scan(Unpooled.wrappedBuffer(bytes));

    assertThat(isDone || scan.violation() == null).isTrue();
  }
}
