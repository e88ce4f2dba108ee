// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.harp.cluster.RedisServers.Kind;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisServersTest {

  private static final AtomicInteger NODES = new AtomicInteger();

  static HarpClusterOptions options(String url) {
    return new HarpClusterOptions(
        RedisServers.parse(url),
        Optional.empty(),
        Optional.empty(),
        "node " + NODES.incrementAndGet());
  }

  @Test
  void oneServerHasDefaultsForAllButItsName() {
    assertThat(RedisServers.parse("redis://cache"))
        .isEqualTo(
            new RedisServers(
                Kind.STANDALONE, false, List.of("cache:6379"), "", 0, Optional.empty()));
    assertThat(RedisServers.parse("valkey://cache/"))
        .isEqualTo(RedisServers.parse("redis://cache"));
  }

  @Test
  void oneServerWithEverything() {
    assertThat(RedisServers.parse("rediss://harp@[2001:db8::7]:7000/3"))
        .isEqualTo(
            new RedisServers(
                Kind.STANDALONE, true, List.of("[2001:db8::7]:7000"), "", 3, Optional.of("harp")));
  }

  @Test
  void sentinelsSayWhereTheServerIs() {
    assertThat(RedisServers.parse("redis+sentinel://a,b:26380/mymaster/2"))
        .isEqualTo(
            new RedisServers(
                Kind.SENTINEL,
                false,
                List.of("a:26379", "b:26380"),
                "mymaster",
                2,
                Optional.empty()));
  }

  @Test
  void aClusterHasSeveral() {
    assertThat(RedisServers.parse("valkeys+cluster://harp@a,b"))
        .isEqualTo(
            new RedisServers(
                Kind.CLUSTER, true, List.of("a:6379", "b:6379"), "", 0, Optional.of("harp")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "cache",
        "http://cache",
        "redis://",
        "redis://a,b",
        "redis://cache:0",
        "redis://cache:65536",
        "redis://cache/one",
        "redis://harp:secret@cache",
        "redis://cache/0?password=secret",
        "redis+sentinel://a",
        "redis+sentinel://a/",
        "redis+sentinel://a/master/x",
        "redis+cluster://a/1",
        "redis+cluster://a,,b",
        "redis+other://a",
        "redis://a b"
      })
  void whatIsNoneIsRefusedInWords(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisServers.parse(url))
        .withMessageContaining("redis://user@host:6379/0")
        .withMessageNotContaining("secret");
  }
}
