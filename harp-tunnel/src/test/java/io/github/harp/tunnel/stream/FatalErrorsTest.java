// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.util.Signal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FatalErrorsTest {

  private final Error error = new OutOfMemoryError("no memory");
  private final List<Throwable> told = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel();

  FatalErrorsTest() {
    channel.attr(FatalErrors.LISTENER).set(told::add);
  }

  @Test
  void anErrorIsTold() {
    FatalErrors.look(channel, error);

    assertThat(told).containsExactly(error);
  }

  @Test
  void whatAnErrorHasCausedIsToldAsTheError() {
    FatalErrors.look(channel, new DecoderException(new IOException(error)));

    assertThat(told).containsExactly(error);
  }

  @Test
  void whatPeersDoIsNot() {
    FatalErrors.look(channel, new DecoderException(new IOException("reset")));

    assertThat(told).isEmpty();
  }

  @Test
  void whatNettyThrowsToItselfIsNot() {
    FatalErrors.look(channel, Signal.valueOf(FatalErrorsTest.class, "a signal"));

    assertThat(told).isEmpty();
  }

  @Test
  void ofAStreamItsConnectionKnowsWhoIsTold() {
    var stream = new EmbeddedChannel(channel, channel.id(), true, false);

    FatalErrors.look(stream, error);

    assertThat(told).containsExactly(error);
  }

  @Test
  void whereNobodyIsNothingHappens() {
    Channel nobodys = new EmbeddedChannel();

    FatalErrors.look(nobodys, error);

    assertThat(told).isEmpty();
  }
}
