// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.AuthConfigurations;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.core.SSLConfig;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A configuration that takes nothing from the environment or from files in the home directory, and
 * leaves the API version open: every engine serves unversioned paths in its own version.
 */
final class EngineConfig implements DockerClientConfig {

  private static final URI NOBODY_CONNECTS_TO = URI.create("tcp://localhost");

  private final ObjectMapper json;

  EngineConfig(ObjectMapper json) {
    this.json = json;
  }

  @Override
  public URI getDockerHost() {
    return NOBODY_CONNECTS_TO;
  }

  @Override
  public RemoteApiVersion getApiVersion() {
    return RemoteApiVersion.UNKNOWN_VERSION;
  }

  @Override
  public @Nullable String getRegistryUsername() {
    return null;
  }

  @Override
  public @Nullable String getRegistryPassword() {
    return null;
  }

  @Override
  public @Nullable String getRegistryEmail() {
    return null;
  }

  @Override
  public @Nullable String getRegistryUrl() {
    return null;
  }

  @Override
  public @Nullable AuthConfig effectiveAuthConfig(String imageName) {
    return null;
  }

  @Override
  public AuthConfigurations getAuthConfigurations() {
    return new AuthConfigurations();
  }

  @Override
  public @Nullable SSLConfig getSSLConfig() {
    return null;
  }

  @Override
  public ObjectMapper getObjectMapper() {
    return json;
  }
}
