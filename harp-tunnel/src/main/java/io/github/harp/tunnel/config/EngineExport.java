// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.PemFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a remote Docker host needs to know in order to dial in.
 *
 * @param serverAddress name or address at which that host reaches the tunnel server
 * @param serverPort the tunnel server's port there, usually 8782
 * @param enginePort the engine's number, 24001 to 24099; each host has its own
 */
public record EngineExport(String serverAddress, int serverPort, int enginePort) {

  /** In the frpc.toml of every client. */
  static final String OF_ALL =
      """
      loginFailExit = false

      # Relative to the folder that the client is started in; 'harp certs export' writes them.
      transport.tls.certFile = "client.crt"
      transport.tls.keyFile = "client.key"
      transport.tls.trustedCaFile = "ca.crt"
      transport.tls.serverName = "%s"
      """
          .formatted(CertificateAuthority.SERVER_NAME);

  public EngineExport {
    requireServer(serverAddress, serverPort);
    PortRange.ENGINES.require("engine port", enginePort);
  }

  /** Both stand in a file that is not escaped. */
  static void requireServer(String address, int port) {
    if (!address.matches("[A-Za-z0-9._:-]+")) {
      throw new IllegalArgumentException(
          "server address '%s'; expected a host name or an address".formatted(address));
    }
    PortRange.ALL.require("server port", port);
  }

  /**
   * All files that the host needs, by name; what ends in {@code .key} is a secret.
   *
   * @param clientFiles what {@link CertificateAuthority#clientFiles} gives
   */
  public SortedMap<String, String> files(Map<String, String> clientFiles) {
    var files = new TreeMap<>(clientFiles);
    files.put("frpc.toml", frpcToml());
    files.put("compose.yaml", composeYaml());
    return files;
  }

  /**
   * Writes the files into a folder.
   *
   * @throws IOException if it can't be written
   */
  public void write(Path target, Map<String, String> clientFiles) throws IOException {
    PemFiles.write(target, files(clientFiles));
  }

  private String frpcToml() {
    return """
    # frp 0.52 or newer, or this product's own: harp tunnel -c frpc.toml
    serverAddr = "%s"
    serverPort = %d
    %s
    # The shared key, HP_SHARED_KEY of the server. Up to frp 0.61.1 a key with one of & < > ' " + has to be written
    # here as it is, since those versions alter such characters when they come from the environment.
    metadatas.token = "{{ .Envs.HP_SHARED_KEY }}"

    [[proxies]]
    name = "deploy-daemon-%d"
    type = "tcp"
    remotePort = %d
    [proxies.plugin]
    type = "unix_domain_socket"
    unixPath = "/var/run/docker.sock"
    """
        .formatted(
            serverAddress, serverPort, OF_ALL, enginePort - PortRange.ENGINES.first(), enginePort);
  }

  private String composeYaml() {
    return """
    # On the Docker host: put HP_SHARED_KEY=... into a file .env beside this one, then `docker compose up -d`. Nothing has
    # to be open there; ExApps on this host dial in the same way, by themselves. The server's own image can stand in
    # frpc's place: its name below image, and command: ["tunnel", "-c", "frpc.toml"].
    services:
      tunnel:
        image: ghcr.io/fatedier/frpc:v0.61.1
        command: ["-c", "frpc.toml"]
        working_dir: /certs/frp
        restart: unless-stopped
        read_only: true
        cap_drop: [ALL]
        security_opt: ["no-new-privileges:true"]
        environment:
          HP_SHARED_KEY: ${HP_SHARED_KEY:?the shared key of the server}
        volumes:
          - .:/certs/frp:ro
          - /var/run/docker.sock:/var/run/docker.sock
        # It listens on nothing that could be asked.
        healthcheck:
          disable: true
        mem_limit: 256m
    """;
  }
}
