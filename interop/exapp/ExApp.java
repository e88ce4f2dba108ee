// SPDX-License-Identifier: Apache-2.0

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The smallest ExApp: what AppAPI asks of one, and a page that shows the request that reached it.
 * Listens on {@code /tmp/exapp.sock} when it was given a key, else on {@code APP_HOST:APP_PORT}.
 */
final class ExApp {

  private static final Map<String, String> ENVIRONMENT = System.getenv();
  private static final Path SOCKET = Path.of("/tmp/exapp.sock");

  private record Request(
      String method, String target, TreeMap<String, String> headers, byte[] body) {}

  private record Answer(int status, String type, String body) {

    static Answer json(String body) {
      return new Answer(200, "application/json", body);
    }

    static Answer text(int status, String body) {
      return new Answer(status, "text/plain", body);
    }
  }

  public static void main(String[] arguments) throws IOException {
    try (var server = listen()) {
      System.out.println("listening on " + server.getLocalAddress());
      while (true) {
        var connection = server.accept();
        var thread = new Thread(() -> serve(connection));
        thread.setDaemon(true);
        thread.start();
      }
    }
  }

  private static ServerSocketChannel listen() throws IOException {
    if (ENVIRONMENT.getOrDefault("HP_SHARED_KEY", "").isEmpty()) {
      SocketAddress address =
          new InetSocketAddress(
              ENVIRONMENT.get("APP_HOST"), Integer.parseInt(ENVIRONMENT.get("APP_PORT")));
      return ServerSocketChannel.open().bind(address);
    }
    Files.deleteIfExists(SOCKET);
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(SOCKET));
  }

  private static void serve(SocketChannel connection) {
    try (connection) {
      var in = new BufferedInputStream(Channels.newInputStream(connection));
      var out = Channels.newOutputStream(connection);
      while (true) {
        var request = read(in);
        if (request == null) {
          return;
        }
        write(out, answer(request));
      }
    } catch (IOException e) {
      System.err.println("connection lost: " + e.getMessage());
    }
  }

  private static Answer answer(Request request) {
    var path = request.target().replaceFirst("\\?.*", "");
    return switch (request.method() + " " + path) {
      case "GET /heartbeat" -> Answer.json("{\"status\": \"ok\"}");
      case "POST /init" -> signed(request, Answer.json("{}"));
      case "PUT /enabled" -> signed(request, Answer.json("{\"error\": \"\"}"));
      case "GET /public/data" -> Answer.text(200, data());
      default -> Answer.text(200, show(request));
    };
  }

  /** Only for those who know this ExApp's secret. */
  private static Answer signed(Request request, Answer answer) {
    var credentials = request.headers().getOrDefault("authorization-app-api", "");
    var decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
    return decoded.endsWith(":" + ENVIRONMENT.get("APP_SECRET"))
        ? answer
        : Answer.text(401, "not signed with this ExApp's secret");
  }

  /** The names of what lies in the volume. */
  private static String data() {
    try (var files = Files.list(Path.of(ENVIRONMENT.get("APP_PERSISTENT_STORAGE")))) {
      return String.join("\n", files.map(Path::toString).sorted().toList());
    } catch (IOException e) {
      return "unreadable: " + e.getMessage();
    }
  }

  private static String show(Request request) {
    var lines = new ArrayList<>(List.of(request.method() + " " + request.target()));
    request.headers().forEach((name, value) -> lines.add(name + ": " + value));
    lines.add(request.body().length + " bytes");
    return String.join("\n", lines) + "\n";
  }

  private static Request read(InputStream in) throws IOException {
    var first = line(in);
    if (first == null) {
      return null;
    }
    var parts = first.split(" ");
    var headers = new TreeMap<String, String>();
    for (var line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      var colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return new Request(parts[0], parts[1], headers, body(in, headers));
  }

  private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
    if (!"chunked".equals(headers.get("transfer-encoding"))) {
      return in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    }
    var all = new java.io.ByteArrayOutputStream();
    for (var size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
      all.write(in.readNBytes(size));
      line(in);
    }
    line(in);
    return all.toByteArray();
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (var next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        return null;
      }
      line.append((char) next);
    }
    return line.toString().stripTrailing();
  }

  private static void write(OutputStream out, Answer answer) throws IOException {
    var body = answer.body().getBytes(StandardCharsets.UTF_8);
    var head =
        "HTTP/1.1 "
            + answer.status()
            + " X\r\nContent-Type: "
            + answer.type()
            + "\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(body);
    out.flush();
  }

  private ExApp() {}
}
