// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.stream;

import static io.github.harp.tunnel.frp.Bytes.hex;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.frp.V1Codec;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class UnfinishedTest {

  private static final String MESSAGE = "7200000000000000027b7d";

  private final Unfinished all = new Unfinished(20);

  @Test
  void countsWhatIsNotComplete() {
    var stream = stream();

    stream.writeInbound(hex(MESSAGE + MESSAGE.substring(0, 10)));
    assertThat(all.current()).isEqualTo(5);
    stream.writeInbound(hex(MESSAGE.substring(10)));

    assertThat(all.current()).isZero();
    stream.finishAndReleaseAll();
  }

  @Test
  void forgetsWhoIsGone() {
    var closed = stream();
    closed.writeInbound(hex("72"));
    closed.close();
    var payload = stream();
    payload.writeInbound(hex("72"));
    payload.pipeline().get(V1Codec.class).handOver();
    var broken = stream();
    broken.writeInbound(hex("72"));
    broken.pipeline().remove(V1Codec.class);

    assertThat(all.current()).isZero();
    payload.finishAndReleaseAll();
    broken.finishAndReleaseAll();
  }

  @Test
  void resetsTheOldestWhereThereIsTooMuch() {
    var first = stream();
    first.writeInbound(hex("72000000000000"));
    var second = stream();
    second.writeInbound(hex("7200000000000000"));
    var third = stream();
    first.writeInbound(hex("00"));
    third.writeInbound(hex("7200000000000000"));
    first.runPendingTasks();
    second.runPendingTasks();

    assertThat(first.isOpen()).isFalse();
    assertThat(second.isOpen()).isTrue();
    assertThat(third.isOpen()).isTrue();
    assertThat(all.current()).isEqualTo(16);
    second.finishAndReleaseAll();
    third.finishAndReleaseAll();
  }

  private EmbeddedChannel stream() {
    var stream = new EmbeddedChannel();
    all.watch(stream);
    stream.pipeline().addLast(new V1Codec());
    return stream;
  }
}
