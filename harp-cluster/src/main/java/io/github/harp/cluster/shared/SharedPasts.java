// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.presence.Peers;
import io.github.harp.core.tunnels.Past;
import io.github.harp.core.tunnels.TunnelRegister;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whose tunnels a port ever had: what one node remembers, all do. On the context. */
final class SharedPasts {

  private static final String PORTS = "ports of tunnels";

  private final Journal journal;
  private final NodesQuestion question;
  private final Map<Integer, Past> heard = new HashMap<>();

  /** What somebody has told since others asked. */
  private final Map<Integer, Past> told = new HashMap<>();

  private @Nullable TunnelRegister register;

  SharedPasts(Journal journal, Loop loop, Peers nodes) {
    this.journal = journal;
    this.question =
        new NodesQuestion(
            "which ports of tunnels",
            NodesQuestion.Who.FIRST,
            journal,
            loop,
            nodes,
            told::clear,
            this::answer);
    journal.listen(PORTS, this::heard);
  }

  /** What this remembers all are to know, and what others do, this is told. */
  void share(TunnelRegister shared) {
    register = shared;
    question.ask();
  }

  NodesQuestion question() {
    return question;
  }

  void changed(int port, Past past) {
    if (!past.equals(heard.get(port))) {
      tell(Map.of(port, past));
    }
  }

  /** Another node says this. */
  void remember(JsonObject text) {
    if (register != null) {
      var port = TunnelText.port(text);
      var past = TunnelText.past(text);
      heard.put(port, past);
      if (question.isOpen()) {
        told.put(port, past);
      }
      register.remember(port, past);
    }
  }

  private void heard(Heard pasts) {
    if (!pasts.own()) {
      pasts.event().getJsonArray("ports").forEach(it -> remember((JsonObject) it));
    }
  }

  private void answer() {
    if (register != null) {
      var missing = new HashMap<>(register.past());
      missing.entrySet().removeIf(it -> it.getValue().equals(told.get(it.getKey())));
      tell(missing);
    }
    told.clear();
  }

  private void tell(Map<Integer, Past> pasts) {
    var texts = new ArrayList<JsonObject>();
    pasts.forEach((port, past) -> texts.add(TunnelText.of(port, past)));
    journal.tellAll(PORTS, "ports", texts);
  }
}
