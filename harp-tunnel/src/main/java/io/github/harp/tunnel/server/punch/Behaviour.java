// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.punch;

/**
 * What one of two peers does.
 *
 * @param sends whether it sends to the other what the other answers; else it opens its NAT for that
 * @param ttl of a receiver's datagrams, which only have to leave its own NAT; 0 as usual
 * @param ports how far around the other's known port it tries; 0 for that port only
 * @param guesses how many ports of the other it guesses
 * @param sockets how many more sockets it sends from
 */
record Behaviour(boolean sends, int delayMillis, int ttl, int ports, int guesses, int sockets) {

  static final Behaviour SEND = new Behaviour(true, 0, 0, 0, 0, 0);
  static final Behaviour RECEIVE = new Behaviour(false, 0, 0, 0, 0, 0);

  Behaviour after(int millis) {
    return new Behaviour(sends, millis, ttl, ports, guesses, sockets);
  }

  Behaviour ttl(int hops) {
    return new Behaviour(sends, delayMillis, hops, ports, guesses, sockets);
  }

  Behaviour around(int distance) {
    return new Behaviour(sends, delayMillis, ttl, distance, guesses, sockets);
  }

  Behaviour guessing(int times) {
    return new Behaviour(sends, delayMillis, ttl, ports, times, sockets);
  }

  Behaviour from(int more) {
    return new Behaviour(sends, delayMillis, ttl, ports, guesses, more);
  }
}
