// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import io.github.harp.core.AppId;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.operations.Check;
import io.github.harp.operations.GatewayFacts;
import io.github.harp.proxy.nextcloud.NextcloudAddress;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether Nextcloud is where the configuration says, has AppAPI, and takes our key.
 *
 * @param knownApp an ExApp that Nextcloud has; without one Nextcloud can't be asked about the key,
 *     since it gives the same answer for an unknown app and a wrong key
 */
public record NextcloudCheck(
    HttpProbe probe, GatewayFacts.Nextcloud nextcloud, Optional<AppId> knownApp) implements Check {

  private String url() {
    return nextcloud.url();
  }

  private String urlSetting() {
    return nextcloud.name().setting("NC_INSTANCE_URL", "url");
  }

  @Override
  public Stream<Finding> examine() {
    var findings = new ArrayList<Finding>();
    var at = url();
    var status = probe.get(at + "/status.php", Map.of());
    var secured = secured(status);
    if (secured.isPresent()) {
      findings.add(wantsTls(secured.get()));
      at = secured.get();
      status = probe.get(at + "/status.php", Map.of());
    }
    var found = at;
    var identity =
        status.fold(answer -> identity(found, answer), silence -> unreachable(found, silence));
    findings.add(identity);
    if (identity.severity() != Severity.FAILURE) {
      findings.add(keyAccepted(at).about("shared key at nextcloud"));
    }
    return findings.stream();
  }

  /** The one redirect that HaRP follows: to TLS on the same host. */
  private Optional<String> secured(HttpProbe.Result status) {
    var redirect = status.answer().filter(HttpProbe.Answer::isRedirect);
    if (redirect.isEmpty()) {
      return Optional.empty();
    }
    var target = withoutStatus(redirect.get().header("location").orElse(""));
    try {
      var from = NextcloudAddress.parse(url());
      var to = NextcloudAddress.parse(target);
      var onlyAsksForTls =
          !from.https()
              && to.https()
              && to.host().equalsIgnoreCase(from.host())
              && to.basePath().equals(from.basePath());
      return onlyAsksForTls ? Optional.of(to.toString()) : Optional.empty();
    } catch (IllegalArgumentException notAUrl) {
      return Optional.empty();
    }
  }

  private Finding wantsTls(String secured) {
    return Finding.warning(
        url() + " redirects to " + secured,
        "HaRP follows this one redirect, but shows the shared key unencrypted once at each start",
        "set " + urlSetting() + "=" + secured);
  }

  private Finding unreachable(String url, HttpProbe.Silence silence) {
    var remedy =
        switch (silence.trouble()) {
          case NO_URL ->
              "set " + urlSetting() + " to Nextcloud's address with http:// or https:// in front";
          case UNKNOWN_HOST ->
              "set "
                  + urlSetting()
                  + " to a name that resolves inside HaRP's container or network; with"
                  + " compose, put HaRP and Nextcloud into one network and use the service's name";
          case REFUSED ->
              "start the web server of Nextcloud, or correct the port in "
                  + urlSetting()
                  + "; 127.0.0.1 inside a container is the container itself";
          case TIMEOUT ->
              "a firewall between HaRP and Nextcloud swallows packets: allow HaRP's address there,"
                  + " or use an internal address in "
                  + urlSetting();
          case TLS ->
              "give Nextcloud a certificate that the system trusts and that names the host in"
                  + " "
                  + urlSetting()
                  + ", or use http:// over an internal network";
          case BROKEN -> "see whether something other than a web server listens there";
        };
    return Finding.failure(
        url + " can't be asked: " + silence.message(),
        "no ExApp can be looked up and nobody can be identified: only PUBLIC routes of ExApps known"
            + " already work",
        remedy);
  }

  private Finding identity(String url, HttpProbe.Answer answer) {
    if (answer.isRedirect()) {
      var target = answer.header("location").orElse("");
      return Finding.failure(
          url + " redirects to " + target,
          "HaRP does not follow redirects with its key",
          "set " + urlSetting() + "=" + withoutStatus(target));
    }
    if (answer.status() == 400 && answer.body().contains("trusted")) {
      var host = NextcloudAddress.parse(url).host();
      return Finding.failure(
          url + " refuses the host name " + host + " as untrusted",
          "every call of HaRP to Nextcloud is refused",
          "occ config:system:set trusted_domains 10 --value=" + host);
    }
    var status = status(answer);
    if (status.isEmpty()) {
      return Finding.failure(
          url + "/status.php answers " + answer.status() + " and is not Nextcloud's",
          "no ExApp can be looked up",
          "set "
              + urlSetting()
              + " to the address under which a browser sees Nextcloud's log-in page,"
              + " with the folder if it is in one");
    }
    var version = status.get().getString("versionstring", "unknown");
    if (status.get().getBoolean("maintenance", false)) {
      return Finding.warning(
          url + " is Nextcloud " + version + " in maintenance mode",
          "users can't be identified until it ends; PUBLIC routes work",
          "occ maintenance:mode --off");
    }
    return Finding.ok(url + " is Nextcloud " + version);
  }

  private Finding keyAccepted(String url) {
    var appId = knownApp.orElse(new AppId("harp-doctor"));
    var endpoint = url + "/index.php/apps/app_api/harp/exapp-meta?appId=" + appId;
    var result =
        probe.get(
            endpoint, Map.of(AppApiHeaders.HARP_SHARED_KEY.toString(), nextcloud.key().reveal()));
    return result.fold(
        answer -> keyAccepted(appId, answer),
        silence ->
            Finding.failure(
                "AppAPI can't be asked: " + silence.message(),
                "no ExApp can be looked up",
                "look at Nextcloud's log"));
  }

  private Finding keyAccepted(AppId appId, HttpProbe.Answer answer) {
    return switch (answer.status()) {
      case 200 -> Finding.ok("accepted for " + appId);
      case 401 ->
          knownApp.isPresent()
              ? Finding.failure(
                  "AppAPI does not accept our key for "
                      + appId
                      + "; ours has the fingerprint "
                      + nextcloud.key().fingerprint(),
                  "every ExApp of this daemon answers 404, users are not identified",
                  "set the same key at both ends: "
                      + nextcloud.name().setting("HP_SHARED_KEY", "key")
                      + " here, 'HaRP shared key' of the"
                      + " deploy daemon in Nextcloud's AppAPI settings")
              : Finding.note(
                  "AppAPI is there; our key has the fingerprint " + nextcloud.key().fingerprint(),
                  "Nextcloud says nothing about the key before the first ExApp is registered");
      case 404 ->
          Finding.failure(
              "Nextcloud has no end-point for HaRP",
              "AppAPI is switched off or older than 5.0",
              "occ app:enable app_api, or update Nextcloud");
      case 429 ->
          Finding.failure(
              "Nextcloud throttles HaRP's address after failed attempts",
              "ExApps are not found and users are not identified until it forgets",
              "correct the key first, then occ security:bruteforce:reset with HaRP's address; the"
                  + " app bruteforcesettings can exempt that address");
      default ->
          Finding.failure(
              "AppAPI answers " + answer.status(),
              "ExApps can't be looked up",
              "look at Nextcloud's log (data/nextcloud.log)");
    };
  }

  private static Optional<JsonObject> status(HttpProbe.Answer answer) {
    try {
      var json = new JsonObject(answer.body());
      return answer.status() == 200 && json.containsKey("installed")
          ? Optional.of(json)
          : Optional.empty();
    } catch (DecodeException | ClassCastException notNextcloud) {
      return Optional.empty();
    }
  }

  private static String withoutStatus(String target) {
    return target.endsWith("/status.php")
        ? target.substring(0, target.length() - "/status.php".length())
        : target;
  }
}
