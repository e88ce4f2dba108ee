// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control.body;

import io.github.harp.core.AppId;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.proxy.json.JsonDocument;
import io.github.harp.proxy.json.JsonFields;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.function.Supplier;

/** The body of an order: its parts by meaning; what does not fit fails with BAD_REQUEST. */
public final class OrderBody {

  private static final String VIOLATION = "Payload validation error";

  private OrderBody() {}

  /** Any object; its members fail with a text that begins as AppAPI's log knows it. */
  public static JsonFields of(Buffer body) {
    return JsonDocument.object(body, VIOLATION);
  }

  /**
   * The names of the container and volume that the order is about.
   *
   * @param prefix how names begin of the Nextcloud that gives it
   */
  public static ExAppName name(JsonFields body, String prefix) {
    var id =
        AppId.parse(body.string("name"))
            .orElseThrow(() -> body.violation("name", "expected " + AppId.FORM));
    var instanceId = body.string("instance_id", "");
    var roleSuffix = body.string("role_suffix", "");
    return validated(() -> new ExAppName(id, instanceId, roleSuffix, prefix));
  }

  /** A reference to an image; what it may look like is the engine's affair. */
  public static String imageReference(JsonFields body, String member) {
    var reference = body.string(member);
    if (reference.isEmpty()) {
      throw body.violation(member, "expected an image reference, found nothing");
    }
    for (int i = 0; i < reference.length(); i++) {
      if (reference.charAt(i) <= ' ' || Character.isISOControl(reference.charAt(i))) {
        throw body.violation(
            member,
            "expected an image reference without blanks, found U+%04X as character %d of %d"
                .formatted((int) reference.charAt(i), i + 1, reference.length()));
      }
    }
    return reference;
  }

  /** Which certificates to install; an empty bundle is none. */
  public static CertificateInstallation certificates(JsonFields body) {
    Optional<String> bundle =
        body.optionalString("system_certs_bundle").filter(text -> !text.isEmpty());
    return new CertificateInstallation(bundle, body.bool("install_frp_certs", true));
  }

  /** Marks the objection of a policy to a part of the body as what it is to the caller. */
  public static <T> T validated(Supplier<T> part) {
    try {
      return part.get();
    } catch (HarpException objection) {
      if (objection.code() != HarpException.Code.BAD_REQUEST) {
        throw objection;
      }
      throw new HarpException(
          objection.code(), VIOLATION + ": " + objection.getMessage(), objection);
    }
  }
}
