// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.peer;

import io.github.harp.transfer.TransferException;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.TunnelVisitor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Visits the other peer: straight if there is a way, else through HaRP. */
public final class Visiting implements Rendezvous {

  private static final int CONNECT_MILLIS = 5_000;
  private static final long POLL_MILLIS = 100;

  private final TunnelClient client;
  private final String visitor;
  private final Introduction introduction;
  private volatile Course course = Course.UNKNOWN;
  private volatile @Nullable Socket dialled;
  private volatile String objection = "";

  private Visiting(TunnelClient client, String visitor, Introduction introduction) {
    this.client = client;
    this.visitor = visitor;
    this.introduction = introduction;
  }

  /**
   * Dials in.
   *
   * @param visitors the one to go with, and those it falls back to
   */
  public static Visiting dialling(
      TunnelClientOptions.Builder options,
      List<TunnelVisitor> visitors,
      TunnelVisitor chosen,
      Introduction introduction) {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return new Visiting(
        TunnelClient.start(
            options
                .proxies(List.of())
                .visitors(
                    visitors.stream()
                        .map(
                            each ->
                                at(each, each == chosen ? Optional.of(anyPort) : Optional.empty()))
                        .toList())
                .givesUpOnFirstLogin(false)
                .build()),
        chosen.name(),
        introduction);
  }

  private static TunnelVisitor at(TunnelVisitor visitor, Optional<InetSocketAddress> address) {
    return new TunnelVisitor(
        visitor.name(),
        visitor.way(),
        visitor.service(),
        visitor.secret(),
        address,
        visitor.encrypted(),
        visitor.compressed(),
        visitor.straight());
  }

  @Override
  public Optional<Peer> next(Duration atMost)
      throws IOException, TransferException, InterruptedException {
    var before = status();
    var address = before.address();
    if (address.isEmpty() || !isLoggedIn() && !before.whyNotStraight().isEmpty()) {
      Thread.sleep(Math.min(atMost.toMillis(), POLL_MILLIS));
      return Optional.empty();
    }
    var wire = new Socket();
    dialled = wire;
    try {
      wire.connect(address.get(), CONNECT_MILLIS);
      var peer = introduction.dialled(wire, () -> courseSince(before));
      course = peer.course();
      objection = "";
      return Optional.of(peer);
    } catch (IOException e) {
      objection = "the other side is not there: " + e.getMessage();
      Introduction.close(wire);
      throw e;
    } catch (TransferException e) {
      Introduction.close(wire);
      throw e;
    }
  }

  private boolean isLoggedIn() {
    return client.status().state() == TunnelClientStatus.State.CONNECTED;
  }

  private TunnelClientStatus.Visitor status() {
    return client.status().visitors().stream()
        .filter(each -> each.name().equals(visitor))
        .findFirst()
        .orElseThrow();
  }

  private Course courseSince(TunnelClientStatus.Visitor before) {
    return status().straight().users() > before.straight().users()
        ? Course.STRAIGHT
        : Course.RELAYED;
  }

  @Override
  public String obstacle() {
    return isLoggedIn() ? objection : client.status().lastFailure().orElse("");
  }

  @Override
  public boolean wouldGoStraight() {
    return course == Course.RELAYED && status().whyNotStraight().isEmpty();
  }

  @Override
  public String whyRelayed() {
    return course == Course.RELAYED ? status().whyNotStraight() : "";
  }

  @Override
  public void close() {
    client.close();
    var wire = dialled;
    if (wire != null) {
      Introduction.close(wire);
    }
  }
}
