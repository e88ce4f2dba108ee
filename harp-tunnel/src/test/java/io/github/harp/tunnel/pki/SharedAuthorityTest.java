// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.tunnel.TunnelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several servers of the same clients come to have one authority. */
class SharedAuthorityTest {

  @TempDir private Path folder;

  private final SettableClock clock = new SettableClock();
  private final List<String> changed = new ArrayList<>();

  private CertificateAuthority authority(String name) throws TunnelException {
    return CertificateAuthority.open(folder.resolve(name), Duration.ofDays(1000), clock);
  }

  @Test
  void theOlderAuthorityIsTakenByTheOthersWithItsCertificates() throws Exception {
    var old = authority("old");
    clock.advance(Duration.ofHours(1));
    var young = authority("young");
    young.onRenewal(changed::addAll);
    var before = young.clientFiles();

    assertThat(old.takeOver(young.files())).isNegative();
    assertThat(young.takeOver(old.files())).isPositive();
    assertThat(young.takeOver(old.files())).isZero();

    assertThat(young.files()).isEqualTo(old.files());
    assertThat(young.clientFiles()).isEqualTo(old.clientFiles()).isNotEqualTo(before);
    assertThat(changed).contains("ca.crt", "client.crt");
    assertThat(Handshake.failure(young.serverContext(), old.clientContext(), "harp.nc")).isNull();
    assertThat(folder.resolve("young/frp/ca.crt.old")).content().isEqualTo(before.get("ca.crt"));
    assertThat(young.renewIfDue()).isEmpty();
    assertThat(authority("young").files()).isEqualTo(old.files());
  }

  @Test
  void ofOneAuthorityTheLaterCertificatesAreTaken() throws Exception {
    var one = authority("one");
    clock.advance(Duration.ofHours(1));
    var two = authority("two");
    assertThat(two.takeOver(one.files())).isPositive();
    clock.advance(Duration.ofHours(1));
    one.renewNow();

    assertThat(one.takeOver(two.files())).isNegative();
    assertThat(two.takeOver(one.files())).isPositive();
    assertThat(two.files()).isEqualTo(one.files());
  }

  @Test
  void whicheverIsToldFirstAllEndWithTheSame() throws Exception {
    var all = new ArrayList<CertificateAuthority>();
    for (var i = 0; i < 4; i++) {
      all.add(authority("made-at-once-" + i));
    }
    for (var round = 0; round < 2; round++) {
      for (var one : all) {
        for (var other : all) {
          one.takeOver(other.files());
        }
      }
    }

    assertThat(all).extracting(CertificateAuthority::files).containsOnly(all.get(0).files());
  }

  @Test
  void whatDoesNotBelongTogetherIsNotTaken() throws Exception {
    var one = authority("one");
    clock.advance(Duration.ofHours(1));
    var two = authority("two");
    var kept = two.files();
    for (var wrong : List.of("ca.key", "server.key", "server.crt", "client.crt", "client.key")) {
      var files = new HashMap<>(one.files());
      files.put(wrong, kept.get(wrong));
      assertThatThrownBy(() -> two.takeOver(files)).isInstanceOf(TunnelException.class);
      files.put(wrong, "no PEM");
      assertThatThrownBy(() -> two.takeOver(files)).isInstanceOf(TunnelException.class);
      if (!wrong.equals("ca.key") && !wrong.startsWith("client.key")) {
        files.remove(wrong);
        assertThatThrownBy(() -> two.takeOver(files)).isInstanceOf(TunnelException.class);
      }
    }

    assertThat(two.files()).isEqualTo(kept);
  }

  @Test
  void oneWithoutItsKeyIsTakenToo() throws Exception {
    var one = authority("one");
    clock.advance(Duration.ofHours(1));
    var two = authority("two");
    var files = new HashMap<>(one.files());
    files.remove("ca.key");

    assertThat(two.takeOver(files)).isPositive();
    assertThat(two.files()).isEqualTo(files);
  }
}
