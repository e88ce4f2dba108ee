// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.notice.Finding;
import io.github.harp.operations.Check;
import io.github.harp.operations.GatewayFacts;
import io.github.harp.operations.observe.NonceWitness;
import io.github.harp.proxy.RequestRecord;
import io.github.harp.proxy.nextcloud.NextcloudAddress;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Whether {@code /exapps/} of the public address comes back to this HaRP, with which path and which
 * client address. Sends a nonce, never the key, in the place of an app id: one that no ExApp can
 * have, so it is refused with 404 without asking Nextcloud.
 */
public final class PublicUrlCheck implements Check {

  private static final String PATH = "/exapps/~doctor-";

  /**
   * As from a link on another website: a refusal of that is nobody's mistake, under whatever path
   * and from whatever address it arrives, and firewalls let it pass.
   */
  private static final Map<String, String> AS_A_LINK =
      Map.of(
          "sec-fetch-site", "cross-site",
          "sec-fetch-mode", "navigate",
          "sec-fetch-dest", "document");

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Pattern NGINX_WITHOUT_HINTS =
      Pattern.compile("^nginx/(0|1\\.([0-9]|1[0-9]|2[0-8]))\\.");

  private final HttpProbe probe;
  private final NonceWitness witness;
  private final String publicUrl;
  private final GatewayFacts.Listeners listeners;
  private final String folder;

  /**
   * @param publicUrl the address of Nextcloud in a browser
   * @param listeners where a proxy finds HaRP, for the lines to write, and whom it trusts
   * @param folder the path of Nextcloud's URL here, which may stand before {@code /exapps/}
   */
  public PublicUrlCheck(
      HttpProbe probe,
      NonceWitness witness,
      String publicUrl,
      GatewayFacts.Listeners listeners,
      String folder) {
    this.probe = probe;
    this.witness = witness;
    this.publicUrl =
        publicUrl.endsWith("/") ? publicUrl.substring(0, publicUrl.length() - 1) : publicUrl;
    this.listeners = listeners;
    this.folder = folder;
  }

  @Override
  public Stream<Finding> examine() {
    var nonce = witness.expect();
    var path = PATH + nonce;
    var result = probe.get(publicUrl + path, AS_A_LINK);
    var arrived = witness.await(nonce, PATIENCE);
    return result.fold(
        answer ->
            arrived
                .map(
                    request ->
                        Stream.concat(judge(request, path, isBehindProxy(answer)), hints(answer)))
                .orElseGet(() -> Stream.of(notForwarded(answer))),
        silence ->
            silence.trouble() != HttpProbe.Trouble.NO_URL && arrived.isPresent()
                ? judge(arrived.get(), path, /* isBehindProxy= */ false)
                : Stream.of(unanswered(silence)));
  }

  private Finding unanswered(HttpProbe.Silence silence) {
    return silence.trouble() == HttpProbe.Trouble.NO_URL
        ? Finding.failure(
            publicUrl + ": " + silence.message(),
            "the public address was not examined",
            "--public-url with http:// or https:// in front, as a browser shows it")
        : Finding.warning(
            publicUrl + " can't be asked from here: " + silence.message(),
            "AppAPI and browsers reach ExApps through this address; from HaRP's host it does not"
                + " work",
            "if browsers reach it, allow HaRP's host to reach it as well, or run the doctor with"
                + " another --public-url");
  }

  private Finding notForwarded(HttpProbe.Answer answer) {
    return Finding.failure(
        publicUrl
            + "/exapps/ is answered with "
            + answer.status()
            + " by somebody else"
            + answer.header("server").map(it -> " (" + it + ")").orElse(""),
        "the proxy in front does not forward /exapps/ to HaRP: browsers and AppAPI's heartbeat do"
            + " not reach ExApps",
        ReverseProxyLines.all(harp(), publicFolder()) + folderToSet());
  }

  /** HaRP knows only the folder of the URL that it has itself. */
  private String folderToSet() {
    return publicFolder().equals(folder)
        ? ""
        : "\n\nand "
            + publicFolder()
            + " behind the URL in NC_INSTANCE_URL, or let the proxy remove it from the path";
  }

