// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.ToUpstream;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.Upgraded;
import java.time.Duration;

/** The product's time limits, but for the one that a test is about. */
public final class TestTimeouts {

  private static final Timeouts PRODUCT = new Timeouts();
  private static final ToUpstream UPSTREAM = PRODUCT.upstream();
  private static final Upgraded UPGRADED = PRODUCT.upgraded();

  private TestTimeouts() {}

  public static Timeouts client(Duration client) {
    return new Timeouts(client, UPSTREAM, UPGRADED);
  }

  public static Timeouts decision(Duration decision) {
    return new Timeouts(PRODUCT.client(), decision, UPSTREAM, UPGRADED);
  }

  public static Timeouts connect(Duration connect) {
    return toUpstream(new ToUpstream(connect, UPSTREAM.silence()));
  }

  public static Timeouts server(Duration silence) {
    return toUpstream(new ToUpstream(UPSTREAM.connect(), silence));
  }

  public static Timeouts clientAndServer(Duration client, Duration server) {
    return new Timeouts(client, new ToUpstream(UPSTREAM.connect(), server), UPGRADED);
  }

  public static Timeouts heartbeat(Duration heartbeat) {
    return toUpstream(new ToUpstream(UPSTREAM.connect(), UPSTREAM.silence(), heartbeat));
  }

  public static Timeouts upgraded(Upgraded upgraded) {
    return new Timeouts(PRODUCT.client(), UPSTREAM, upgraded);
  }

  private static Timeouts toUpstream(ToUpstream upstream) {
    return new Timeouts(PRODUCT.client(), upstream, UPGRADED);
  }
}
