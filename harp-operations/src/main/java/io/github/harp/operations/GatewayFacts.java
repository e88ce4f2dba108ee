// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.InstanceName;
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
 * @param nextclouds the first of which is the one whose the gateway is
 * @param tunnelTls whether whoever dials in needs TLS
 */
public record GatewayFacts(
    String version,
    List<Nextcloud> nextclouds,
    Listeners listeners,
    boolean tunnelTls,
    Settings settings) {

  public GatewayFacts {
    nextclouds = List.copyOf(nextclouds);
  }

  /** Whose the gateway is: those who look after it show its key. */
  public Nextcloud first() {
    return nextclouds.get(0);
  }

  /**
   * Whom it serves.
   *
   * @param url base URL without a slash at the end
   * @param folder the path of that URL, such as {@code /nextcloud}; empty when it has none
   * @param key what it shows
   * @param engines that it reaches without a tunnel, whether or not they are there
   * @param mounts which folders of their hosts its ExApps may see
   * @param tunnelPorts the file that remembers who is reached through a tunnel
   */
  public record Nextcloud(
      InstanceName name,
      String url,
      String folder,
      SharedKey key,
      Map<EngineNumber, LocalEngine> engines,
      MountRules mounts,
      Path tunnelPorts) {

    public Nextcloud {
      engines = Map.copyOf(engines);
    }
  }

  /**
   * Where it listens.
   *
   * @param frontDoor where Nextcloud and proxies find it
   * @param all by the setting that says so, in the order to show them in
   * @param httpsCertificate what clients with TLS are shown; empty when there is none
   * @param trustedProxies who may stand in front
   * @param earlyHints whether those get 103 Early Hints over HTTP/1.1
   */
  public record Listeners(
      ListenAddress frontDoor,
      Map<String, ListenAddress> all,
      Optional<Path> httpsCertificate,
      TrustedProxies trustedProxies,
      boolean earlyHints) {

    public Listeners {
      all = Collections.unmodifiableMap(new LinkedHashMap<>(all));
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
