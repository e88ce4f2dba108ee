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

class ErrorAlarmTest {

  private final Error error = new OutOfMemoryError("no memory");
  private final List<Throwable> told = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel();

  ErrorAlarmTest() {
    channel.attr(ErrorAlarm.LISTENER).set(told::add);
  }

  @Test
  void anErrorIsTold() {
    ErrorAlarm.look(channel, error);

    assertThat(told).containsExactly(error);
  }

  @Test
  void whatAnErrorHasCausedIsToldAsTheError() {
    ErrorAlarm.look(channel, new DecoderException(new IOException(error)));

    assertThat(told).containsExactly(error);
  }

  @Test
  void whatPeersDoIsNot() {
    ErrorAlarm.look(channel, new DecoderException(new IOException("reset")));

    assertThat(told).isEmpty();
  }

  @Test
  void whatNettyThrowsToItselfIsNot() {
    ErrorAlarm.look(channel, Signal.valueOf(ErrorAlarmTest.class, "a signal"));

    assertThat(told).isEmpty();
  }

  @Test
  void ofAStreamItsConnectionKnowsWhoIsTold() {
    var stream = new EmbeddedChannel(channel, channel.id(), true, false);

    ErrorAlarm.look(stream, error);

    assertThat(told).containsExactly(error);
  }

  @Test
  void whereNobodyIsNothingHappens() {
    Channel nobodys = new EmbeddedChannel();

    ErrorAlarm.look(nobodys, error);

    assertThat(told).isEmpty();
  }
}
