// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

/** How many bytes make a budget short. */
public final class BudgetLimit {

  private BudgetLimit() {}

  public static long of(Budget budget) {
    return budget.used() + 1 - budget.excess();
  }

  /** How many make it urgent. */
  public static long urgent(Budget budget) {
    return of(budget) + of(budget) / 4;
  }
}
