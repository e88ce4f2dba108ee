// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis, or Valkey, is, and which user asks there.
 *
 * @param hosts {@code host:port} of at least one
 * @param master what sentinels call the server that is written to; empty where there are none
 * @param database its number; 0 in a cluster
 * @param user of its ACL; empty for the default one
 */
public record RedisServers(
    Kind kind,
    boolean tls,
    List<String> hosts,
    String master,
    int database,
    Optional<String> user) {

  /** How several servers belong together. */
  public enum Kind {
    /** One. */
    STANDALONE,
    /** Sentinels say which one is written to. */
    SENTINEL,
    /** Each has a part of the keys. */
    CLUSTER
  }

  private static final int REDIS_PORT = 6379;
  private static final int SENTINEL_PORT = 26379;
  private static final int MAX_HOSTS = 100;
  private static final Pattern URL =
      Pattern.compile(
          "(?:redis|valkey)(?<tls>s?)(?<kind>\\+sentinel|\\+cluster)?://"
              + "(?:(?<user>[A-Za-z0-9._~-]+)@)?(?<hosts>[^/@?#\\s]+)(?<path>(?:/[^/?#\\s]*)*)");
  private static final Pattern HOST =
      Pattern.compile("(?<host>\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+)(?::(?<port>\\d{1,5}))?");
  private static final Pattern MASTER = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  private static final String EXPECTED =
      "redis://user@host:6379/0, rediss:// for TLS,"
          + " redis+sentinel://host:26379,host:26379/mymaster or"
          + " redis+cluster://host:6379,host:6379, without a password";

  public RedisServers {
    hosts = List.copyOf(hosts);
  }

  /**
   * Reads {@code redis://user@host:6379/0}, {@code redis+sentinel://a,b/mymaster/0} or {@code
   * redis+cluster://a,b}; with {@code rediss} over TLS, with {@code valkey} the same.
   *
   * @throws IllegalArgumentException saying what is expected
   */
  public static RedisServers parse(String url) {
    var parts = URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalArgumentException(EXPECTED);
    }
    var kind = kind(parts.group("kind"));
    var path = parts.group("path").isEmpty() ? "" : parts.group("path").substring(1);
    var named = kind == Kind.SENTINEL ? path.split("/", 2) : new String[] {"", path};
    var database = named.length < 2 ? "" : named[1];
    if (kind == Kind.SENTINEL && !MASTER.matcher(named[0]).matches()
        || !database.matches(kind == Kind.CLUSTER ? "0?" : "\\d{0,5}")) {
      throw new IllegalArgumentException(EXPECTED);
    }
    return new RedisServers(
        kind,
        !parts.group("tls").isEmpty(),
        hosts(kind, parts.group("hosts")),
        named[0],
        database.isEmpty() ? 0 : Integer.parseInt(database),
        Optional.ofNullable(parts.group("user")));
  }

  private static Kind kind(@Nullable String suffix) {
    return suffix == null
        ? Kind.STANDALONE
        : suffix.equals("+sentinel") ? Kind.SENTINEL : Kind.CLUSTER;
  }

  private static List<String> hosts(Kind kind, String text) {
    var hosts = new ArrayList<String>();
    for (var each : text.split(",", -1)) {
      var host = HOST.matcher(each);
      if (!host.matches() || hosts.size() == MAX_HOSTS) {
        throw new IllegalArgumentException(EXPECTED);
      }
      var standard = kind == Kind.SENTINEL ? SENTINEL_PORT : REDIS_PORT;
      var port = host.group("port") == null ? standard : Integer.parseInt(host.group("port"));
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException(EXPECTED);
      }
      hosts.add(host.group("host") + ":" + port);
    }
    if (kind == Kind.STANDALONE && hosts.size() > 1) {
      throw new IllegalArgumentException(EXPECTED);
    }
    return hosts;
  }

  /** For logs. */
  @Override
  public String toString() {
    return String.join(", ", hosts)
        + (master.isEmpty() ? "" : " (sentinels of " + master + ")")
        + (tls ? " with TLS" : "");
  }
}
