// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.config.environment.Variable;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What HaRP starts with nonetheless, and says. */
class ConfigurationWarningsTest extends ReadsVariables {

  /** A value that the original started with, and the warning that it deserves. */
  static Stream<Arguments> oddities() {
    return Stream.of(
        mistake("HP_SHARED_KEY", " a key with blanks around ", "blanks"),
        mistake("NC_INSTANCE_URL", "cloud.example.com", "'cloud.example.com': expected a URL"),
        mistake("NC_INSTANCE_URL", "http://me:secret@cloud", "'http://…@cloud'"),
        mistake("NC_INSTANCE_URL", "http://cloud/?a=b", "nothing behind it"),
        mistake("HP_EXAPPS_ADDRESS", "0.0.0.0:8780 alpn h2", "'alpn h2'"),
        mistake("HP_TRUSTED_PROXY_IPS", "proxy.local,10.0.0.1", "'proxy.local': ignored"),
        mistake("HP_ALLOWED_MOUNTS", "/var,/srv", "'/var' allows /var/lib/docker"),
        mistake("HP_ALLOWED_MOUNTS", "/", "owns the engine's host"),
        mistake("HP_TRUSTED_PROXY_IPS", "10.0.0.1/8", "read as 10.0.0.0/8"),
        mistake("HP_BLACKLIST_WINDOW", "0", "nobody is ever banned"),
        mistake("HP_VERBOSE_START", "2", "found '2', expected true or false; using 1"),
        mistake("HP_WATCHDOG_INTERVAL", "0", "using 10"),
        mistake("HP_WATCHDOG_FAILS", "x", "using 12"),
        mistake("HP_TIMEOUT_SERVE", "5s", "did you mean HP_TIMEOUT_SERVER?"),
        mistake("HP_TRUSTED_PROXY", "10.0.0.1", "did you mean HP_TRUSTED_PROXY_IPS?"),
        mistake("HP_SOMETHING_ELSE", "1", "knows no such variable"));
  }

  @ParameterizedTest(name = "{0}={1}")
  @MethodSource("oddities")
  void warnsOf(String variable, String value, String said) throws ConfigurationException {
    assertThat(read(variable, value).remarks().warnings())
        .singleElement()
        .asString()
        .contains(variable)
        .contains(said);
  }

  @ParameterizedTest
  @DisplayName("S13: a weak key or one of public documents works, and is an error each time")
  @CsvSource({
    "short, 5 characters can be guessed",
    "0123456789abcde, 15 characters can be guessed",
    "some_very_secure_password, public documents",
    "Some-Very-Secure-Password, public documents",
    "enter_a_secure_password_here, public documents",
    "<your_harp_shared_key>, public documents",
    "CHANGE_ME, public documents",
    "mysecret, public documents"
  })
  void s13_aWeakKeyIsAnErrorEachTime(String key, String said) throws ConfigurationException {
    var read = read("HP_SHARED_KEY", key);

    assertThat(read.first().key().matches(key)).isTrue();
    assertThat(read.remarks().alarms())
        .singleElement()
        .asString()
        .contains("HP_SHARED_KEY")
        .contains(said);
    assertThat(read.remarks().alarms().toString()).as("nor is it shown").doesNotContain(key);
    assertThat(read.remarks().warnings()).isEmpty();
  }

  @Test
  void aKeyOfSixteenCharactersIsNoError() throws ConfigurationException {
    assertThat(read("HP_SHARED_KEY", "0123456789abcdef").remarks().alarms()).isEmpty();
  }

  @Test
  @DisplayName("S10: the configured socket of an engine is not allowed by a folder above it")
  void s10_theConfiguredSocketIsGuarded() throws Exception {
    var engines = "24000=unix:///srv/engine/api,24001=tcp://10.0.0.7:2375";

    var read = readWith(Map.of("HP_DOCKER_ENGINES", engines, "HP_ALLOWED_MOUNTS", "/srv"));

    assertThat(read.first().mounts().allows("/srv/models")).isTrue();
    assertThat(read.first().mounts().allows("/srv/engine/api")).isFalse();
    assertThat(read.first().mounts().allows("/srv/engine")).isFalse();
    assertThat(read.first().mounts().allows("/var/run/docker.sock")).isFalse();
    assertThat(read.remarks().warnings())
        .singleElement()
        .asString()
        .contains("'/srv' allows /srv/engine/api");
    assertThat(readWith(Map.of()).first().mounts().allows("/srv/models")).isFalse();
  }

  @Test
  void manyBadTrustedProxiesAreSummedUp() throws ConfigurationException {
    assertThat(read("HP_TRUSTED_PROXY_IPS", "a,b,c,d,e,f,g,10.0.0.1").remarks().warnings())
        .hasSize(6)
        .last()
        .asString()
        .contains("and 2 more");
  }

  @Test
  void aPlainConfigurationHasNoWarnings() throws ConfigurationException {
    assertThat(read("HP_SPOA_ADDRESS", "anything").remarks().warnings()).isEmpty();
  }

  @Test
  @DisplayName("F17 what is neither on nor off is a warning, for every switch")
  void f17_whatIsNeitherOnNorOffIsAWarning() throws ConfigurationException {
    var switches = Arrays.stream(Variable.values()).filter(Variable::isSwitch).toList();

    assertThat(switches).hasSizeGreaterThanOrEqualTo(6);
    for (var variable : switches) {
      assertThat(read(variable.name(), "maybe").remarks().warnings())
          .singleElement()
          .asString()
          .startsWith(variable + ": found 'maybe', expected true or false; using ");
    }
  }

  @Test
  void aBadValidityOfCertificatesThatExistOnlyWarns() throws Exception {
    Files.createDirectories(root.resolve("frp"));

    var read =
        readWith(Map.of("HP_CERTS_DIR", root.toString(), "HP_FRP_CERT_VALIDITY_DAYS", "forever"));

    assertThat(read.certificates().tunnelValidity()).isEqualTo(Duration.ofDays(5000));
    assertThat(read.remarks().warnings()).singleElement().asString().contains("'forever'");
  }

  @Test
  void saysLoudlyThatAMountedHaproxyConfigurationIsIgnored() throws Exception {
    Files.createFile(root.resolve("haproxy.cfg"));

    assertThat(readWith(Map.of()).remarks().warnings())
        .singleElement()
        .asString()
        .contains("/haproxy.cfg", "IGNORED");
  }

  @ParameterizedTest
  @CsvSource({
    "8192, 1024, true",
    "8192, 16895, true",
    "8192, 16896, false",
    "8192, unlimited, false",
    "200, 1024, false",
  })
  @DisplayName(
      "S1: fewer open files than connections need are a warning, at the start and of the doctor")
  void s1_tooFewOpenFilesAreAWarning(String connections, String files, boolean warned)
      throws Exception {
    Files.createDirectories(root.resolve("proc/self"));
    Files.writeString(
        root.resolve("proc/self/limits"),
        "Limit                     Soft Limit           Hard Limit           Units     \n"
            + "Max processes             63415                63415                processes \n"
            + "Max open files            "
            + files
            + "                524288               files     \n");

    var warnings = readWith(Map.of("HP_LIMIT_CONNECTIONS", connections)).remarks().warnings();

    assertThat(warnings).hasSize(warned ? 1 : 0);
    assertThat(warnings).allMatch(it -> it.startsWith("HP_LIMIT_CONNECTIONS: found 8192, and a"));
  }
}
