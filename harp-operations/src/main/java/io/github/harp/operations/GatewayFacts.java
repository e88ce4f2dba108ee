// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.proxy.upstream.LocalEngine;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a gateway is set up, known before it starts: the doctor judges it without one, too.
 *
 * @param version of the program
 */
public record GatewayFacts(
    String version,
    Nextcloud nextcloud,
    Listeners listeners,
    Tunnels tunnels,
    Engines engines,
    Settings settings) {

  /**
   * Whom it serves.
   *
   * @param url base URL without a slash at the end
   * @param folder the path of that URL, such as {@code /nextcloud}; empty when it has none
   * @param key what it shows
   */
  public record Nextcloud(String url, String folder, SharedKey key) {}

  /**
   * Where it listens.
   *
   * @param frontDoor where Nextcloud and proxies find it
   * @param all by the setting that says so, in the order to show them in
   * @param httpsCertificate what clients with TLS are shown; empty when there is none
   * @param trustedProxies who may stand in front
   */
  public record Listeners(
      ListenAddress frontDoor,
      Map<String, ListenAddress> all,
      Optional<Path> httpsCertificate,
      TrustedProxies trustedProxies) {

    public Listeners {
      all = Collections.unmodifiableMap(new LinkedHashMap<>(all));
    }
  }

  /**
   * How one dials in.
   *
   * @param tls whether that needs TLS
   * @param memory the file that remembers who is reached through a tunnel
   */
  public record Tunnels(boolean tls, Path memory) {}

  /**
   * Where ExApps run without a tunnel.
   *
   * @param local engines, whether or not they are there
   * @param mounts which folders of their hosts ExApps may see
   */
  public record Engines(Map<EngineNumber, LocalEngine> local, MountRules mounts) {

    public Engines {
      local = Map.copyOf(local);
    }
  }

  /**
   * What is to be said of the settings themselves.
   *
   * @param alarms what makes it unsafe to run like this
   * @param warnings what is odd
   * @param check the same, and more, for the doctor
   */
  public record Settings(List<String> alarms, List<String> warnings, Check check) {

    public Settings {
      alarms = List.copyOf(alarms);
      warnings = List.copyOf(warnings);
    }
  }
}
