// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.serve;

import io.github.harp.launcher.config.Configuration;

public final class Service {
  public Service(Configuration configuration) {}

  public boolean run() throws InterruptedException {
    return true;
  }
}
