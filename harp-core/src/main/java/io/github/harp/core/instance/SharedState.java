// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.instance;

import io.github.harp.core.ban.Bans;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.tunnels.Neighbours;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/** What nodes share of one Nextcloud; as it stands here, nothing. */
public interface SharedState {

  /** Where there are no other nodes. */
  SharedState NONE = new SharedState() {};

  /** The same, shared. Before it is opened, as all that is given here. */
  default Bans share(Bans bans) {
    return bans;
  }

  default ExAppRecords share(ExAppRecords records) {
    return records;
  }

  default OrderLocks locks() {
    return OrderLocks.NONE;
  }

  /** With whom tunnels are shared. */
  default Optional<Neighbours> neighbours() {
    return Optional.empty();
  }

  default Future<Void> open() {
    return Future.succeededFuture();
  }

  /**
   * Complete when what the others know is known here, or the time is over. Once it is opened.
   *
   * @param atMost how long to wait
   */
  default Future<Void> caughtUp(Duration atMost) {
    return Future.succeededFuture();
  }

  default Future<Void> close() {
    return Future.succeededFuture();
  }
}
