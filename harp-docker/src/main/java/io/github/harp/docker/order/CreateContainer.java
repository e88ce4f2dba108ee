// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.order;

import static io.github.harp.core.HarpException.Code.CONFLICT;
import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.TIMED_OUT;
import static io.github.harp.core.HarpException.Code.UNAVAILABLE;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.InternalServerErrorException;
import com.github.dockerjava.api.exception.NotFoundException;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.docker.inspection.DescribeEngine;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates an ExApp's volume and container. Contract 5.10.
 *
 * <p>Leaves nothing half made: what this order created is removed when the order fails. Where the
 * answer got lost, so that nobody knows whether there is a container, its name stays in {@code
 * inDoubt} and the next order for it begins by removing what was never started.
 */
public final class CreateContainer {

  private static final Logger LOG = LoggerFactory.getLogger(CreateContainer.class);
  private static final Duration UNDO_MAY_TAKE = Duration.ofSeconds(5);

  private static final Set<HarpException.Code> LOST = EnumSet.of(TIMED_OUT, FAILED, UNAVAILABLE);

  private final Engine engine;
  private final ExAppSpec spec;
  private final NamesInDoubt inDoubt;

  public CreateContainer(Engine engine, ExAppSpec spec, NamesInDoubt inDoubt) {
    this.engine = engine;
    this.spec = spec;
    this.inDoubt = inDoubt;
  }

  public Deployed run() {
    var command = new CreateCommand(engine, spec).build();
    if (inDoubt.contains(container())) {
      removeIfNeverStarted(engine);
      inDoubt.remove(container());
    }
    var madeVolume = ensureVolume();
    try {
      var id = create(command);
      warnWhereGpusAreLeftOut();
      return new Deployed(id, container(), spec.image());
    } catch (RuntimeException e) {
      if (isAnswerLost(e)) {
        undoWhatMayBeThere();
      } else {
        undoVolume(madeVolume);
      }
      throw e;
    }
  }

  private String create(CreateContainerCmd command) {
    try {
      return Optional.ofNullable(command.exec().getId())
          .orElseThrow(
              () ->
                  new HarpException(
                      FAILED,
                      engine
                          + ", creation of "
                          + container()
                          + ": the engine answered without an id"));
    } catch (ConflictException e) {
      throw EngineErrors.saidNo(CONFLICT, engine + ", creation of " + container(), e);
    } catch (InternalServerErrorException e) {
      // Podman 4.3 has this status for a name that is taken.
      if (String.valueOf(e.getMessage()).contains("is already in use")) {
        throw EngineErrors.saidNo(CONFLICT, engine + ", creation of " + container(), e);
      }
      throw e;
    }
  }

  /** Made in Docker's way, a request for GPUs means nothing to Podman, which does not say so. */
  private void warnWhereGpusAreLeftOut() {
    if (spec.device() != ComputeDevice.CUDA) {
      return;
    }
    try {
      if (new DescribeEngine(engine).isPodman()) {
        LOG.warn(
            "{}: {} is deployed for cuda, and Podman leaves out GPUs that are asked for in Docker's"
                + " way: without CDI in its own containers.conf there are none in it, see"
                + " docs/engines.md",
            engine,
            container());
      }
    } catch (RuntimeException e) {
      LOG.debug("{}: does not say what it is", engine, e);
    }
  }

  private boolean ensureVolume() {
    var volume = spec.name().volume();
    try {
      engine.docker().inspectVolumeCmd(volume).exec();
      return false;
    } catch (NotFoundException e) {
      engine.docker().createVolumeCmd().withName(volume).exec();
      return true;
    }
  }

  /** The order may have reached the engine, and what it made of it is not known. */
  private static boolean isAnswerLost(RuntimeException e) {
    return e instanceof HarpException known && LOST.contains(known.code())
        || e.getCause() instanceof IOException;
  }

  private void undoVolume(boolean madeHere) {
    if (!madeHere) {
      return;
    }
    try {
      new Containers(engine).removeVolume(spec.name());
    } catch (RuntimeException e) {
      LOG.warn(
          "{}: the empty volume {} stays, its removal failed: {}",
          engine,
          spec.name().volume(),
          EngineErrors.translate("undo", e).getMessage());
    }
  }

  private void undoWhatMayBeThere() {
    inDoubt.add(container());
    // Interrupted or not, this much is still done.
    var interrupted = Thread.interrupted();
    try (var own = engine.another(UNDO_MAY_TAKE)) {
      if (removeIfNeverStarted(own)) {
        inDoubt.remove(container());
      }
    } catch (RuntimeException e) {
      LOG.warn(
          "{}: whether {} was created is not known, the next order for it will look: {}",
          engine,
          container(),
          EngineErrors.translate("undo", e).getMessage());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean removeIfNeverStarted(Engine engine) {
    var containers = new Containers(engine);
    var found = containers.inspect(spec.name());
    if (found.isEmpty() || !Containers.status(found.get()).equals("created")) {
      return false;
    }
    containers.remove(spec.name(), false);
    LOG.info("{}: removed {}, which an order without an answer had left", engine, container());
    return true;
  }

  private String container() {
    return spec.name().container();
  }
}
