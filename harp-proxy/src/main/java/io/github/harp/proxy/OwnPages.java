// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import io.github.harp.core.decision.Verdict;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.upstream.TcpUpstream;
import io.netty.handler.codec.http.HttpHeaders;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Pages of the gateway's own at its public name, below {@code /exapps/app_api/harp/}: an HTTP
 * server of this process shows them, on a port of loopback. Other programs reach that port, too, so
 * what the gateway passes on has a secret with it that nobody else knows. Thread-safe.
 */
public final class OwnPages {

  /** Where they are, below the folder of a Nextcloud that has one. */
  public static final String PATH = "/exapps/app_api/harp/";

  /** The header with the secret. */
  public static final String PASS = "harp-page-pass";

  /** The header that says who asks: an IP address. */
  public static final String CLIENT = "harp-page-client";

  /** The header that names the Nextcloud whose host is asked for; empty for the first. */
  public static final String NEXTCLOUD = "harp-page-nextcloud";

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int PASS_BYTES = 32;

  private final String pass;
  private final WrongKeyDelays wrongKeys = new WrongKeyDelays();
  private volatile Future<Upstream> server = Future.failedFuture("the pages are not open");

  public OwnPages() {
    var bytes = new byte[PASS_BYTES];
    new SecureRandom().nextBytes(bytes);
    pass = HexFormat.of().formatHex(bytes);
  }

  /** Who shows a wrong key there waits with those who show one anywhere else. */
  public WrongKeyDelays wrongKeys() {
    return wrongKeys;
  }

  /** They are at this port of loopback from now on. */
  public void areAt(int port) {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    server = Future.succeededFuture(new TcpUpstream(address, CONNECT));
  }

  /** Where they are now; fails before they are anywhere. */
  public Future<Upstream> server() {
    return server;
  }

  /** Says who asks, in a request that goes to them. */
  public void stamp(HttpHeaders headers, Verdict verdict) {
    headers.set(PASS, pass);
    headers.set(CLIENT, verdict.client().getHostAddress());
    headers.set(NEXTCLOUD, verdict.instance().name().text());
  }

  /** Whether the gateway has passed a request on that shows this. */
  public boolean isPass(@Nullable String shown) {
    return shown != null
        && MessageDigest.isEqual(
            shown.getBytes(StandardCharsets.UTF_8), pass.getBytes(StandardCharsets.UTF_8));
  }
}
