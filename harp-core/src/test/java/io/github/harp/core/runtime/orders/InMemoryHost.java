// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.ImageRemoval;
import io.github.harp.core.runtime.InMemoryExAppRuntime;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * A host that only remembers: what an {@link InMemoryExAppRuntime} does, on a thread that waits.
 */
record InMemoryHost(InMemoryExAppRuntime runtime) implements ExAppHost {

  @Override
  public Optional<Deployed> find(ExAppName name) throws InterruptedException {
    return get(runtime.find(name));
  }

  @Override
  public Deployed create(ExAppSpec spec) throws InterruptedException {
    return get(runtime.create(spec));
  }

  @Override
  public boolean start(ExAppName name) throws InterruptedException {
    return get(runtime.start(name));
  }

  @Override
  public boolean stop(ExAppName name) throws InterruptedException {
    return get(runtime.stop(name));
  }

  @Override
  public StartOutcome awaitStart(ExAppName name) throws InterruptedException {
    return get(runtime.awaitStart(name));
  }

  @Override
  public void remove(ExAppName name, boolean removeData) throws InterruptedException {
    get(runtime.remove(name, removeData));
  }

  @Override
  public ImageRemoval removeImage(String imageRef) throws InterruptedException {
    return get(runtime.removeImage(imageRef));
  }

  @Override
  public void installCertificates(ExAppName name, CertificateInstallation installation)
      throws InterruptedException {
    get(runtime.installCertificates(name, installation));
  }

  @Override
  public PlaceReport describe() throws InterruptedException {
    return get(runtime.describe());
  }

  @Override
  public void close() {}

  private static <T> T get(Future<T> order) throws InterruptedException {
    try {
      return order.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw (HarpException) e.getCause();
    }
  }
}
