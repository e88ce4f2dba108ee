// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import io.github.harp.core.InstanceName;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.key.SharedKey;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.config.environment.Environment;
import io.github.harp.launcher.config.environment.Variable;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What visitors are made with.
 *
 * @param tunnels where they log in
 * @param stunPort where they are told how they are seen, if they are
 * @param withdrawn the file that says which passes are good no more
 */
public record VisitorSettings(
    SharedKey key, ListenAddress tunnels, OptionalInt stunPort, Path withdrawn) {

  /**
   * Reads what concerns visitors and nothing else.
   *
   * @throws ConfigurationException naming every mistake
   */
  public static VisitorSettings from(Map<String, String> environment)
      throws ConfigurationException {
    var reading = new Environment(environment);
    var key = new SharedKeySource(reading).read();
    var tunnels = reading.require(Variable.HP_FRP_ADDRESS, ListenAddress::parse);
    var stun = StunSettings.read(reading);
    var certificates = CertificateSettings.read(reading);
    reading.requireNoMistakes();
    return new VisitorSettings(
        SharedKey.of(key.reveal()),
        tunnels,
        stun.map(it -> OptionalInt.of(it.address().port())).orElse(OptionalInt.empty()),
        certificates.withdrawnPasses(InstanceName.FIRST));
  }
}
