// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.decision;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.appapi.AppApiAuthorization;
import io.github.harp.core.path.ExAppPath;
import io.github.harp.core.upstream.Upstream;
import java.time.Duration;
import java.util.Optional;

/** What is to be done with a request. */
public sealed interface Decision {

  /** What logs and metrics call it. */
  String label();

  /** Does what is to be done in this case; {@link Verdict#carryOut} is for everybody. */
  <C> void match(Cases<C> cases, C request, Verdict verdict);

  /** The one that sends it to an ExApp; empty for any other. */
  default Optional<Forward> forward() {
    return Optional.empty();
  }

  /** Whether it is known to concern a Kubernetes cluster. */
  default boolean isForCluster() {
    return false;
  }

  /** For the log; empty where the reason says it all. */
  default String detail() {
    return "";
  }

  /** Whether something other than the request is not as it should be. */
  default boolean isForTheAdministrator() {
    return false;
  }

  /**
   * What is done in each case: whoever decides by the kind of a decision handles all of them.
   *
   * @param <C> what a request is to whoever does it
   */
  interface Cases<C> {

    void forward(C request, Verdict verdict, Forward forward);

    void order(C request, Verdict verdict, Order order);

    void engineCall(C request, Verdict verdict, EngineCall call);

    void ownPage(C request, Verdict verdict, OwnPage page);

    void refuse(C request, Verdict verdict, Refuse refuse);

    void drop(C request, Verdict verdict);
  }

  /**
   * Send it to an ExApp.
   *
   * @param path the path inside the ExApp, raw; at least {@code /}
   * @param authorization the value of {@code AUTHORIZATION-APP-API}
   * @param user who asks; anonymous for a signed request, whose user {@code authorization} names
   * @param signed whether AppAPI vouches for it
   * @param counted which answers count against the caller; empty for none
   */
  record Forward(
      ExApp exApp,
      String path,
      AppApiAuthorization authorization,
      NcUser user,
      boolean signed,
      Optional<CountedAnswers> counted)
      implements Decision {

    /** The id of the user who asks, or for whom AppAPI does; empty for nobody in particular. */
    public String userId() {
      return signed ? authorization.user() : user.id();
    }

    @Override
    public String label() {
      return "forward";
    }

    @Override
    public <C> void match(Cases<C> cases, C request, Verdict verdict) {
      cases.forward(request, verdict, this);
    }

    @Override
    public Optional<Forward> forward() {
      return Optional.of(this);
    }

    @Override
    public boolean isForCluster() {
      return exApp.inCluster();
    }
  }

  /**
   * Give it to the control API.
   *
   * @param path the path after {@code /exapps/app_api}, raw
   */
  record Order(String path) implements Decision {

    @Override
    public String label() {
      return "control";
    }

    @Override
    public boolean isForCluster() {
      return path.startsWith(ExAppPath.CLUSTER_ORDERS);
    }

    @Override
    public <C> void match(Cases<C> cases, C request, Verdict verdict) {
      cases.order(request, verdict, this);
    }
  }

  /**
   * Pass it to a container engine, whose rules allow it.
   *
   * @param engine the one with this number
   * @param path the path after {@code /exapps/app_api}, raw
   */
  record EngineCall(EngineNumber number, Upstream engine, String path) implements Decision {

    @Override
    public String label() {
      return "engine";
    }

    @Override
    public <C> void match(Cases<C> cases, C request, Verdict verdict) {
      cases.engineCall(request, verdict, this);
    }
  }

  /**
   * Give it to the pages of the gateway's own, which know whom they let in.
   *
   * @param path the path below them, raw; empty where the slash that ends theirs is missing
   */
  record OwnPage(String path) implements Decision {

    @Override
    public String label() {
      return "page";
    }

    @Override
    public <C> void match(Cases<C> cases, C request, Verdict verdict) {
      cases.ownPage(request, verdict, this);
    }
  }

  /**
   * Answer it here.
   *
   * @param status one that tells the client no more than it may know
   * @param retryAfter when it may ask again with success; zero where nobody can say
   */
  record Refuse(int status, Duration retryAfter, String detail) implements Decision {

    @Override
    public String label() {
      return "refuse";
    }

    @Override
    public boolean isForTheAdministrator() {
      return status >= 500 || !detail.isEmpty();
    }

    @Override
    public <C> void match(Cases<C> cases, C request, Verdict verdict) {
      cases.refuse(request, verdict, this);
    }
  }

  /** Close without an answer. */
  record Drop() implements Decision {

    @Override
    public String label() {
      return "drop";
    }

    @Override
    public <C> void match(Cases<C> cases, C request, Verdict verdict) {
      cases.drop(request, verdict);
    }
  }
}
