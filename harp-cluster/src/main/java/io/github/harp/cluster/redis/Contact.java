// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.redis;

import io.github.harp.core.HarpException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the servers answer: one line in the log when that changes. Read by any thread. */
public final class Contact {

  private static final Logger LOG = LoggerFactory.getLogger(Contact.class);

  private final String what;
  private final Object servers;
  private final String meanwhile;
  private volatile @Nullable String trouble;

  /**
   * @param what is asked of the servers
   * @param meanwhile what happens while they don't answer
   */
  public Contact(String what, Object servers, String meanwhile) {
    this.what = what;
    this.servers = servers;
    this.meanwhile = meanwhile;
  }

  public void works() {
    if (trouble != null) {
      trouble = null;
      LOG.warn("nodes: {} works again at {}", what, servers);
    }
  }

  public void fails(Throwable failure) {
    var reason = HarpException.reasonOf(failure);
    if (trouble == null) {
      LOG.warn("nodes: {} fails at {}: {}; {}", what, servers, reason, meanwhile);
    }
    trouble = reason;
  }

  /** Why it does not work now. */
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }
}
