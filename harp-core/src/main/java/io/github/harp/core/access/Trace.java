// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.path.ExAppPath;
import io.github.harp.core.path.PathForms;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteMatch;
import io.github.harp.core.route.RouteTrials;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hears what a decision is made from, in the order of the table. What comes last is what decided.
 * Called on the thread that decides; must not block.
 */
public interface Trace extends RouteTrials {

  /** Hears nothing. */
  Trace NONE = new Trace() {};

  /** Who asks whom. */
  default void caller(Instance instance, InetAddress client, boolean hasKey) {}

  /**
   * @param list where failures of such a caller are counted
   */
  default void ban(Failures list, boolean isBanned) {}

  /**
   * @param target whom the path names; null for what is none of ours
   */
  default void path(@Nullable ExAppPath target) {}

  /** What is known of the ExApp; empty for one that Nextcloud does not know. */
  default void record(AppId id, Optional<ExApp> exApp) {}

  /** The spellings under which the path inside the ExApp is judged. */
  default void forms(PathForms path) {}

  @Override
  default void tried(ExAppRoute route, String path, RouteMatch answer) {}

  /** Who the caller is. */
  default void user(NcUser user) {}
}
