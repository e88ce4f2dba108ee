// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.certificates;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Frame;
import io.github.harp.core.HarpException;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineErrors;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Runs a command inside a running container and waits for its end. */
final class ContainerExec {

  private static final int KEPT_BYTES = 64 * 1024;
  private static final int UNKNOWN_EXIT_CODE = -1;
  private static final int LOOKS_FOR_EXIT_CODE = 20;
  private static final int LOOK_AGAIN_MILLIS = 100;

  private final Engine engine;
  private final String container;

  ContainerExec(Engine engine, String container) {
    this.engine = engine;
    this.container = container;
  }

  /**
   * @param exitCode -1 when the engine does not tell
   * @param output the beginning of what it wrote to its standard output and error
   */
  record Result(int exitCode, String output) {

    boolean failed() {
      return exitCode != 0;
    }
  }

  Result run(String... command) throws InterruptedException {
    var created =
        engine
            .docker()
            .execCreateCmd(container)
            .withAttachStdout(true)
            .withAttachStderr(true)
            .withCmd(command)
            .exec();
    var output = new Output();
    engine.docker().execStartCmd(created.getId()).withDetach(false).withTty(false).exec(output);
    try {
      output.awaitEnd();
      return new Result(exitCode(created.getId()), output.text());
    } catch (RuntimeException e) {
      throw broken(command, EngineErrors.translate("exec", e));
    }
  }

  /** The engine knows what it runs by a number that says nothing to people. */
  private HarpException broken(String[] command, HarpException e) {
    return new HarpException(
        e.code(),
        engine + ", '" + String.join(" ", command) + "' in " + container + ": " + e.getMessage(),
        e);
  }

  private int exitCode(String id) throws InterruptedException {
    try {
      for (var look = 1; ; look++) {
        var state = engine.docker().inspectExecCmd(id).exec();
        // Podman closes the stream a moment before it has noted the end.
        if (Boolean.TRUE.equals(state.isRunning()) && look < LOOKS_FOR_EXIT_CODE) {
          Thread.sleep(LOOK_AGAIN_MILLIS);
          continue;
        }
        var code = state.getExitCodeLong();
        return code == null ? UNKNOWN_EXIT_CODE : code.intValue();
      }
    } catch (DockerException e) {
      return UNKNOWN_EXIT_CODE;
    }
  }

  /** Both streams, already taken apart by docker-java. */
  private static final class Output implements ResultCallback<Frame> {

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    @Override
    public void onStart(Closeable stream) {
      // The call's deadline ends it, or the end of the order.
    }

    @Override
    public synchronized void onNext(Frame frame) {
      var room = KEPT_BYTES - kept.size();
      kept.write(frame.getPayload(), 0, Math.min(room, frame.getPayload().length));
    }

    @Override
    public void onError(Throwable cause) {
      end.completeExceptionally(cause);
    }

    @Override
    public void onComplete() {
      end.complete(null);
    }

    @Override
    public void close() {
      end.complete(null);
    }

    void awaitEnd() throws InterruptedException {
      try {
        end.get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
      }
    }

    synchronized String text() {
      return kept.toString(StandardCharsets.UTF_8);
    }
  }
}
