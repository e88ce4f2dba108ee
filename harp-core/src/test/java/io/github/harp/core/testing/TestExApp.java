// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.testing;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.route.RouteTable;

/** ExApps for tests that care for where they listen and which deployment they are. */
public final class TestExApp {
  private TestExApp() {}

  public static ExApp at(String host, int port, String id, String secret) {
    return new ExApp(
        new AppId(id),
        "1.0.0",
        new ExAppAddress(host, port),
        Secret.of(secret),
        RouteTable.empty());
  }
}
