// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.upstream;

import io.github.harp.core.ExApp;
import io.vertx.core.Future;

/** What the forwarder may rely on, whatever leads to an ExApp. */
public abstract class UpstreamsContract extends UpstreamContract {

  /** The ones under test. */
  protected abstract Upstreams upstreams();

  /** An ExApp that sends back what it receives. */
  protected abstract ExApp echoingExApp();

  /** An ExApp that nothing listens for. */
  protected abstract ExApp unreachableExApp();

  @Override
  protected Future<Upstream> echoing() {
    return upstreams().locate(echoingExApp());
  }

  @Override
  protected Future<Upstream> unreachable() {
    return upstreams().locate(unreachableExApp());
  }
}
