// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.runtime.spec.MountRules;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a gateway was told before it started. There is a word on it without a gateway, too.
 *
 * @param version of the program
 * @param nextcloudUrl base URL of Nextcloud without a slash at the end
 * @param nextcloudFolder the path of that URL, such as {@code /nextcloud}; empty when it has none
 * @param frontDoor where Nextcloud and proxies find it
 * @param listeners all addresses that it listens on, by the setting that says so, in the order to
 *     show them in
 * @param httpsCertificate what it shows to clients with TLS; empty when it has none
 * @param tunnelTls whether tunnels need TLS
 * @param tunnelPorts the file that remembers who is reached through a tunnel
 * @param engines engines that need no tunnel, whether or not they are there, with where they are
 * @param mounts which folders of the engines' hosts ExApps may see
 * @param alarms what makes it unsafe to run like this
 * @param warnings what is odd
 * @param check what is to be said of the settings themselves
 */
public record GatewayFacts(
    String version,
    SharedKey sharedKey,
    String nextcloudUrl,
    String nextcloudFolder,
    TrustedProxies trustedProxies,
    ListenAddress frontDoor,
    Map<String, ListenAddress> listeners,
    Optional<Path> httpsCertificate,
    boolean tunnelTls,
    Path tunnelPorts,
    Map<EngineNumber, String> engines,
    MountRules mounts,
    List<String> alarms,
    List<String> warnings,
    Check check) {

  public GatewayFacts {
    listeners = Collections.unmodifiableMap(new LinkedHashMap<>(listeners));
    engines = Map.copyOf(engines);
    alarms = List.copyOf(alarms);
    warnings = List.copyOf(warnings);
  }
}
