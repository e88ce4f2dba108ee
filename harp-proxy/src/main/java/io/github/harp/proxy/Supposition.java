// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.NcUser;
import io.github.harp.core.address.IpAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * A request that somebody might send.
 *
 * @param host what it asks for, perhaps with a port
 * @param path as it would be sent: raw, without query
 * @param query without {@code ?}; empty for none
 * @param sender who would send it
 * @param client from where, as a trusted proxy in front would say
 */
public record Supposition(
    String method, String host, String path, String query, Sender sender, InetAddress client) {

  private static final int LONGEST_URL = 8_192;
  private static final int LONGEST_NAME = 64;

  /**
   * Who would send it.
   *
   * @param user of a browser; anonymous for AppAPI
   * @param isAppApi whether it is Nextcloud itself that sends it, with the shared key
   */
  public record Sender(NcUser user, boolean isAppApi) {

    /** {@code anonymous}, {@code admin}, {@code appapi}, or the name of a user without rights. */
    public static Sender named(String name) {
      return switch (name) {
        case "anonymous" -> new Sender(NcUser.ANONYMOUS, false);
        case "appapi" -> new Sender(NcUser.ANONYMOUS, true);
        case "admin" -> new Sender(new NcUser("admin", AccessLevel.ADMIN), false);
        default -> new Sender(new NcUser(checked(name), AccessLevel.USER), false);
      };
    }

    private static String checked(String name) {
      if (name.isBlank() || name.length() > LONGEST_NAME || name.indexOf(':') >= 0) {
        throw new IllegalArgumentException(
            "found '"
                + name
                + "' as who asks; expected anonymous, admin, appapi or the name of a user");
      }
      return name;
    }
  }

  /**
   * What people write.
   *
   * @param url an address as in a browser, or the part of it from {@code /exapps/} on
   * @throws IllegalArgumentException when a part of it can't be meant; the message says which
   */
  public static Supposition of(String method, String url, String sender, String client) {
    var address = IpAddresses.parse(client);
    if (address == null) {
      throw new IllegalArgumentException(
          "found '" + client + "' as where it comes from; expected an IP address");
    }
    if (!method.matches("[A-Za-z-]{1,20}")) {
      throw new IllegalArgumentException("found the method '" + method + "'; expected one as GET");
    }
    if (url.length() > LONGEST_URL) {
      throw new IllegalArgumentException(
          "found an address of %d characters; expected %d at most"
              .formatted(url.length(), LONGEST_URL));
    }
    var who = Sender.named(sender);
    var rest = url.replaceFirst("(?i)^https?://", "");
    var hasHost = !rest.equals(url);
    var start = hasHost ? rest.indexOf('/') : 0;
    var host = hasHost ? rest.substring(0, start < 0 ? rest.length() : start) : "";
    var target = (start < 0 ? "/" : rest.substring(start)).replaceFirst("#.*$", "");
    if (!target.startsWith("/") || !isSendable(target) || !isAuthority(host)) {
      throw new IllegalArgumentException(
          "found '" + url + "'; expected an address such as https://cloud.example.com/exapps/app/");
    }
    var query = target.indexOf('?');
    return new Supposition(
        method.toUpperCase(Locale.ROOT),
        host,
        query < 0 ? target : target.substring(0, query),
        query < 0 ? "" : target.substring(query + 1),
        who,
        address);
  }

  private static boolean isSendable(String target) {
    return target.chars().allMatch(c -> c > ' ' && c <= '~');
  }

  private static boolean isAuthority(String host) {
    try {
      return host.isEmpty() || new URI("http://" + host + "/").getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
