// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.facts;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.launcher.Version;
import io.github.harp.launcher.config.CertificateSettings;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.operations.GatewayFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What those who look after a gateway need to know of its configuration. */
public final class Facts {

  private Facts() {}

  public static GatewayFacts of(Configuration configuration) {
    var certificates = configuration.certificates();
    var listeners = configuration.listeners();
    var remarks = configuration.remarks();
    var pem = Optional.of(certificates.tlsPem()).filter(Files::exists);
    return new GatewayFacts(
        Version.number(),
        configuration.nextclouds().stream().map(it -> of(it, certificates)).toList(),
        new GatewayFacts.Listeners(
            listeners.exApps().get(0),
            byVariable(listeners, pem),
            pem,
            configuration.access().trustedProxies(),
            configuration.http().protocols().earlyHints()),
        configuration.tunnels().tls(),
        new GatewayFacts.Settings(
            remarks.alarms(), remarks.warnings(), ConfigurationCheck.of(configuration)));
  }

  public static GatewayFacts.Nextcloud of(
      Configuration.Nextcloud nextcloud, CertificateSettings certificates) {
    return new GatewayFacts.Nextcloud(
        nextcloud.name(),
        nextcloud.url(),
        nextcloud.folder(),
        nextcloud.key(),
        nextcloud.places().engines(),
        nextcloud.mounts(),
        certificates.tunnelPorts(nextcloud.name()));
  }

  private static Map<String, ListenAddress> byVariable(
      Configuration.Listeners listeners, Optional<Path> pem) {
    var byVariable = new LinkedHashMap<String, ListenAddress>();
    byVariable.put("HP_EXAPPS_ADDRESS", listeners.exApps().get(0));
    pem.ifPresent(it -> byVariable.put("HP_EXAPPS_HTTPS_ADDRESS", listeners.exAppsTls().get(0)));
    byVariable.put("HP_FRP_ADDRESS", listeners.frp());
    listeners.admin().ifPresent(it -> byVariable.put("HP_ADMIN_ADDRESS", it));
    return byVariable;
  }
}
