// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.peer;

import io.github.harp.transfer.TransferException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;

/** Dials the other peer without a tunnel. */
public final class DirectWay implements Rendezvous {

  private final int port;
  private final Introduction introduction;
  private volatile Socket wire = new Socket();

  public DirectWay(int port, Introduction introduction) {
    this.port = port;
    this.introduction = introduction;
  }

  @Override
  public Optional<Peer> next(Duration atMost) throws IOException, TransferException {
    wire = new Socket();
    try {
      wire.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return Optional.of(introduction.dialled(wire, () -> Course.STRAIGHT));
    } catch (IOException | TransferException e) {
      wire.close();
      throw e;
    }
  }

  @Override
  public String obstacle() {
    return "";
  }

  @Override
  public void close() {
    Introduction.close(wire);
  }
}
