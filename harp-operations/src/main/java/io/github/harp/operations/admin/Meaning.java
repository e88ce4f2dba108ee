// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.decision.Reason;

/** What a reason means to somebody who looks after a gateway, and what to look at. */
final class Meaning {

  private Meaning() {}

  static String of(Reason reason) {
    return switch (reason) {
      case ROUTE_ALLOWED -> "a route of the ExApp allows it to this user";
      case PUBLIC_WITHOUT_NEXTCLOUD ->
          "the route is for everybody; Nextcloud did not say who it is, look at its log";
      case SIGNED_REQUEST -> "AppAPI itself sends it, with the shared key";
      case ORDER -> "an order of AppAPI, with the shared key";
      case ENGINE_CALL -> "a call of AppAPI to a container engine that engines may get";
      case OWN_PAGE -> "the status page at the public name, which asks who it is by itself";
      case BANNED ->
          "too many requests of this address have failed; 'harp bans list' shows which, 'harp bans"
              + " clear' ends it";
      case NO_PATH -> "a request for no path";
      case PARENT_SEGMENT -> "the path climbs with '..', which nobody does by mistake";
      case CONTROL_CHARACTER -> "an encoded line feed or the like is in the path";
      case NOT_AN_EXAPP_PATH -> "the path does not begin with /exapps/<app id>/";
      case EXAPPS_PREFIX_NOT_AT_START ->
          "something stands before /exapps/: let the proxy in front strip it, or NC_INSTANCE_URL"
              + " name the folder";
      case WRONG_KEY_FOR_ORDER ->
          "an order without the right key: it has to be the same in HP_SHARED_KEY and in the deploy"
              + " daemon of AppAPI's settings";
      case WRONG_KEY_IN_SIGNED_REQUEST ->
          "a request as AppAPI's, with another key: it has to be the same in HP_SHARED_KEY and in"
              + " the deploy daemon of AppAPI's settings";
      case BAD_SIGNED_PORT -> "the port that AppAPI names is not one";
      case BAD_ENGINE_PORT -> "the engine's port is not one";
      case ENGINE_RULE -> "a call that engines do not get";
      case NO_ENGINE -> "the engine is neither configured nor dialled in; 'harp doctor' lists them";
      case UNKNOWN_HOST -> "no Nextcloud that is served here has this host";
      case UNKNOWN_EXAPP ->
          "Nextcloud knows no ExApp of this id that is enabled: 'occ app_api:app:list' says";
      case LOOKUP_FAILED ->
          "Nextcloud did not say what this ExApp is; 'harp doctor' says why, and the log";
      case INTERNAL_ENDPOINT -> "only Nextcloud itself may call this on an ExApp";
      case USER_UNKNOWN -> "Nextcloud refused to say who it is";
      case USER_LOOKUP_FAILED ->
          "Nextcloud did not say who it is; 'harp doctor' says why, and the log";
      case LEVEL_TOO_LOW ->
          "the route is for users, or administrators, and this one is not: is the session's cookie"
              + " sent along?";
      case NO_ROUTE -> "no route of the ExApp's info.xml matches the path";
      case PATTERN_BUDGET_EXCEEDED ->
          "the ExApp's patterns are too many, or too complex for this path: the ExApp's mistake";
    };
  }
}
