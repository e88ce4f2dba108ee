// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import io.github.harp.core.ExAppName;

class InMemoryExAppRuntimeTest extends EngineRuntimeContract {

  private final InMemoryExAppRuntime runtime =
      new InMemoryExAppRuntime().withImage("runs:1", false).withImage("ends:1", true);

  @Override
  protected ExAppRuntime runtime() {
    return runtime;
  }

  @Override
  protected String image() {
    return "runs:1";
  }

  @Override
  protected String endingImage() {
    return "ends:1";
  }

  @Override
  protected boolean hasData(ExAppName name) {
    return runtime.hasVolume(name);
  }
}
