// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.peer;

import io.github.harp.transfer.TransferException;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the other peer as the service for visitors that it is. Whoever connects and proves to
 * be the peer takes the place of the one before: that may be gone, and only it would know.
 */
public final class Offering implements Rendezvous {

  /** Who comes as one more takes the place of who has been one for longest. */
  private static final int MOST_STRANGERS = 8;

  private static final int MOST_THREADS = 64;
  private static final int IDLE_SECONDS = 10;

  private final Introduction introduction;
  private final ServerSocket listener;
  private final ExecutorService threads =
      new ThreadPoolExecutor(
          0,
          MOST_THREADS,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          new DefaultThreadFactory("harp-peer", true));
  private final ArrayDeque<Socket> strangers = new ArrayDeque<>();
  private final BlockingQueue<Peer> arrived = new LinkedBlockingQueue<>();
  private @Nullable Peer present;
  private @Nullable TunnelClient client;
  private volatile String objection = "";

  private Offering(Introduction introduction, InetSocketAddress address) throws IOException {
    this.introduction = introduction;
    this.listener = new ServerSocket();
    listener.setReuseAddress(true);
    try {
      listener.bind(address);
    } catch (BindException e) {
      throw new IOException("can't listen at " + address + ": " + e.getMessage(), e);
    }
    threads.execute(this::accept);
  }

  /** Listens only: another program that tunnels brings visitors to this address. */
  public static Offering at(InetSocketAddress address, Introduction introduction)
      throws IOException {
    return new Offering(introduction, address);
  }

  /** Dials in, too, and offers these services. */
  public static Offering dialling(
      TunnelClientOptions.Builder options, List<TunnelProxy> services, Introduction introduction)
      throws IOException {
    var loopback = InetAddress.getLoopbackAddress();
    var offering = new Offering(introduction, new InetSocketAddress(loopback, 0));
    var here = new TunnelTarget.Tcp(loopback.getHostAddress(), offering.port());
    offering.client =
        TunnelClient.start(
            options
                .visitors(List.of())
                .proxies(services.stream().map(service -> to(here, service)).toList())
                .givesUpOnFirstLogin(false)
                .build());
    return offering;
  }

  private static TunnelProxy to(TunnelTarget here, TunnelProxy service) {
    return new TunnelProxy(
        service.name(), 0, here, service.encrypted(), service.compressed(), service.visitors());
  }

  /** Where it listens. */
  public int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var wire = listener.accept();
        admit(wire);
        try {
          threads.execute(() -> meet(wire));
        } catch (RejectedExecutionException e) {
          leave(wire);
          wire.close();
        }
      } catch (IOException e) {
        // Closed, or somebody who was gone before he was there.
        objection = String.valueOf(e.getMessage());
      }
    }
  }

  private synchronized void admit(Socket wire) {
    if (strangers.size() == MOST_STRANGERS) {
      Introduction.close(strangers.remove());
    }
    strangers.add(wire);
  }

  private synchronized void leave(Socket wire) {
    strangers.remove(wire);
  }

  private void meet(Socket wire) {
    try {
      replace(introduction.accepted(wire));
      objection = "";
    } catch (IOException | TransferException e) {
      objection = "somebody came and left: " + e.getMessage();
      Introduction.close(wire);
    } finally {
      leave(wire);
    }
  }

  /** However often it comes, there is one of it. */
  private synchronized void replace(Peer peer) {
    if (present != null) {
      present.close();
    }
    present = peer;
    arrived.clear();
    arrived.add(peer);
  }

  @Override
  public Optional<Peer> next(Duration atMost) throws InterruptedException {
    return Optional.ofNullable(arrived.poll(atMost.toMillis(), TimeUnit.MILLISECONDS));
  }

  @Override
  public String obstacle() {
    var dialled = client;
    if (dialled == null) {
      return objection;
    }
    var status = dialled.status();
    if (status.state() != TunnelClientStatus.State.CONNECTED) {
      return status.lastFailure().orElse("");
    }
    return status.proxies().stream()
        .filter(proxy -> proxy.state() == TunnelClientStatus.ProxyState.REFUSED)
        .map(proxy -> proxy.name() + " is refused: " + proxy.error())
        .findFirst()
        .orElse(objection);
  }

  @Override
  public void close() {
    Introduction.close(listener);
    arrived.forEach(Peer::close);
    threads.shutdownNow();
    var dialled = client;
    if (dialled != null) {
      dialled.close();
    }
  }
}
