// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Found by JUnit itself: on a slow or busy machine a condition may take its time. */
public final class PatientAwaitility implements BeforeAllCallback {

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
  }
}
