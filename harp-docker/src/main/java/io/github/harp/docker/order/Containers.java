// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.order;

import static io.github.harp.core.HarpException.Code.CONFLICT;
import static io.github.harp.core.HarpException.Code.NOT_FOUND;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import io.github.harp.core.ExAppName;
import io.github.harp.core.runtime.Deployed;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineErrors;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The short orders about a container that need one or two calls. Contract 5.9, 5.11, 5.13. */
public final class Containers {

  private final Engine engine;

  public Containers(Engine engine) {
    this.engine = engine;
  }

  public Optional<Deployed> find(ExAppName name) {
    try {
      return inspect(name).map(found -> deployed(name, found));
    } catch (RuntimeException e) {
      // The engine said 200, so there is one, whatever else it wanted to tell.
      if (e.getCause() instanceof JsonProcessingException) {
        return Optional.of(new Deployed("", name.container(), ""));
      }
      throw e;
    }
  }

  /** What the engine knows of a container; empty when there is none. */
  public Optional<InspectContainerResponse> inspect(ExAppName name) {
    try {
      return Optional.of(engine.docker().inspectContainerCmd(name.container()).exec());
    } catch (NotFoundException e) {
      return Optional.empty();
    }
  }

  /** The engine's word for the state of a container, empty where it does not tell. */
  static String status(InspectContainerResponse container) {
    var state = container.getState();
    return state == null ? "" : orEmpty(state.getStatus());
  }

  public static boolean isRunning(InspectContainerResponse container) {
    var state = container.getState();
    return state != null && Boolean.TRUE.equals(state.getRunning());
  }

  /** {@code uid[:gid]} or a name; null for the engine's default. */
  public static @Nullable String user(InspectContainerResponse container) {
    var config = container.getConfig();
    return config == null ? null : config.getUser();
  }

  private static Deployed deployed(ExAppName name, InspectContainerResponse found) {
    var config = found.getConfig();
    var image = config == null ? null : config.getImage();
    return new Deployed(
        orEmpty(found.getId()),
        name.container(),
        image == null || image.isEmpty() ? orEmpty(found.getImageId()) : image);
  }

  private static String orEmpty(String value) {
    return Optional.ofNullable(value).orElse("");
  }

  /** Starts a container; false when it was running already. */
  public boolean start(ExAppName name) {
    try {
      engine.docker().startContainerCmd(name.container()).exec();
      return true;
    } catch (NotModifiedException e) {
      return false;
    } catch (NotFoundException e) {
      throw EngineErrors.saidNo(NOT_FOUND, engine + ", start of " + name.container(), e);
    }
  }

  /** Stops a container, as gently as its image asks for; false when it was stopped already. */
  public boolean stop(ExAppName name) {
    try {
      engine.docker().stopContainerCmd(name.container()).exec();
      return true;
    } catch (NotModifiedException e) {
      return false;
    } catch (NotFoundException e) {
      throw EngineErrors.saidNo(NOT_FOUND, engine + ", stop of " + name.container(), e);
    }
  }

  /** Removes a container and, when told to, its volume; neither needs to exist. */
  public void remove(ExAppName name, boolean removeData) {
    try {
      engine.docker().removeContainerCmd(name.container()).withForce(true).exec();
    } catch (NotFoundException | ConflictException e) {
      // Gone, or going already.
    }
    if (removeData) {
      removeVolume(name);
    }
  }

  void removeVolume(ExAppName name) {
    try {
      engine.docker().removeVolumeCmd(name.volume()).exec();
    } catch (NotFoundException e) {
      // Gone already.
    } catch (ConflictException e) {
      throw EngineErrors.saidNo(CONFLICT, engine + ", removal of volume " + name.volume(), e);
    }
  }
}
