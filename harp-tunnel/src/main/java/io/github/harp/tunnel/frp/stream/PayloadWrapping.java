// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.stream;

import io.netty.channel.ChannelPipeline;

/**
 * How payload travels between two frp programs: compressed first, then encrypted, each if the proxy
 * asks for it.
 *
 * @param token the password of the encryption: {@code auth.token}, or the secret key on a visitor's
 *     own leg
 */
public record PayloadWrapping(boolean encrypted, boolean compressed, String token) {

  public static final PayloadWrapping NONE = new PayloadWrapping(false, false, "");

  /**
   * Puts the layers at the place of the handler called {@code before}, nearest to the wire first.
   */
  public void addBefore(ChannelPipeline pipeline, String before) {
    if (encrypted) {
      pipeline.addBefore(before, null, CfbCipher.forToken(token));
    }
    if (compressed) {
      pipeline.addBefore(before, null, new SnappyStream());
    }
  }

  @Override
  public String toString() {
    return "PayloadWrapping[encrypted=%s, compressed=%s]".formatted(encrypted, compressed);
  }
}
