// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.claims;

import io.github.harp.core.ExApp;
import io.github.harp.core.key.TunnelTokens.Claim;
import io.github.harp.core.records.ExAppRecords;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose a remote port is. Nextcloud decides, and is asked wherever what is known leaves a doubt;
 * while it does not answer, what is known decides, and a port of which nothing is known is given.
 * Nothing is lost by that: {@code TunnelUpstream} sends to a tunnel only what is for its ExApp.
 *
 * <p>Thread-safe, and never blocks.
 */
final class PortOwners {

  /** Shorter than a decision may take; frp clients do not ask again for half a minute. */
  static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Logger LOG = LoggerFactory.getLogger(PortOwners.class);

  private final ExAppRecords records;
  private final Duration patience;

  PortOwners(ExAppRecords records, Duration patience) {
    this.records = records;
    this.patience = patience;
  }

  /** Why the holder of this claim may not have its port; empty when it may. Never fails. */
  CompletionStage<Optional<String>> objectionTo(Claim claim) {
    if (isKnownOwner(claim) && rivals(claim).isEmpty()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return records
        .refresh(claim.appId())
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (answer, failure) ->
                failure == null ? answered(claim, answer) : unanswered(claim, failure));
  }

  /** Whether what is known of its ExApp gives it this port. */
  boolean isKnownOwner(Claim claim) {
    return records.peek(claim.appId()).filter(claim::isFor).isPresent();
  }

  /** The other ExApps that are known on the same port. */
  List<ExApp> rivals(Claim claim) {
    return records.onThisHost(claim.port()).stream()
        .filter(exApp -> !exApp.id().equals(claim.appId()))
        .toList();
  }

  private Optional<String> answered(Claim claim, Optional<ExApp> exApp) {
    if (exApp.isEmpty()) {
      return Optional.of(
          ofRival(claim)
              .orElse("Nextcloud does not know the ExApp " + claim.appId() + " of this token"));
    }
    if (!claim.isFor(exApp.get())) {
      return Optional.of(ofRival(claim).orElse(difference(claim, exApp.get())));
    }
    for (var rival : rivals(claim)) {
      LOG.warn(
          "port {}: Nextcloud gives it to {} and to {}, expected one ExApp",
          claim.port(),
          claim.appId(),
          rival.id());
    }
    return Optional.empty();
  }

  private Optional<String> unanswered(Claim claim, @Nullable Throwable failure) {
    var known = records.peek(claim.appId());
    if (known.isPresent() && claim.isFor(known.get())) {
      return Optional.empty();
    }
    var objection = ofRival(claim).or(() -> known.map(exApp -> difference(claim, exApp)));
    if (objection.isEmpty()) {
      LOG.warn(
          "tunnel of {} on port {}: Nextcloud could not be asked whether that is its port: {};"
              + " allowed, it gets nothing but requests for {}",
          claim.appId(),
          claim.port(),
          String.valueOf(failure == null ? null : failure.getMessage()),
          claim.appId());
    }
    return objection;
  }

  private Optional<String> ofRival(Claim claim) {
    return rivals(claim).stream()
        .findFirst()
        .map(rival -> "remote port " + claim.port() + " belongs to " + rival.id() + " now");
  }

  /** What a record says that its own ExApp's claim does not. */
  static String difference(Claim claim, ExApp exApp) {
    return exApp.address().isOnThisHost(claim.port())
        ? "this token was made for an earlier deployment of "
            + claim.appId()
            + ", which has been registered again since"
        : "Nextcloud has "
            + claim.appId()
            + " at "
            + exApp.address()
            + ", this token is for a tunnel on port "
            + claim.port();
  }
}
