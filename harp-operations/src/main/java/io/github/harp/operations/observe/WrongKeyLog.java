// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.access.WrongKeys;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.key.SharedKey;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells two keys apart for whoever reads the log, without showing either. A fingerprint is slow to
 * make, so it is made elsewhere and not more often than every few seconds, however many keys
 * somebody tries.
 */
public final class WrongKeyLog implements WrongKeys {

  private static final Logger LOG = LoggerFactory.getLogger(WrongKeyLog.class);
  private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

  private final SharedKey key;
  private final Executor worker;
  private final Ticker ticker;
  private final AtomicLong nextAt;

  /**
   * @param worker where fingerprints are made
   */
  public WrongKeyLog(SharedKey key, Executor worker, Ticker ticker) {
    this.key = key;
    this.worker = worker;
    this.ticker = ticker;
    this.nextAt = new AtomicLong(ticker.read());
  }

  @Override
  public void shown(InetAddress client, String presented) {
    var now = ticker.read();
    var due = nextAt.get();
    if (presented.isEmpty() || now - due < 0 || !nextAt.compareAndSet(due, now + PAUSE_NANOS)) {
      return;
    }
    worker.execute(
        () ->
            LOG.warn(
                "{} shows a key with fingerprint {}, ours has {}: expected the same key in"
                    + " HP_SHARED_KEY and in the deploy daemon of Nextcloud's AppAPI settings",
                IpAddresses.text(client),
                SharedKey.of(presented).fingerprint(),
                key.fingerprint()));
  }
}
