// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.server.TunnelIdentity;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The clients that are logged in, by frp's run_id.
 *
 * <p>A run_id is how a client that reconnects, or opens a work connection, says who it is; it was
 * given to it at login and is worth as much as a password. A login may take over a run_id only from
 * a client of the same identity. Thread-safe.
 */
final class ClientSessions {

  private static final int RUN_ID_BYTES = 8;
  private static final int MAX_RUN_ID_LENGTH = 64;

  private final SecureRandom random = new SecureRandom();
  private final int limit;
  private final Map<String, ClientSession> byRunId = new HashMap<>();
  private long lastId;

  ClientSessions(int limit) {
    this.limit = limit;
  }

  /** A number that names the next session in logs. */
  synchronized long nextId() {
    return ++lastId;
  }

  /** The run_id for a login that asks for this one, which may be empty. */
  synchronized String runIdFor(String wanted, TunnelIdentity identity) {
    ClientSession holder = byRunId.get(wanted);
    boolean mayHaveIt = holder == null || holder.identity().equals(identity);
    if (!wanted.isEmpty() && wanted.length() <= MAX_RUN_ID_LENGTH && mayHaveIt) {
      return wanted;
    }
    byte[] bytes = new byte[RUN_ID_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Whether there is no room for a client of this realm: half of all is the most for one. */
  synchronized boolean isFullFor(String realm) {
    return byRunId.size() >= limit
        || !realm.isEmpty()
            && byRunId.values().stream()
                    .filter(session -> session.identity().realm().equals(realm))
                    .count()
                >= (limit + 1) / 2;
  }

  /** Enters a session and returns those that it replaces, which are to be closed. */
  synchronized List<ClientSession> enter(ClientSession session) {
    List<ClientSession> replaced = new ArrayList<>();
    for (ClientSession other : byRunId.values()) {
      boolean sameRunId = other.runId().equals(session.runId());
      boolean sameCredential =
          session.identity().exclusive() && other.identity().equals(session.identity());
      if (sameRunId || sameCredential) {
        replaced.add(other);
      }
    }
    replaced.forEach(old -> byRunId.remove(old.runId(), old));
    byRunId.put(session.runId(), session);
    return replaced;
  }

  synchronized void leave(ClientSession session) {
    byRunId.remove(session.runId(), session);
  }

  synchronized Optional<ClientSession> find(String runId) {
    return Optional.ofNullable(byRunId.get(runId));
  }

  synchronized Collection<ClientSession> all() {
    return List.copyOf(byRunId.values());
  }
}
