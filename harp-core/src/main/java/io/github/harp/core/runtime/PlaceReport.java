// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import io.github.harp.core.notice.Finding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a runtime says of its place.
 *
 * @param summary what it is, in a few words
 * @param findings what is right there and what is not; each names the place
 * @param storage the folder of its host where images and volumes are; empty when it does not say
 * @param folders which folders of their host ExApps see there, by container
 */
public record PlaceReport(
    String summary,
    List<Finding> findings,
    Optional<String> storage,
    Map<String, Set<String>> folders) {

  public PlaceReport {
    findings = List.copyOf(findings);
    folders = Map.copyOf(folders);
  }

  /** Of a place where nothing of a host is to be seen. */
  public PlaceReport(String summary, List<Finding> findings) {
    this(summary, findings, Optional.empty(), Map.of());
  }
}
