// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

/** The default limits with some of them changed. */
final class Limits {

  private Limits() {}

  static TunnelLimits of(TunnelLimits.Times times) {
    return of(times, new TunnelLimits.Newcomers());
  }

  static TunnelLimits of(TunnelLimits.PerClient perClient) {
    var usual = new TunnelLimits();
    return new TunnelLimits(
        usual.times(), usual.newcomers(), perClient, usual.clients(), usual.heldBytes());
  }

  static TunnelLimits of(TunnelLimits.Times times, TunnelLimits.Newcomers newcomers) {
    var usual = new TunnelLimits();
    return new TunnelLimits(
        times, newcomers, usual.perClient(), usual.clients(), usual.heldBytes());
  }

  static TunnelLimits heldBytes(long most) {
    var usual = new TunnelLimits();
    return new TunnelLimits(
        usual.times(), usual.newcomers(), usual.perClient(), usual.clients(), most);
  }

  static TunnelLimits clients(int most) {
    var usual = new TunnelLimits();
    return new TunnelLimits(
        usual.times(), usual.newcomers(), usual.perClient(), most, usual.heldBytes());
  }
}
