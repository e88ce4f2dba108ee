// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.harp.transfer.TransferException;
import io.github.harp.tunnel.pki.CertificateAuthority;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes a connection one with the peer that knows the same secret, which nobody on the way can read
 * or change: TLS, for which each has made a certificate just now, and a proof of either that it
 * knows the secret and sees the two certificates that the other sees.
 */
public final class Introduction {

  private static final int MAGIC = 0x48525054;
  private static final int VERSION = 1;
  private static final int PROOF_BYTES = 32;
  private static final int PATIENCE_MILLIS = 40_000;

  private static final int DIALLER = 1;
  private static final int LISTENER = 2;

  private static final int WELCOME = 0;
  private static final int OTHER_VERSION = 1;
  private static final int OTHER_SECRET = 2;
  private static final int SAME_ROLE = 3;

  private final String secret;
  private final Role role;
  private final SSLContext tls;

  /**
   * @param secret of the service that the peers meet for
   */
  public Introduction(String secret, Role role) {
    this.secret = secret;
    this.role = role;
    this.tls = context();
  }

  private static SSLContext context() {
    var self = CertificateAuthority.throwAwayPeer(Clock.systemUTC());
    try {
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setEntry("self", self, new KeyStore.PasswordProtection(new char[0]));
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      var context = SSLContext.getInstance("TLSv1.3");
      context.init(keys.getKeyManagers(), new TrustManager[] {new AnyCertificate()}, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The one who has connected to the other. */
  Peer dialled(Socket wire, Supplier<Course> course) throws IOException, TransferException {
    var secured = secured(wire, true);
    var mine = own(secured);
    var theirs = others(secured);
    var in = new DataInputStream(secured.getInputStream());
    var known = course.get();
    var out = new DataOutputStream(secured.getOutputStream());
    out.writeInt(MAGIC);
    out.writeShort(VERSION);
    out.writeByte(role.ordinal());
    out.writeByte(known.ordinal());
    out.write(proof(DIALLER, role, mine, theirs));
    out.flush();
    switch (in.readUnsignedByte()) {
      case WELCOME -> {}
      case OTHER_VERSION -> throw otherVersion(in.readUnsignedShort());
      case OTHER_SECRET -> throw otherSecret();
      case SAME_ROLE -> throw sameRole();
      default -> throw notOurs(null);
    }
    if (!isProof(in, proof(LISTENER, role.other(), mine, theirs))) {
      throw otherSecret();
    }
    wire.setSoTimeout(0);
    return new Peer(wire, secured, known);
  }

  /** The one to whom the other has connected. */
  Peer accepted(Socket wire) throws IOException, TransferException {
    var secured = secured(wire, false);
    var mine = own(secured);
    var theirs = others(secured);
    var in = new DataInputStream(secured.getInputStream());
    var out = new DataOutputStream(secured.getOutputStream());
    if (in.readInt() != MAGIC) {
      throw notOurs(null);
    }
    var version = in.readUnsignedShort();
    if (version != VERSION) {
      out.writeByte(OTHER_VERSION);
      out.writeShort(VERSION);
      throw otherVersion(version);
    }
    var theirRole = oneOf(Role.values(), in.readUnsignedByte());
    var course = oneOf(Course.values(), in.readUnsignedByte());
    if (!isProof(in, proof(DIALLER, theirRole, theirs, mine))) {
      out.writeByte(OTHER_SECRET);
      throw otherSecret();
    }
    if (theirRole == role) {
      out.writeByte(SAME_ROLE);
      throw sameRole();
    }
    out.writeByte(WELCOME);
    out.write(proof(LISTENER, role, theirs, mine));
    out.flush();
    wire.setSoTimeout(0);
    return new Peer(wire, secured, course);
  }

  private SSLSocket secured(Socket wire, boolean dials) throws IOException, TransferException {
    wire.setTcpNoDelay(true);
    wire.setSoTimeout(PATIENCE_MILLIS);
    var socket = (SSLSocket) tls.getSocketFactory().createSocket(wire, "peer", 0, true);
    socket.setUseClientMode(dials);
    socket.setNeedClientAuth(true);
    socket.setEnabledProtocols(new String[] {"TLSv1.3"});
    socket.setEnabledCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256"});
    try {
      socket.startHandshake();
    } catch (SSLException e) {
      if (e.getCause() instanceof EOFException) {
        throw e;
      }
      throw notOurs(e);
    }
    return socket;
  }

  private byte[] proof(int side, Role ofRole, Certificate dialler, Certificate listener) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), mac.getAlgorithm()));
      mac.update("harp transfer\n".getBytes(UTF_8));
      mac.update(new byte[] {VERSION, (byte) side, (byte) ofRole.ordinal()});
      mac.update(MessageDigest.getInstance("SHA-256").digest(dialler.getEncoded()));
      return mac.doFinal(MessageDigest.getInstance("SHA-256").digest(listener.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isProof(DataInputStream in, byte[] expected) throws IOException {
    var found = new byte[PROOF_BYTES];
    in.readFully(found);
    return MessageDigest.isEqual(found, expected);
  }

  private static Certificate own(SSLSocket socket) {
    return socket.getSession().getLocalCertificates()[0];
  }

  private static Certificate others(SSLSocket socket) throws SSLException {
    return socket.getSession().getPeerCertificates()[0];
  }

  private static <E> E oneOf(E[] values, int index) throws TransferException {
    if (index >= values.length) {
      throw notOurs(null);
    }
    return values[index];
  }

  private static TransferException notOurs(@Nullable Throwable cause) {
    var message =
        "what answers there is no harp send or harp fetch; expected one of them at the other side";
    return cause == null ? new TransferException(message) : new TransferException(message, cause);
  }

  private static TransferException otherVersion(int found) {
    return new TransferException(
        "the other side speaks version %d; expected %d: one of the two is to be updated"
            .formatted(found, VERSION));
  }

  private static TransferException otherSecret() {
    return new TransferException(
        "the other side has another secretKey for this service, or somebody stands between the"
            + " two; expected what 'harp tokens' of one gateway printed for both");
  }

  private TransferException sameRole() {
    return new TransferException(
        role == Role.SENDS
            ? "the other side sends, too; expected harp fetch there"
            : "the other side fetches, too; expected harp send there");
  }

  static void close(AutoCloseable what) {
    try {
      what.close();
    } catch (Exception e) {
      // It is gone, which is what was wanted.
    }
  }

  /** The proof says whose it is. */
  private static final class AnyCertificate extends X509ExtendedTrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
