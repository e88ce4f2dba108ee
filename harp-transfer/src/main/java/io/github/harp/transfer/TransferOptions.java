// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import io.github.harp.tunnel.config.FrpcConfig;
import java.time.Duration;

/**
 * How a {@link Transfer} finds the other peer.
 *
 * @param config what {@code harp tokens} printed for this side; of it, only the services that two
 *     peers meet at are opened
 * @param service which of them, as it was named to {@code harp tokens}; empty where there is one
 * @param listens whether to dial in is left to another program that tunnels with the same
 *     configuration and brings the other peer to this host
 * @param patience how long the other peer may be away, at first and later; an hour by default
 * @param watcher told how it goes
 */
public record TransferOptions(
    FrpcConfig config,
    String service,
    boolean listens,
    Duration patience,
    TransferWatcher watcher) {

  /** For peers that meet as this says. */
  public static Builder meetingBy(FrpcConfig config) {
    return new Builder(config);
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {

    private final FrpcConfig config;
    private String service = "";
    private boolean listens;
    private Duration patience = Duration.ofHours(1);
    private TransferWatcher watcher = new TransferWatcher() {};

    private Builder(FrpcConfig config) {
      this.config = config;
    }

    public Builder service(String value) {
      service = value;
      return this;
    }

    public Builder listens(boolean value) {
      listens = value;
      return this;
    }

    public Builder patience(Duration value) {
      patience = value;
      return this;
    }

    public Builder watcher(TransferWatcher value) {
      watcher = value;
      return this;
    }

    public TransferOptions build() {
      return new TransferOptions(config, service, listens, patience, watcher);
    }
  }
}
