// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.operations.Examination;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.util.Optional;

/**
 * What the admin end-point shows and changes. Only {@link #isReady} is asked on an event loop; the
 * others may block.
 */
interface Inside {

  /** Of the program. */
  String version();

  /** Whether all listeners are open. */
  boolean isReady();

  /** What {@link Identity#proof} answers. */
  String proof(String nonce);

  /** Whether this is the shared key. */
  boolean accepts(String shown);

  /** In Prometheus' text format. */
  String metrics();

  /** Everything worth knowing that needs no question to anybody. */
  JsonObject status();

  /** Looks for what is wrong; asks Nextcloud, engines and ExApps. */
  Examination examine(Optional<String> publicUrl);

  /** All addresses with failures that count. */
  JsonArray bans();

  /** Forgets the failures of one address, or all; how many lists had some. */
  int clearBans(Optional<InetAddress> address);
}
