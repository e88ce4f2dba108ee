// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import java.nio.file.Path;

/** The configuration of a real frpc; every {@code with} method changes one thing. */
record FrpcToml(
    int serverPort,
    int localPort,
    String token,
    int remotePort,
    boolean mux,
    boolean encryption,
    boolean compression,
    String wire,
    Tls tls,
    Path certificates) {

  enum Tls {
    NONE,
    SERVER_ONLY,
    MUTUAL
  }

  static final int REMOTE_PORT = 23_000;

  static FrpcToml of(int serverPort, int localPort, String token) {
    return new FrpcToml(
        serverPort,
        localPort,
        token,
        REMOTE_PORT,
        true,
        false,
        false,
        "v1",
        Tls.NONE,
        Path.of("none"));
  }

  FrpcToml withToken(String other) {
    return new FrpcToml(
        serverPort,
        localPort,
        other,
        remotePort,
        mux,
        encryption,
        compression,
        wire,
        tls,
        certificates);
  }

  FrpcToml withRemotePort(int other) {
    return new FrpcToml(
        serverPort, localPort, token, other, mux, encryption, compression, wire, tls, certificates);
  }

  FrpcToml withMux(boolean on) {
    return new FrpcToml(
        serverPort,
        localPort,
        token,
        remotePort,
        on,
        encryption,
        compression,
        wire,
        tls,
        certificates);
  }

  FrpcToml withEncryption(boolean on) {
    return new FrpcToml(
        serverPort, localPort, token, remotePort, mux, on, compression, wire, tls, certificates);
  }

  FrpcToml withCompression(boolean on) {
    return new FrpcToml(
        serverPort, localPort, token, remotePort, mux, encryption, on, wire, tls, certificates);
  }

  FrpcToml withWire(String version) {
    return new FrpcToml(
        serverPort,
        localPort,
        token,
        remotePort,
        mux,
        encryption,
        compression,
        version,
        tls,
        certificates);
  }

  FrpcToml withTls(Tls kind, Path folder) {
    return new FrpcToml(
        serverPort, localPort, token, remotePort, mux, encryption, compression, wire, kind, folder);
  }

  String text() {
    StringBuilder toml = new StringBuilder();
    toml.append("serverAddr = \"127.0.0.1\"\nserverPort = ").append(serverPort).append('\n');
    toml.append("loginFailExit = false\n");
    toml.append("metadatas.token = \"").append(token).append("\"\n");
    toml.append("transport.tcpMux = ").append(mux).append('\n');
    toml.append("transport.tls.enable = ").append(tls != Tls.NONE).append('\n');
    if (!wire.equals("v1")) {
      toml.append("transport.wireProtocol = \"").append(wire).append("\"\n");
    }
    if (tls != Tls.NONE) {
      toml.append("transport.tls.serverName = \"harp.nc\"\n");
      toml.append("transport.tls.trustedCaFile = \"")
          .append(certificates.resolve("ca.crt"))
          .append("\"\n");
    }
    if (tls == Tls.MUTUAL) {
      toml.append("transport.tls.certFile = \"")
          .append(certificates.resolve("client.crt"))
          .append("\"\n");
      toml.append("transport.tls.keyFile = \"")
          .append(certificates.resolve("client.key"))
          .append("\"\n");
    }
    toml.append("\n[[proxies]]\nname = \"app\"\ntype = \"tcp\"\nlocalPort = ").append(localPort);
    toml.append("\nremotePort = ").append(remotePort);
    toml.append("\ntransport.useEncryption = ").append(encryption);
    toml.append("\ntransport.useCompression = ").append(compression).append('\n');
    return toml.toString();
  }
}
