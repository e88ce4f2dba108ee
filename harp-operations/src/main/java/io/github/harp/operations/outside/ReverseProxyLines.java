// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The lines for reverse proxies that documents show, that tests run with the programs themselves,
 * and that the doctor prints: one text for all three.
 */
public enum ReverseProxyLines {
  NGINX_BESIDE("nginx, beside the server block", "nginx-beside.conf"),
  NGINX("nginx, in the server block", "nginx.conf"),
  CADDY("Caddy, in the site", "Caddyfile"),
  TRAEFIK("Traefik, labels of HaRP's container", "traefik.yaml"),
  APACHE("Apache, in the VirtualHost", "apache.conf"),
  HAPROXY_BESIDE("HAProxy, beside the frontend", "haproxy-beside.cfg"),
  HAPROXY("HAProxy, in the frontend, before other use_backend lines", "haproxy.cfg");

  private static final String HARP = "harp:8780";
  private static final String PREFIX = "/exapps/";

  private final String place;
  private final String file;

  ReverseProxyLines(String place, String file) {
    this.place = place;
    this.file = file;
  }

  /** As documents show them: HaRP is {@code harp:8780}, Nextcloud is in no folder. */
  public String text() {
    try (var in = ReverseProxyLines.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IOException(file + " is not in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * For a certain place.
   *
   * @param harp host and port that stand for {@code harp:8780}
   * @param folder of Nextcloud, {@code /nextcloud}; empty for none
   */
  public String text(String harp, String folder) {
    return text()
        .replace(HARP, harp)
        .replace("port=8780", "port=" + harp.substring(harp.lastIndexOf(':') + 1))
        .replace(PREFIX, folder + PREFIX);
  }

  /** All of them, each with where it belongs. */
  static String all(String harp, String folder) {
    return Arrays.stream(values())
        .map(lines -> lines.place + ":\n" + lines.text(harp, folder).stripTrailing())
        .collect(Collectors.joining("\n\n"));
  }
}
