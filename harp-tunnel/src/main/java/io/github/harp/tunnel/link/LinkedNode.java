// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Another server.
 *
 * @param name what its certificate has to show
 * @param place where it is, as somebody has said: another one is another server
 * @param addresses asked whenever there is no connection to it; tried one after the other
 */
public record LinkedNode(
    String name,
    String place,
    Supplier<? extends CompletionStage<List<InetSocketAddress>>> addresses) {

  @Override
  public String toString() {
    return name + " at " + place;
  }
}
