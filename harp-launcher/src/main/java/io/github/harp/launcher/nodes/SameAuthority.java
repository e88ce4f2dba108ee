// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.harp.cluster.Kept;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tunnels' authority and certificates, of which all nodes have the same. */
record SameAuthority(CertificateAuthority authority) implements Kept {

  private static final Logger LOG = LoggerFactory.getLogger(SameAuthority.class);

  @Override
  public byte[] own() {
    return new JsonObject(Map.copyOf(authority.files())).encode().getBytes(UTF_8);
  }

  @Override
  public boolean offered(byte[] theirs) {
    var files = new HashMap<String, String>();
    for (var file : new JsonObject(Buffer.buffer(theirs))) {
      files.put(file.getKey(), String.valueOf(file.getValue()));
    }
    try {
      return authority.takeOver(files) < 0;
    } catch (TunnelException e) {
      LOG.error("{}", e.getMessage());
      return false;
    }
  }
}
