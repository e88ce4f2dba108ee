// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.notice;

import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows requests on their way through the gateway, and what others are asked because of them.
 * Called on event loops: must not block. Thread-safe.
 */
public interface Tracing {

  /** The header by which others are told what they are asked because of. */
  String TRACEPARENT = "traceparent";

  /** What goes with it. */
  String TRACESTATE = "tracestate";

  /** Follows nothing, at no cost. */
  Tracing NONE = new Tracing() {};

  /** Whether anything is followed. */
  default boolean isOn() {
    return this != NONE;
  }

  /**
   * A request has come.
   *
   * @param parent what it is a part of, in the form of W3C's {@code traceparent}; empty for nothing
   */
  default Step request(String method, String parent) {
    return Step.NONE;
  }

  /**
   * Somebody else is asked.
   *
   * @param parent because of what; null for what this thread does now, if anything
   */
  default Step question(String name, @Nullable String parent) {
    return Step.NONE;
  }

  /** What this thread does now, in the form of W3C's {@code traceparent}; null for nothing. */
  default @Nullable String now() {
    return null;
  }

  /** Work that another thread is going to do, as a part of what this one does now. */
  default <T> Callable<T> elsewhere(Callable<T> work) {
    return work;
  }

  /** A part of the way. Those of one request are not used by two threads at a time. */
  interface Step {

    /** Of nothing that is followed. */
    Step NONE = new Step() {};

    /** A part of it begins. */
    default Step begin(String name) {
      return NONE;
    }

    /** What to tell others who are asked in it; null for nothing. */
    default @Nullable String traceparent() {
      return null;
    }

    /** Does something that is a part of it. */
    default <T> T during(Supplier<T> work) {
      return work.get();
    }

    /** Something that is true of it. */
    default void say(String name, String value) {}

    /** It did not go well. */
    default void failed(String why) {}

    default void end() {}
  }
}
