// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import java.net.InetAddress;
import java.util.Set;

/**
 * What is to happen to one request, and why. The answer, the log line and the metric are made from
 * this one object.
 */
public sealed interface Decision {

  Reason reason();

  /** The true address of the caller: what bans count and logs name. */
  InetAddress client();

  /**
   * Send it to an ExApp.
   *
   * @param path the path inside the ExApp, raw; at least {@code /}
   * @param authorization the value of {@code AUTHORIZATION-APP-API}
   * @param user who asks; anonymous for a signed request, whose user is inside {@code
   *     authorization}
   * @param signed whether AppAPI vouches for it
   * @param countedStatuses answers of the ExApp that count against the client, to be told to the
   *     gatekeeper
   * @param bySite whether another website made a browser send it
   */
  record Forward(
      ExApp exApp,
      String path,
      String authorization,
      NcUser user,
      boolean signed,
      Set<Integer> countedStatuses,
      Reason reason,
      InetAddress client,
      boolean bySite)
      implements Decision {

    /** One that no other website is behind. */
    public Forward(
        ExApp exApp,
        String path,
        String authorization,
        NcUser user,
        boolean signed,
        Set<Integer> countedStatuses,
        Reason reason,
        InetAddress client) {
      this(exApp, path, authorization, user, signed, countedStatuses, reason, client, false);
    }
  }

  /**
   * Give it to the control API.
   *
   * @param path the path after {@code /exapps/app_api}, raw
   */
  record Control(String path, Reason reason, InetAddress client) implements Decision {}

  /**
   * Pass it to a container engine if the engine rules allow it.
   *
   * @param port the header's number, 1–65535; not yet judged
   * @param path the path after {@code /exapps/app_api}, raw
   */
  record Engine(int port, String path, Reason reason, InetAddress client) implements Decision {}

  /**
   * Answer it here.
   *
   * @param status a status that tells the client no more than it may know
   * @param counted whether it counted against the client
   */
  record Refuse(int status, boolean counted, Reason reason, InetAddress client)
      implements Decision {}

  /** Close without an answer. */
  record Drop(boolean counted, Reason reason, InetAddress client) implements Decision {}
}