  private String publicFolder() {
    try {
      return NextcloudAddress.parse(publicUrl).basePath();
    } catch (IllegalArgumentException notAUrl) {
      return "";
    }
  }

  private Stream<Finding> judge(RequestRecord request, String path, boolean isBehindProxy) {
    var findings = new ArrayList<Finding>();
    findings.add(
        request.path().equals(path) || request.path().equals(folder + path)
            ? Finding.ok(publicUrl + "/exapps/ comes back to this HaRP")
            : Finding.failure(
                publicUrl + path + " arrives here as " + request.path(),
                "the proxy in front changes the path: no ExApp is found under it",
                "nginx: no path behind the address in 'proxy_pass http://"
                    + harp()
                    + "'; Traefik: no stripPrefix; Nextcloud in a folder: the folder in"
                    + " NC_INSTANCE_URL, or removed by the proxy"));
    if (isBehindProxy) {
      findings.add(clientAddress(request.peer(), client(request)));
      host(request).ifPresent(findings::add);
    }
    return findings.stream();
  }

  private Optional<Finding> host(RequestRecord request) {
    var arrived = Objects.requireNonNullElse(request.host(), "");
    var asked = URI.create(publicUrl);
    if (hostOf(asked.getScheme() + "://" + arrived).equals(hostOf(publicUrl))) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.warning(
            "requests to " + asked.getAuthority() + " arrive for the host '" + arrived + "'",
            "ExApps make links of it that lead nowhere, and a further Nextcloud is found by its"
                + " host",
            "nginx: proxy_set_header Host $http_host; Apache: ProxyPreserveHost On; Caddy, HAProxy"
                + " and Traefik keep it by themselves"));
  }

  /** In one spelling, always with a port. */
  private static String hostOf(String url) {
    try {
      var parsed = NextcloudAddress.parse(url);
      return parsed.host().toLowerCase(Locale.ROOT) + ":" + parsed.port();
    } catch (IllegalArgumentException notAHost) {
      return "";
    }
  }

  private Finding clientAddress(InetAddress proxy, Optional<InetAddress> client) {
    if (!listeners.trustedProxies().contains(proxy)) {
      return Finding.warning(
          "requests come from the proxy " + IpAddresses.text(proxy) + ", which is not trusted",
          "all clients look like this one address: a few mistakes of one of them ban everybody",
          "HP_TRUSTED_PROXY_IPS=" + IpAddresses.text(proxy));
    }
    if (client.isEmpty() || client.get().equals(proxy)) {
      return Finding.warning(
          "the trusted proxy " + IpAddresses.text(proxy) + " does not say for whom it asks",
          "all clients look like this one address: a few mistakes of one of them ban everybody",
          "nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; Caddy, Traefik and"
              + " Apache do so by themselves");
    }
    return Finding.ok(
        "the proxy "
            + IpAddresses.text(proxy)
            + " is trusted and named "
            + IpAddresses.text(client.get())
            + " as the client");
  }

  /** nginx took interim answers for final ones up to 1.28, and says which it is. */
  private Stream<Finding> hints(HttpProbe.Answer answer) {
    return answer
        .header("server")
        .filter(server -> listeners.earlyHints() && NGINX_WITHOUT_HINTS.matcher(server).find())
        .map(
            server ->
                Finding.failure(
                    server + " stands in front, and HP_EARLY_HINTS is on",
                    "it takes an ExApp's 103 Early Hints for the answer, and the page never comes",
                    "HP_EARLY_HINTS=false, or nginx from 1.29 on"))
        .stream();
  }

  private String harp() {
    return listeners.frontDoor().seenFromHere().toString();
  }

  private static Optional<InetAddress> client(RequestRecord request) {
    return Optional.ofNullable(request.verdict()).map(verdict -> verdict.client());
  }

  /** HaRP's own refusal has neither header; a proxy adds at least one of them. */
  private static boolean isBehindProxy(HttpProbe.Answer answer) {
    return answer.header("server").isPresent()
        || answer.header("via").isPresent()
        || answer.header("date").isPresent();
  }
}
