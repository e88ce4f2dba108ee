// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.pki.stock.AuthorityText;
import io.github.harp.tunnel.pki.stock.CertificateIssuer;
import io.github.harp.tunnel.pki.stock.Credential;
import io.github.harp.tunnel.pki.stock.Leaf;
import io.github.harp.tunnel.pki.stock.PemFolder;
import io.github.harp.tunnel.pki.stock.Stock;
import io.github.harp.tunnel.pki.stock.StockTaking;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The private certificate authority of a tunnel and the two certificates it issues: one for the
 * server ({@code harp.nc}), one that all clients share ({@code harp.client.nc}).
 *
 * <p>Keeps its files in {@code <certs>/frp} under the names that frpc configurations in the field
 * use: {@code ca.key}, {@code ca.crt}, {@code server.key}, {@code server.crt}, {@code client.key},
 * {@code client.crt}. A folder made by OpenSSL is used as it is. What is missing or ended is
 * issued; nothing that works is touched. Where the folder cannot be written the certificates live
 * in memory and an error is logged.
 *
 * <p>{@link #renewIfDue} is to be called now and then, for instance every {@link #CHECK_INTERVAL}:
 * it renews what is ageing from the same authority and also notices files that somebody has
 * replaced. Contexts are to be asked for per connection, so that a renewal needs no restart.
 *
 * <p>Thread-safe. All methods but the contexts and {@link #clientFiles} touch the disk.
 */
public final class CertificateAuthority {

  /** How often to call {@link #renewIfDue}. */
  public static final Duration CHECK_INTERVAL = Duration.ofMinutes(10);

  /** The name that clients verify. */
  public static final String SERVER_NAME = Leaf.SERVER.dnsName();

  private static final Logger LOG = LoggerFactory.getLogger(CertificateAuthority.class);

  private final PemFolder folder;
  private final CertificateIssuer issuer;
  private final Clock clock;
  private final List<String> renewedAtOpening;
  private final List<Consumer<List<String>>> listeners = new CopyOnWriteArrayList<>();
  private volatile Contents contents;

  private record Contents(Stock stock, SslContext server, ServerCredentials credentials) {}

  private CertificateAuthority(PemFolder folder, CertificateIssuer issuer, Clock clock)
      throws TunnelException {
    this.folder = folder;
    this.issuer = issuer;
    this.clock = clock;
    var isNew = !folder.has("ca.crt");
    var stock = new StockTaking(folder, issuer, clock, null, false).take();
    this.contents = contents(stock);
    this.renewedAtOpening = isNew ? List.of() : stock.issued();
    if (!stock.issued().isEmpty()) {
      LOG.info("issued {} in {}", stock.issued(), folder.path());
    }
    stock.findings().forEach(CertificateAuthority::log);
  }

  /**
   * Reads the folder {@code frp} below this one and issues what is missing.
   *
   * @param leafValidity how long server and client certificates are valid; the authority itself
   *     lives for 30 years
   * @throws TunnelException if there is no usable server certificate and none can be issued; the
   *     message says what to do
   */
  public static CertificateAuthority open(Path certsFolder, Duration leafValidity, Clock clock)
      throws TunnelException {
    return new CertificateAuthority(
        new PemFolder(certsFolder.resolve("frp")),
        new CertificateIssuer(clock, leafValidity),
        clock);
  }

  /**
   * Calls back with the names of the certificate files that changed; on the thread that found out.
   */
  public void onRenewal(Consumer<List<String>> listener) {
    listeners.add(listener);
  }

  /**
   * The certificate files that were issued before anybody could listen; empty for a new folder,
   * since nobody has older ones of it.
   */
  public List<String> renewedAtOpening() {
    return renewedAtOpening;
  }

  /**
   * Renews what is ageing and picks up files that were replaced. Returns the names of the
   * certificate files that were issued. Problems are logged and never thrown: what there was goes
   * on being used.
   */
  public List<String> renewIfDue() {
    return restock(false);
  }

  /** Issues new server and client certificates now, whatever is left of the old ones. */
  public List<String> renewNow() {
    return restock(true);
  }

  /** All that this is made of, by the names of files; private keys among it. */
  public Map<String, String> files() {
    return AuthorityText.files(contents.stock());
  }

  /**
   * Takes what another server of the same clients has, in place of what is here, if that one
   * counts: of two authorities the older one, of one the later certificates. What was here is kept
   * as {@code <name>.old}, and listeners are told.
   *
   * @param files see {@link #files}
   * @return above 0 when it was taken, 0 when it is what there is, below 0 when what is here counts
   * @throws TunnelException when it can't be used, or not be kept
   */
  public synchronized int takeOver(Map<String, String> files) throws TunnelException {
    var before = contents.stock();
    try {
      var theirs = AuthorityText.read(files);
      var comparison = AuthorityText.compare(theirs, before);
      if (comparison <= 0) {
        return comparison;
      }
      var isOther = !theirs.authority().getPublicKey().equals(before.authority().getPublicKey());
      if (isOther) {
        LOG.warn(
            "the tunnels' authority in {} is replaced by that of other nodes, which is older; the"
                + " files that were there end in .old",
            folder.path());
      }
      try {
        folder.replace(files, isOther);
      } catch (IOException e) {
        if (folder.has("ca.crt")) {
          throw e;
        }
        LOG.error("{} can't be written: the certificates live in memory", folder.path());
      }
      contents = contents(theirs);
      var changed = List.of("ca.crt", Leaf.SERVER.certificateFile(), Leaf.CLIENT.certificateFile());
      listeners.forEach(listener -> listener.accept(changed));
      return comparison;
    } catch (IOException e) {
      throw new TunnelException(
          Code.CONFIGURATION, "the certificates of other nodes are not used: " + e.getMessage(), e);
    }
  }

  private static void log(Stock.Finding finding) {
    LOG.atLevel(finding.isError() ? Level.ERROR : Level.WARN)
        .log("tunnel certificates: {}", finding.text());
  }

  private synchronized List<String> restock(boolean renewLeaves) {
    var before = contents.stock();
    try {
      var stock = new StockTaking(folder, issuer, clock, before, renewLeaves).take();
      stock.findings().stream()
          .filter(finding -> !before.findings().contains(finding))
          .forEach(CertificateAuthority::log);
      if (stock.equivalentTo(before)) {
        contents = new Contents(stock, contents.server(), contents.credentials());
        return List.of();
      }
      contents = contents(stock);
      LOG.info("tunnel certificates in {} changed; issued: {}", folder.path(), stock.issued());
      listeners.forEach(listener -> listener.accept(stock.issued()));
      return stock.issued();
    } catch (TunnelException e) {
      LOG.error("tunnel certificates stay as they are: {}", e.getMessage());
      return List.of();
    }
  }

  private Contents contents(Stock stock) throws TunnelException {
    try {
      var clients = new ClientTrust(stock.authority(), clock);
      return new Contents(
          stock,
          TunnelTls.server(stock.server(), clients, shownBy(stock)),
          new ServerCredentials(stock.server(), Optional.of(clients)));
    } catch (SSLException e) {
      throw new TunnelException(
          Code.CONFIGURATION, "the certificates in " + folder.path() + " make no TLS context", e);
    }
  }

  private static X509Certificate[] shownBy(Stock stock) {
    var client = stock.client();
    return client == null ? new X509Certificate[] {} : new X509Certificate[] {client.certificate()};
  }

  /**
   * For a server that demands client certificates of this authority. A client certificate past its
   * end is accepted with a warning in the log.
   */
  public SslContext serverContext() {
    return contents.server();
  }

  /** What {@link #serverContext} is made of, for TLS of another kind. */
  public ServerCredentials serverCredentials() {
    return contents.credentials();
  }

  /**
   * For a server that offers encryption and asks for no certificate: frp clients that have no CA
   * file verify nothing, and get a certificate that lives in memory only.
   */
  public static SslContext throwAwayServerContext(Clock clock) {
    try {
      return TunnelTls.serverOfAnybody(throwAwayServer(clock));
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For a server whose clients verify no certificates: one that lives in memory only. */
  public static Credential throwAwayServer(Clock clock) {
    var issuer = new CertificateIssuer(clock, CertificateIssuer.AUTHORITY_VALIDITY);
    var self = issuer.newAuthority();
    return issuer.leaf(Leaf.SERVER, self.certificate(), self.key());
  }

  /** For a peer whose certificate only has to be this one. */
  public static KeyStore.PrivateKeyEntry throwAwayPeer(Clock clock) {
    var self = throwAwayServer(clock);
    return new KeyStore.PrivateKeyEntry(self.key(), new Certificate[] {self.certificate()});
  }

  /**
   * For a client of this authority, made at each call; make the engine for the peer {@link
   * #SERVER_NAME}, which it verifies.
   *
   * @throws IllegalStateException if the folder has no client certificate and its authority's key
   *     is missing
   */
  public SslContext clientContext() {
    var stock = contents.stock();
    var client = stock.client();
    if (client == null) {
      throw new IllegalStateException(
          folder.path() + " has no usable client.crt and client.key; restore them or ca.key");
    }
    try {
      return TunnelTls.client(client, stock.authority());
    } catch (SSLException e) {
      throw new IllegalStateException(
          "client.crt and client.key in " + folder.path() + " make no TLS context", e);
    }
  }

  /**
   * The files that a client needs, by name: {@code ca.crt}, {@code client.crt}, {@code client.key};
   * PEM.
   */
  public Map<String, String> clientFiles() {
    var stock = contents.stock();
    var client = stock.client();
    return client == null ? Map.of() : files(stock.authority(), client);
  }

  private static Map<String, String> files(X509Certificate authority, Credential client) {
    return Map.of(
        "ca.crt", PemFolder.pem(authority),
        "client.crt", PemFolder.pem(client.certificate()),
        "client.key", PemFolder.pem(client.key()));
  }

  /**
   * The files that a client needs as they lie in the folder {@code frp} below this one: nothing is
   * issued and nothing is changed, least of all is there a new authority that no gateway knows.
   *
   * @throws IOException if one is missing or can't be used; the message says what was found where
   */
  public static Map<String, String> clientFilesIn(Path certsFolder) throws IOException {
    var folder = new PemFolder(certsFolder.resolve("frp"));
    var authority = required(folder, "ca.crt", folder.certificate("ca.crt"));
    var client = required(folder, "client.crt", folder.certificate("client.crt"));
    var key = required(folder, "client.key", folder.key("client.key"));
    try {
      client.verify(authority.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw new IOException(
          folder.file("client.crt")
              + ": found one that another authority has signed, expected that of "
              + folder.file("ca.crt")
              + "; 'harp certs renew' makes a new one",
          e);
    }
    return files(authority, new Credential(key, client));
  }

  private static <T> T required(PemFolder folder, String name, Optional<T> found)
      throws IOException {
    return found.orElseThrow(
        () -> new IOException(folder.path() + ": found no " + name + " in this folder"));
  }

  /** What is in use, until when, and what should be done about it. */
  public CertificateReport describe() {
    return CertificateDescriptions.of(folder, contents.stock());
  }

  /** What is in the folder {@code frp} below this one; reads only, so nothing is issued. */
  public static CertificateReport inspect(Path certsFolder, Clock clock) {
    return CertificateDescriptions.of(new PemFolder(certsFolder.resolve("frp")), clock.instant());
  }
}
