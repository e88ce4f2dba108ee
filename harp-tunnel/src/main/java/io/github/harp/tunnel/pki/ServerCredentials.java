// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import io.github.harp.tunnel.pki.stock.Credential;
import java.util.Optional;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What a server shows to its clients, and what they have to show.
 *
 * @param clients which certificates of theirs are good; empty where they need none
 */
public record ServerCredentials(Credential self, Optional<X509ExtendedTrustManager> clients) {}
