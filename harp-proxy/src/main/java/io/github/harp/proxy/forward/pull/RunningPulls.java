// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.pull;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.notice.Excerpt;
import io.github.harp.proxy.ImagePull;
import io.github.harp.proxy.exchange.Exchange;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Knows which images are being pulled; of very many only some. Thread-safe. */
public final class RunningPulls {

  private static final String PULL = "/images/create";
  private static final int MOST = 64;
  private static final int MAX_SHOWN = 300;

  private final Ticker ticker;
  private final Set<Pull> running = ConcurrentHashMap.newKeySet();

  public RunningPulls(Ticker ticker) {
    this.ticker = ticker;
  }

  private record Pull(
      Instance whose, Decision.EngineCall call, String image, long began, PullProgress progress) {}

  /** What is to see the answer to a call that pulls an image; empty for any other. */
  public Optional<PullProgress> begin(Exchange exchange, Instance whose, Decision.EngineCall call) {
    if (!call.path().endsWith(PULL) || running.size() >= MOST) {
      return Optional.empty();
    }
    var pull = new Pull(whose, call, image(exchange), ticker.read(), new PullProgress());
    running.add(pull);
    exchange.whenOver(() -> running.remove(pull));
    return Optional.of(pull.progress);
  }

  private static String image(Exchange exchange) {
    var query = new QueryStringDecoder("?" + exchange.query()).parameters();
    var image = query.getOrDefault("fromImage", List.of("")).get(0);
    var tag = query.getOrDefault("tag", List.of("")).get(0);
    var separator = tag.isEmpty() ? "" : tag.contains(":") ? "@" : ":";
    return Excerpt.of(image + separator + tag, MAX_SHOWN);
  }

  /** Those of now, the oldest first. */
  public List<ImagePull> now() {
    var now = ticker.read();
    return running.stream()
        .sorted(Comparator.comparingLong(Pull::began))
        .map(
            it ->
                new ImagePull(
                    it.whose,
                    it.call.number(),
                    it.image,
                    Duration.ofNanos(now - it.began),
                    it.progress.percent()))
        .toList();
  }
}
