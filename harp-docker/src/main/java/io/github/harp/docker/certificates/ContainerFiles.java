// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.certificates;

import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineErrors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Puts files into a container, running or not, through the engine's archive end-point. Not with
 * docker-java's command, which sends the name of its constant as content type.
 */
final class ContainerFiles {

  private final Engine engine;
  private final String container;

  ContainerFiles(Engine engine, String container) {
    this.engine = engine;
    this.container = container;
  }

  /**
   * One entry of an archive.
   *
   * @param path without a leading slash; with one at the end for a folder
   */
  record Entry(String path, byte[] content, int mode, long uid, long gid) {

    static Entry file(String path, byte[] content) {
      return new Entry(path, content, 0644, 0, 0);
    }

    static Entry folder(String path) {
      return new Entry(path + "/", new byte[0], 0755, 0, 0);
    }
  }

  /** Whether a path exists; false when the engine does not tell. */
  boolean has(String path) {
    try (var response = engine.execute(archive("HEAD", path).build())) {
      return response.getStatusCode() == 200;
    }
  }

  void upload(List<Entry> entries) {
    var request =
        archive(Method.PUT.name(), "/")
            .putHeader("Content-Type", "application/x-tar")
            .bodyBytes(tar(entries))
            .build();
    try (var response = engine.execute(request)) {
      var body = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
      if (response.getStatusCode() != 200) {
        throw EngineErrors.refused(
            engine + ", upload of " + entries.size() + " files into " + container,
            response.getStatusCode(),
            body);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Request.Builder archive(String method, String path) {
    var builder = Request.builder();
    builder.method(method);
    builder.path(
        "/containers/"
            + container
            + "/archive?path="
            + URLEncoder.encode(path, StandardCharsets.UTF_8));
    return builder;
  }

  private static byte[] tar(List<Entry> entries) {
    var bytes = new ByteArrayOutputStream();
    var now = Date.from(Instant.now());
    try (var tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
      // Users of OpenShift, say, have numbers that tar's first form can't hold.
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      for (var entry : entries) {
        var header = new TarArchiveEntry(entry.path());
        header.setSize(entry.content().length);
        header.setMode(entry.mode());
        header.setUserId(entry.uid());
        header.setGroupId(entry.gid());
        header.setModTime(now);
        tar.putArchiveEntry(header);
        tar.write(entry.content());
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
