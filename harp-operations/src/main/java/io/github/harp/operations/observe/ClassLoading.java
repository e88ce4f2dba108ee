// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import java.util.Optional;

/**
 * Recognises a thread that loads classes by its stack: reading them from the JAR, defining them, or
 * linking a lambda or a concatenation for the first time. What the JVM does without a frame of its
 * own is not seen.
 */
final class ClassLoading {

  private ClassLoading() {}

  /** The method that needs the class; empty for a thread that does something else. */
  static Optional<StackTraceElement> asker(StackTraceElement[] stack) {
    var last = -1;
    for (int i = 0; i < stack.length; i++) {
      if (loads(stack[i])) {
        last = i;
      } else if (last >= 0 && !belongsToTheRuntime(stack[i])) {
        break;
      }
    }
    if (last < 0) {
      return Optional.empty();
    }
    while (last < stack.length && belongsToTheRuntime(stack[last])) {
      last++;
    }
    return last < stack.length ? Optional.of(stack[last]) : Optional.empty();
  }

  private static boolean loads(StackTraceElement frame) {
    var type = frame.getClassName();
    return type.startsWith("jdk.internal.loader.")
        || type.equals("java.lang.ClassLoader")
        || type.equals("java.lang.invoke.MethodHandleNatives")
        || type.equals("java.lang.Class") && frame.getMethodName().startsWith("forName");
  }

  private static boolean belongsToTheRuntime(StackTraceElement frame) {
    var type = frame.getClassName();
    return type.startsWith("java.") || type.startsWith("jdk.") || type.startsWith("sun.");
  }
}
