// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.net.ssl.SSLException;

/** What networks and clients do to connections: no news for the log. */
public final class ClientFailures {

  private ClientFailures() {}

  /** A connection that breaks, TLS that fails, a violation of HTTP/2; else it is a defect. */
  public static boolean isOrdinary(Throwable cause) {
    return cause instanceof IOException
        || cause instanceof UncheckedIOException
        || cause instanceof Http2Exception
        || cause instanceof DecoderException
            && (cause.getCause() instanceof SSLException
                || cause.getCause() instanceof IOException);
  }
}
