// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import io.github.harp.tunnel.ProxyType;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Decides who may log in, and which proxies each client may open.
 *
 * <p>Called on event loops, so it must not block; it may answer later and from any thread. An
 * answer that is an error, or that takes longer than {@link TunnelLimits.Times#decision()},
 * refuses.
 */
public interface TunnelAuthenticator {

  /** A client that wants to log in. Its {@code metas} hold credentials, so they are not printed. */
  record LoginRequest(
      InetSocketAddress address,
      String user,
      String clientVersion,
      Map<String, String> metas,
      boolean tls) {
    @Override
    public String toString() {
      return "login of " + address + " (version " + clientVersion + (tls ? ", TLS)" : ", no TLS)");
    }
  }

  /** What becomes of a login. */
  sealed interface LoginDecision {

    /** The client is who it claims to be. */
    record Accept(TunnelIdentity identity) implements LoginDecision {
      @Override
      public void when(Consumer<Accept> accept, Consumer<Refuse> refuse) {
        accept.accept(this);
      }
    }

    /**
     * The login fails.
     *
     * @param reason what the client prints; it tells an attacker nothing
     * @param counts whether this was a wrong credential, to be held against the address
     */
    record Refuse(String reason, boolean counts) implements LoginDecision {
      @Override
      public void when(Consumer<Accept> accept, Consumer<Refuse> refuse) {
        refuse.accept(this);
      }
    }

    /** Calls the one that fits. */
    void when(Consumer<Accept> accept, Consumer<Refuse> refuse);
  }

  /**
   * A proxy that a logged-in client wants to open; {@code remotePort} is 0 for types without a
   * port.
   */
  record ProxyRequest(String name, ProxyType type, int remotePort) {}

  /** What becomes of a proxy. */
  sealed interface ProxyDecision {

    /**
     * It may be opened.
     *
     * @param overrules whether the port is known to be this client's: a client of another identity
     *     that has it has to go
     */
    record Allow(boolean overrules) implements ProxyDecision {

      /** Unless another client has the port. */
      public Allow() {
        this(false);
      }

      @Override
      public void when(Consumer<Allow> allow, Consumer<Refuse> refuse) {
        allow.accept(this);
      }
    }

    /**
     * It may not.
     *
     * @param reason what the client prints
     * @param code for the {@link TunnelListener}
     */
    record Refuse(String reason, RefusalCode code) implements ProxyDecision {
      @Override
      public void when(Consumer<Allow> allow, Consumer<Refuse> refuse) {
        refuse.accept(this);
      }
    }

    /** Calls the one that fits. */
    void when(Consumer<Allow> allow, Consumer<Refuse> refuse);
  }

  /** Whether a client may log in. frp's own token has been checked before. */
  CompletionStage<LoginDecision> authenticate(LoginRequest login);

  /** Whether the client may open this proxy. Type and port are within the server's own rules. */
  default CompletionStage<ProxyDecision> authorize(TunnelIdentity client, ProxyRequest proxy) {
    return CompletableFuture.completedFuture(new ProxyDecision.Allow());
  }

  /**
   * Whether a client may visit an {@code stcp} or {@code xtcp} proxy, whose secret it knows. Asked
   * at each visit; must answer at once.
   *
   * @param visitor empty for one who does not say on whose behalf it comes
   */
  default boolean mayVisit(Optional<TunnelIdentity> visitor, String proxy) {
    return true;
  }

  /** Lets those in whose {@code metadatas.token} is this key; any proxy is allowed to them. */
  static TunnelAuthenticator sharedKey(String key) {
    byte[] expected = key.getBytes(StandardCharsets.UTF_8);
    return login -> {
      byte[] token = login.metas().getOrDefault("token", "").getBytes(StandardCharsets.UTF_8);
      boolean right = expected.length > 0 && MessageDigest.isEqual(expected, token);
      return CompletableFuture.completedFuture(
          right
              ? new LoginDecision.Accept(TunnelIdentity.shared("shared key"))
              : new LoginDecision.Refuse("the token in metadatas.token is not valid here", true));
    };
  }
}
