// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.backend.Backend;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import io.github.harp.bench.target.Target;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Somebody from another address than the attackers' who wants nothing but small answers, directly
 * and over a tunnel in turn, one at a time, and waits for each. Runs on a thread of its own until
 * it is interrupted.
 */
final class HonestClient implements Runnable {
  private static final String ADDRESS = "127.0.0.9";
  private static final int LONGEST_WAIT_MILLIS = 10_000;
  private static final int HEAD_BYTES = 4096;

  private final List<Target> targets;
  private final Duration interval;
  private final boolean keepsConnection;
  private final Histogram waits = new Histogram(3);
  private final Map<String, Integer> refusals = new TreeMap<>();
  private final DoubleSupplier gatewaySeconds;
  private @Nullable Socket kept;
  private double secondsInWorst;

  private HonestClient(
      List<Target> targets,
      long intervalMillis,
      boolean keepsConnection,
      DoubleSupplier gatewaySeconds) {
    this.targets = targets;
    this.gatewaySeconds = gatewaySeconds;
    this.interval = Duration.ofMillis(intervalMillis);
    this.keepsConnection = keepsConnection;
  }

  /**
   * On one connection; on one for each request; and such with TLS, seldom since it is dear.
   *
   * @param gatewaySeconds the processor time that the gateway has used so far
   */
  static List<HonestClient> all(Peer harp, DoubleSupplier gatewaySeconds) {
    return List.of(
        new HonestClient(targets(harp, Protocol.HTTP), 20, true, gatewaySeconds),
        new HonestClient(targets(harp, Protocol.HTTP), 20, false, gatewaySeconds),
        new HonestClient(targets(harp, Protocol.HTTPS), 100, false, gatewaySeconds));
  }

  /** On a connection for each request. */
  static HonestClient to(List<Target> targets) {
    return new HonestClient(targets, 20, false, () -> 0);
  }

  /** In nanoseconds; to be read when the thread has ended. */
  Histogram waits() {
    return waits;
  }

  /** The processor time that the gateway used within the longest of them. */
  double secondsInWorst() {
    return secondsInWorst;
  }

  /** What came instead of an answer, and how often. */
  Map<String, Integer> refusals() {
    return refusals;
  }

  @Override
  public void run() {
    for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
      long start = System.nanoTime();
      double cpu = gatewaySeconds.getAsDouble();
      ask(targets.get(i % targets.size()));
      long wait = System.nanoTime() - start;
      if (wait > waits.getMaxValue()) {
        secondsInWorst = gatewaySeconds.getAsDouble() - cpu;
      }
      waits.recordValue(wait);
      LockSupport.parkNanos(start + interval.toNanos() - System.nanoTime());
    }
    drop();
  }

  /** Asks at once, and says whether it was served. */
  boolean ask(Target target) {
    // A connection may be closed between two requests, as browsers know.
    var outcome = kept == null ? once(target) : again(once(target), target);
    if (!outcome.equals("200")) {
      drop();
      refusals.merge(outcome, 1, Integer::sum);
    }
    return outcome.equals("200");
  }

  private String again(String outcome, Target target) {
    if (!outcome.equals("closed")) {
      return outcome;
    }
    drop();
    return once(target);
  }

  private String once(Target target) {
    try {
      var socket = kept == null ? connect(target) : kept;
      kept = socket;
      var head = target.requestHead("GET", Backend.SMALL) + "\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      var in = new BufferedInputStream(socket.getInputStream());
      var answer = head(in);
      in.skipNBytes(answer.contains("\r\n\r\n") ? bodyBytes(answer) : 0);
      if (!keepsConnection) {
        drop();
      }
      return answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length());
    } catch (SocketTimeoutException e) {
      return "silence";
    } catch (IOException e) {
      return "closed";
    }
  }

  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.length() < HEAD_BYTES && head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("closed within an answer");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static int bodyBytes(String head) {
    return head.lines()
        .map(line -> line.toLowerCase(Locale.ROOT).split(": "))
        .filter(parts -> parts[0].equals("content-length"))
        .mapToInt(parts -> Integer.parseInt(parts[1]))
        .findFirst()
        .orElse(0);
  }

  private Socket connect(Target target) throws IOException {
    var socket = new Socket();
    socket.bind(new InetSocketAddress(ADDRESS, 0));
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(LONGEST_WAIT_MILLIS);
    socket.connect(target.address(), LONGEST_WAIT_MILLIS);
    return target.tls()
        ? trusting().createSocket(socket, "localhost", target.port(), true)
        : socket;
  }

  private static SSLSocketFactory trusting() throws IOException {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IOException("no TLS", e);
    }
  }

  private void drop() {
    try {
      if (kept != null) {
        kept.close();
      }
    } catch (IOException e) {
      refusals.merge("not closed", 1, Integer::sum);
    }
    kept = null;
  }

  private static List<Target> targets(Peer harp, Protocol protocol) {
    return List.of(harp.target(App.PLAIN, protocol), harp.target(App.TUNNELLED, protocol));
  }
}
