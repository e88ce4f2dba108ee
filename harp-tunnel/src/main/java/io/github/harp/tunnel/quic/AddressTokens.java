// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Lets nobody begin who does not get what is sent to the address he says he has: each is asked to
 * come again with a token, which nothing is kept of here.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9000#section-8.1.2">RFC 9000, section 8.1.2</a>
 */
final class AddressTokens implements QuicTokenHandler {

  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;
  private static final int PROOF_BYTES = 32;
  private static final long VALID_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Ticker ticker;
  private final Mac mac;

  /** For one event loop. */
  AddressTokens(Ticker ticker) {
    this.ticker = ticker;
    var key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    try {
      mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean writeToken(ByteBuf out, ByteBuf firstId, InetSocketAddress client) {
    var now = ticker.nanoTime();
    var id = ByteBufUtil.getBytes(firstId);
    out.writeLong(now).writeBytes(proof(now, client, id)).writeBytes(id);
    return true;
  }

  /** Gives where the first connection id begins. */
  @Override
  public int validateToken(ByteBuf token, InetSocketAddress client) {
    if (token.readableBytes() < Long.BYTES + PROOF_BYTES
        || token.readableBytes() > maxTokenLength()) {
      return -1;
    }
    var bytes = ByteBufUtil.getBytes(token);
    var id = new byte[bytes.length - Long.BYTES - PROOF_BYTES];
    var proof = new byte[PROOF_BYTES];
    var parts = ByteBuffer.wrap(bytes);
    long madeAt = parts.getLong();
    parts.get(proof).get(id);
    var age = ticker.nanoTime() - madeAt;
    return age >= 0 && age < VALID_NANOS && MessageDigest.isEqual(proof, proof(madeAt, client, id))
        ? Long.BYTES + PROOF_BYTES
        : -1;
  }

  private byte[] proof(long madeAt, InetSocketAddress client, byte[] id) {
    var head = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
    mac.update(head.putLong(madeAt).putInt(client.getPort()).flip());
    // The rest needs no lengths: an id of another length is none that was made with this address.
    mac.update((byte) client.getAddress().getAddress().length);
    mac.update(client.getAddress().getAddress());
    return mac.doFinal(id);
  }

  @Override
  public int maxTokenLength() {
    return Long.BYTES + PROOF_BYTES + Quic.MAX_CONN_ID_LEN;
  }
}
