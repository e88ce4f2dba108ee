// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.core.AppId;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.address.Ports;
import io.github.harp.proxy.question.Question;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where Nextcloud is: a URL without a trailing slash and without {@code /index.php}.
 *
 * @param setting which gives it, for messages
 * @param https whether it is reached with TLS
 * @param host a name or an address; IPv6 without brackets
 * @param port the TCP port
 * @param basePath the folder that Nextcloud is in, with a leading and without a trailing slash;
 *     empty for none
 */
public record NextcloudAddress(
    String setting, boolean https, String host, int port, String basePath) {

  private static final String ENDPOINTS = "/index.php/apps/app_api/harp/";
  private static final Pattern AUTHORITY =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9._-]+))(?::([0-9]{0,6}))?");

  /**
   * Reads a base URL. Host names with an underscore, as Docker gives them, are fine.
   *
   * @throws IllegalArgumentException when it is not an absolute {@code http} or {@code https} URL;
   *     the message does not repeat it where it may hold a password
   */
  public static NextcloudAddress parse(String url) {
    return parse(url, "NC_INSTANCE_URL");
  }

  /** The same, from another setting. */
  public static NextcloudAddress parse(String url, String setting) {
    var uri = uri(url);
    var scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    var authority = uri.getRawAuthority();
    if (!scheme.equals("http") && !scheme.equals("https") || authority == null) {
      throw new IllegalArgumentException(
          "expected a URL that begins with http:// or https://, found another");
    }
    if (authority.contains("@")) {
      throw new IllegalArgumentException(
          "expected a URL without user and password, found one; HaRP shows the shared key instead");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "'" + url + "': expected scheme://host[:port][/path] and nothing behind it");
    }
    var https = scheme.equals("https");
    return at(setting, https, authority, basePath(uri.getRawPath()));
  }

  /** The path and query of an end-point of AppAPI. */
  String endpoint(String name, AppId appId) {
    return basePath + ENDPOINTS + name + "?appId=" + appId;
  }

  /** A question for Nextcloud here. */
  Question question(String pathAndQuery, MultiMap headers) {
    return new Question(HttpMethod.GET, https, host, port, pathAndQuery, headers);
  }

  /**
   * Where a redirect leads when it asks for nothing but TLS: the same host, path and query with
   * {@code https}.
   *
   * @param endpoint the path and query that were asked for
   */
  Optional<NextcloudAddress> secured(String endpoint, String location) {
    if (https) {
      return Optional.empty();
    }
    try {
      var target = uri(location);
      if (!"https".equalsIgnoreCase(target.getScheme()) || target.getRawAuthority() == null) {
        return Optional.empty();
      }
      var candidate = at(setting, true, target.getRawAuthority(), basePath);
      var pathAndQuery =
          target.getRawPath() + (target.getRawQuery() == null ? "" : "?" + target.getRawQuery());
      return candidate.host.equalsIgnoreCase(host) && pathAndQuery.equals(endpoint)
          ? Optional.of(candidate)
          : Optional.empty();
    } catch (IllegalArgumentException notAUrl) {
      return Optional.empty();
    }
  }

  /** The URL that this address is made from, for logs. */
  @Override
  public String toString() {
    return (https ? "https://" : "http://")
        + HostAndPort.create(IpAddresses.inUrl(host), port == (https ? 443 : 80) ? -1 : port)
        + basePath;
  }

  private static URI uri(String url) {
    try {
      return new URI(url.strip());
    } catch (URISyntaxException malformed) {
      throw new IllegalArgumentException(
          "not a URL at character "
              + (malformed.getIndex() + 1)
              + ": expected scheme://host[:port][/path]",
          malformed);
    }
  }

  private static NextcloudAddress at(
      String setting, boolean https, String authority, String basePath) {
    var match = AUTHORITY.matcher(authority);
    if (!match.matches()) {
      throw new IllegalArgumentException(
          "'" + authority + "': expected host or host:port, an IPv6 address in brackets");
    }
    var host = match.group(1) == null ? match.group(2) : match.group(1);
    var digits = match.group(3);
    var port =
        digits == null || digits.isEmpty() ? https ? 443 : 80 : Ports.parse(digits).orElse(0);
    if (port == 0) {
      throw new IllegalArgumentException("port " + digits + ": expected 1–65535");
    }
    return new NextcloudAddress(setting, https, host, port, basePath);
  }

  private static String basePath(String path) {
    return withoutSuffix(withoutSuffix(path, "/"), "/index.php");
  }

  private static String withoutSuffix(String text, String suffix) {
    return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
  }
}
