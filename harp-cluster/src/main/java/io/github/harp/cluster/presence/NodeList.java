// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.presence;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What all nodes say, at the servers: a hash, by name; for nodes of all keys, so that one with a
 * wrong key is seen. For one event loop.
 */
final class NodeList {

  static final String NAME = "harp:nodes";

  /**
   * And no more than an answer may be: 8 MiB for whoever has least memory, who says so. Nobody
   * knows that who writes one line of them.
   */
  private static final int MAX_NODES = 1_000;

  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final Duration LEAVING = Duration.ofMillis(500);

  /** One more than others read would end them all. */
  private static final String SAY =
      "if redis.call('hexists', KEYS[1], ARGV[1]) == 0"
          + " and redis.call('hlen', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end"
          + " redis.call('hset', KEYS[1], ARGV[1], ARGV[2]) return 1";

  private final RedisLink link;
  private final String own;

  NodeList(Vertx vertx, HarpClusterOptions options) {
    this.link = new RedisLink(vertx, options, connection -> Future.succeededFuture());
    this.own = options.node();
  }

  /** What each says, by name; fails where there are more than are read. */
  Future<Map<String, String>> read() {
    return link.ask(() -> Request.cmd(Command.HLEN).arg(NAME), LIMIT)
        .compose(
            count ->
                count.toInteger() > MAX_NODES
                    ? Future.failedFuture(
                        NAME + " holds " + count + " names, expected at most " + MAX_NODES)
                    : link.ask(() -> Request.cmd(Command.HGETALL).arg(NAME), LIMIT))
        .map(NodeList::lines);
  }

  private static Map<String, String> lines(Response all) {
    var lines = new HashMap<String, String>();
    for (var i = 0; i + 1 < all.size(); i += 2) {
      lines.put(all.get(i).toString(), all.get(i + 1).toString());
    }
    return lines;
  }

  /** Has this node say that; fails where there are as many others as are read. */
  Future<?> say(String line) {
    return link.ask(
            () ->
                Request.cmd(Command.EVAL)
                    .arg(SAY)
                    .arg(1)
                    .arg(NAME)
                    .arg(own)
                    .arg(line)
                    .arg(MAX_NODES),
            LIMIT)
        .compose(
            said ->
                said.toInteger() == 1
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        NAME
                            + " holds "
                            + MAX_NODES
                            + " names without this node's, expected at most "
                            + MAX_NODES
                            + " with it"));
  }

  /** Another one is there no more. */
  void remove(String name) {
    link.ask(() -> Request.cmd(Command.HDEL).arg(NAME).arg(name), LIMIT);
  }

  /** This node is not. */
  Future<?> leave() {
    return link.ask(() -> Request.cmd(Command.HDEL).arg(NAME).arg(own), LEAVING);
  }

  Future<Void> close() {
    return link.close();
  }
}
