// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Ticker;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DefaultDockerCmdExecFactory;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.core.runtime.orders.OrderLocks;
import java.time.Duration;

/**
 * An engine for the length of one order: docker-java over an {@link
 * io.github.harp.core.upstream.Upstream}, where each call may take {@code perCall}, and all
 * together until the deadline of the order.
 *
 * <p>Calls block their thread, which must not be an event loop. {@link #close()}, from any thread,
 * ends those that are open.
 */
public final class Engine implements DockerHttpClient {

  private final EngineAddress address;
  private final EngineTransport transport;
  private final Duration perCall;
  private final Deadline order;
  private final OrderLocks.Held held;
  private final DefaultDockerCmdExecFactory commands;
  private final DockerClient docker;

  /**
   * @param held is asked before each call
   */
  public Engine(EngineAddress address, Duration perCall, Deadline order, OrderLocks.Held held) {
    this.address = address;
    this.transport = new EngineTransport(address, held);
    this.perCall = perCall;
    this.order = order;
    this.held = held;
    this.commands = new DefaultDockerCmdExecFactory(this, EngineJson.MAPPER);
    var config = new EngineConfig(EngineJson.MAPPER);
    commands.init(config);
    this.docker = DockerClientImpl.getInstance(config).withDockerCmdExecFactory(commands);
  }

  /** The same engine with a time and connections of its own; the caller closes it. */
  public Engine another(Duration allowed) {
    return new Engine(address, allowed, Deadline.in(allowed, Ticker.systemTicker()), held);
  }

  public DockerClient docker() {
    return docker;
  }

  /** For commands that must not pass docker-java's own logging. */
  public DefaultDockerCmdExecFactory commands() {
    return commands;
  }

  public ObjectMapper json() {
    return EngineJson.MAPPER;
  }

  /** When the order as a whole must be over. */
  public Deadline order() {
    return order;
  }

  /** One call that docker-java has no command for. The caller closes the response. */
  @Override
  public Response execute(Request request) {
    return transport.execute(request, order.within(perCall));
  }

  @Override
  public void close() {
    transport.close();
  }

  /** Which it is and where, for findings: {@code engine 24000 (unix:///run/docker.sock)}. */
  public String where() {
    return address.name() + " (" + address.upstream() + ")";
  }

  @Override
  public String toString() {
    return address.name();
  }
}
