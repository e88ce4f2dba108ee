// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control.body;

import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Excerpt;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppCredentials;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.Mount;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.github.harp.proxy.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** An order to create a container. Contract 5.10 and 8.3. */
public record CreateOrder(
    ExAppName name,
    String image,
    ContainerEnvironment environment,
    ComputeDevice device,
    JsonFields limits,
    EngineOptions options) {

  private static final List<String> DEVICES = List.of("cpu", "cuda", "rocm");

  public static CreateOrder read(JsonFields body, String prefix) {
    return new CreateOrder(
        OrderBody.name(body, prefix),
        image(body),
        environment(body),
        ComputeDevice.valueOf(body.word("compute_device", "cpu", DEVICES).toUpperCase(Locale.ROOT)),
        body.object("resource_limits"),
        new EngineOptions(
            body.string("network_mode", new EngineOptions().networkMode()),
            body.string("restart_policy", new EngineOptions().restartPolicy()),
            mounts(body)));
  }

  /** What an engine is to create. */
  public ExAppSpec onEngine(MountRules rules, ExAppCredentials credentials) {
    return spec(
        credentials,
        new ResourceLimits(integer("memory"), integer("nanoCPUs")),
        OrderBody.validated(
            () -> new EngineOptions(ownNetwork(), options.restartPolicy(), checked(rules))));
  }

  /** What a cluster is to create: it has no use for networks, restart policies and mounts. */
  public ExAppSpec inCluster(ExAppCredentials credentials) {
    var nanoCpus = integer("nanoCPUs");
    return spec(
        credentials,
        new ResourceLimits(
            limits.isText("memory") ? quantity("memory", 0) : integer("memory"),
            nanoCpus.orElse(0) == 0 && limits.isText("cpu") ? quantity("cpu", 9) : nanoCpus),
        new EngineOptions());
  }

  private ExAppSpec spec(
      ExAppCredentials credentials, ResourceLimits resources, EngineOptions onEngine) {
    return new ExAppSpec(
        name,
        image,
        OrderBody.validated(() -> credentials.in(environment)),
        device,
        resources,
        onEngine);
  }

  private OptionalLong integer(String member) {
    return limits.optionalInteger(member, 0, Long.MAX_VALUE);
  }

  /** As Kubernetes writes amounts; an empty one is none. */
  private OptionalLong quantity(String member, int decimals) {
    var text = limits.string(member);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    var amount = KubernetesQuantity.parse(text, decimals);
    if (amount.isEmpty()) {
      throw limits.violation(
          member, "expected an integer or an amount such as 512Mi, 1500m or 2, found another text");
    }
    return amount;
  }

  private static String image(JsonFields body) {
    var key = body.has("image_id") || !body.has("image") ? "image_id" : "image";
    return OrderBody.imageReference(body, key);
  }

  private static ContainerEnvironment environment(JsonFields body) {
    var entries = body.strings("environment_variables");
    for (int i = 0; i < entries.size(); i++) {
      var entry = entries.get(i);
      if (entry.isEmpty() || entry.startsWith("=") || entry.indexOf('\0') >= 0) {
        throw body.violation(
            "environment_variables[" + i + "]",
            "expected NAME=value without NUL, found another text");
      }
    }
    return new ContainerEnvironment(entries);
  }

  private static List<Mount> mounts(JsonFields body) {
    var mounts = new ArrayList<Mount>();
    for (var mount : body.objects("mount_points")) {
      mounts.add(
          new Mount(
              mount.string("source"),
              mount.string("target"),
              mount.string("mode", "rw").equals("ro")));
    }
    return mounts;
  }

  /**
   * Every mode with a colon leads into another container, a process, or past the network's rules.
   */
  private String ownNetwork() {
    var networkMode = options.networkMode();
    if (networkMode.indexOf(':') >= 0 || networkMode.chars().anyMatch(Character::isISOControl)) {
      throw new HarpException(
          HarpException.Code.BAD_REQUEST,
          "network_mode '"
              + Excerpt.of(networkMode, 60)
              + "': expected host, bridge, none or the name of a network;"
              + " what belongs to another container or process is not given to an ExApp");
    }
    return networkMode;
  }

  private List<Mount> checked(MountRules rules) {
    var result = new ArrayList<Mount>();
    var mounts = options.mounts();
    for (int i = 0; i < mounts.size(); i++) {
      result.add(rules.check("mount_points[" + i + "]", mounts.get(i)));
    }
    return result;
  }
}
