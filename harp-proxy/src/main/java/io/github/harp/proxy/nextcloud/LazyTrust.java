// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Trust that is made when it is first needed, and once. Thread-safe. */
final class LazyTrust implements TrustOptions {

  private final Supplier<TrustOptions> source;
  private @Nullable TrustOptions made;

  LazyTrust(Supplier<TrustOptions> source) {
    this.source = source;
  }

  /** Itself: there is nothing to change. */
  @Override
  public TrustOptions copy() {
    return this;
  }

  @Override
  public TrustManagerFactory getTrustManagerFactory(Vertx vertx) throws Exception {
    return made().getTrustManagerFactory(vertx);
  }

  @Override
  public Function<String, TrustManager[]> trustManagerMapper(Vertx vertx) throws Exception {
    return made().trustManagerMapper(vertx);
  }

  private synchronized TrustOptions made() {
    var trust = made;
    if (trust == null) {
      trust = source.get();
      made = trust;
    }
    return trust;
  }
}
