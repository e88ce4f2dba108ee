// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.client.TunnelClientOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client's configuration in frpc's TOML, as HaRP's users and ExApps write it.
 *
 * @param file where it was read
 * @param options what the file asks for; whoever starts the client may add to it
 * @param warnings what it says that has no effect here, in whole sentences
 */
public record FrpcConfig(Path file, TunnelClientOptions.Builder options, List<String> warnings) {

  /**
   * Reads a file; TLS files that it names without a folder may be in the current one, as for frpc,
   * or beside it. With {@code {{ .Envs.NAME }}} taken from this environment.
   *
   * @throws TunnelException with all mistakes at once, each with its key and what is expected; also
   *     for a feature that this client does not have
   */
  public static FrpcConfig read(Path file, Map<String, String> environment) throws TunnelException {
    try {
      return parse(Files.readString(file), file, environment);
    } catch (NoSuchFileException e) {
      throw new TunnelException(Code.CONFIGURATION, "there is no file " + file, e);
    } catch (TunnelException e) {
      throw e;
    } catch (IOException e) {
      throw new TunnelException(Code.CONFIGURATION, file + " cannot be read: " + e.getMessage(), e);
    }
  }

  static FrpcConfig parse(String text, Path file, Map<String, String> environment)
      throws TunnelException {
    var where = file.toString();
    var errors = new ArrayList<String>();
    var expanded = new EnvironmentTemplate(environment, errors).expand(text);
    failIfAny(errors, where);
    var root = new Section("", toml(expanded, where), errors);
    if (root.has("common")) {
      throw new TunnelException(
          Code.CONFIGURATION,
          where + " is in frp's old INI format; expected TOML, which frp reads since 0.52");
    }
    var reader = new FrpcOptionsReader(root, file);
    var options = reader.read();
    failIfAny(errors, where);
    var warnings = new ArrayList<>(reader.warnings());
    root.unknown().forEach(key -> warnings.add(key + " is unknown and has no effect"));
    return new FrpcConfig(file, options.orElseThrow(), List.copyOf(warnings));
  }

  private static JsonNode toml(String text, String where) throws TunnelException {
    try {
      return new TomlMapper().readTree(text);
    } catch (JsonProcessingException e) {
      // The parser's message may quote the line, and the line may hold the key.
      @Nullable JsonLocation at = e.getLocation();
      throw new TunnelException(
          Code.CONFIGURATION,
          where
              + " is not TOML"
              + (at == null
                  ? ""
                  : ": line %d, column %d".formatted(at.getLineNr(), at.getColumnNr())));
    }
  }

  private static void failIfAny(List<String> errors, String where) throws TunnelException {
    if (!errors.isEmpty()) {
      throw new TunnelException(Code.CONFIGURATION, where + ": " + String.join("; ", errors));
    }
  }
}
