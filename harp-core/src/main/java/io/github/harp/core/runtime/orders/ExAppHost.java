// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.UNAVAILABLE;

import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.ImageRemoval;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ExAppSpec;
import java.util.Optional;

/**
 * What runs containers, as an {@link OrderDesk} sees it: opened for one order, told one thing, and
 * closed. What each order means is said at {@link io.github.harp.core.runtime.ExAppRuntime}.
 *
 * <p>A method blocks its thread until the order is carried out. It ends within the limit that the
 * host was opened with, and soon when its thread is interrupted; what it began and can't finish it
 * undoes. It fails with anything, which {@link #translate} makes a {@link HarpException} of.
 */
public interface ExAppHost extends AutoCloseable {

  /** Opens a host for one order; on a thread that may block. */
  @FunctionalInterface
  interface Source {

    /**
     * @param limit how long its calls may take
     * @param held what it asks before each of them
     * @throws HarpException {@code UNREACHABLE} when it is not there now
     */
    ExAppHost open(OrderTimes.Limit limit, OrderLocks.Held held);
  }

  Optional<Deployed> find(ExAppName name) throws InterruptedException;

  Deployed create(ExAppSpec spec) throws InterruptedException;

  boolean start(ExAppName name) throws InterruptedException;

  boolean stop(ExAppName name) throws InterruptedException;

  StartOutcome awaitStart(ExAppName name) throws InterruptedException;

  void remove(ExAppName name, boolean removeData) throws InterruptedException;

  void installCertificates(ExAppName name, CertificateInstallation installation)
      throws InterruptedException;

  /** For hosts that keep images; others have none to remove. */
  default ImageRemoval removeImage(String imageRef) throws InterruptedException {
    throw new HarpException(UNAVAILABLE, "image " + imageRef + ": images are not kept here");
  }

  /** For clusters; elsewhere a container's port is enough. */
  default ExAppAddress expose(Exposure exposure) throws InterruptedException {
    throw new HarpException(
        UNAVAILABLE, exposure.name().container() + ": nothing is exposed here, expected a cluster");
  }

  /** For hosts with something to say of themselves. */
  default PlaceReport describe() throws InterruptedException {
    throw new HarpException(UNAVAILABLE, "expected a host that can be described");
  }

  /**
   * What a failure of one of these methods means.
   *
   * @param what where it was and what was ordered, for the message
   */
  default HarpException translate(String what, RuntimeException failure) {
    return failure instanceof HarpException known
        ? known
        : new HarpException(FAILED, what + ": " + HarpException.reasonOf(failure), failure);
  }

  /** Ends calls that are open. */
  @Override
  void close();
}
