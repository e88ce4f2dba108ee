// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import io.github.harp.core.notice.Amount;
import io.github.harp.core.notice.Visible;
import io.github.harp.transfer.Wish.SendBlocks;
import io.github.harp.transfer.Wish.SendChecksums;
import io.github.harp.transfer.folder.Blocks;
import io.github.harp.transfer.folder.Entry;
import io.github.harp.transfer.folder.Offer;
import io.github.harp.transfer.folder.Part;
import io.github.harp.transfer.folder.Placing;
import io.github.harp.transfer.folder.TargetFolder;
import io.github.harp.transfer.peer.Peer;
import java.io.DataInputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/** The one who fetches: says what of an offer is missing, and puts it where it belongs. */
final class Fetching implements Side {

  private static final int BUFFER_BYTES = 128 * 1024;
  private static final int MOST_ASKED = 256;
  private static final int MOST_RANGES = 64;
  private static final int MOST_REPETITIONS = 3;
  private static final int MOST_FAILURES = 5;

  private final TargetFolder target;
  private final Pace pace;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final byte[] zeros = new byte[BUFFER_BYTES];
  private final MessageDigest digest = Blocks.newDigest();

  /** What was not whole when a connection was cut: its blocks need not be read again. */
  private final Map<Entry, Part> unfinished = new HashMap<>();

  private final Map<Entry, Integer> repetitions = new HashMap<>();

  Fetching(TargetFolder target, Pace pace) {
    this.target = target;
    this.pace = pace;
  }

  @Override
  public String over(Peer peer) throws IOException, TransferException, InterruptedException {
    var offer = Offer.read(peer.in());
    forgetWhatIsNotOf(offer);
    var missing = target.missing(offer);
    var left = missing.stream().mapToLong(file -> offer.entries().get(file).size()).sum();
    pace.begin(offer.bytes(), left);
    try (var placing = new Placing(target)) {
      var fetch = new Fetch(peer, offer, placing);
      fetch.write(new Wish.Left(left));
      for (var file : missing) {
        fetch.want(file);
        fetch.answersUpTo(MOST_ASKED);
      }
      fetch.answersUpTo(0);
      while (!placing.isDone()) {
        fetch.sayAlive();
      }
      fetch.requireNoFailures();
    }
    target.clear();
    new Wish.Done().write(peer.out());
    peer.out().flush();
    awaitFarewell(peer.in());
    var there = offer.files() - missing.size();
    return "fetched %s to %s%s"
        .formatted(
            Amount.of(missing.size(), "file"),
            target.path(),
            there > 0 ? "; " + Amount.of(there, "file") + " more had come before" : "");
  }

  /** Each connection may bring another offer. */
  private void forgetWhatIsNotOf(Offer offer) throws TransferException {
    var offered = Set.copyOf(offer.entries());
    repetitions.keySet().retainAll(offered);
    for (var part : List.copyOf(unfinished.values())) {
      if (!offered.contains(part.entry())) {
        unfinished.remove(part.entry());
        part.close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    target.close();
  }

  private static void awaitFarewell(DataInputStream in) {
    try {
      Tag.read(in);
    } catch (IOException | TransferException e) {
      // All is there, whether the other side knows it or not.
    }
  }

  /** An offer, and what of it has been asked for over one connection. */
  private final class Fetch {

    private final Peer peer;
    private final DataInputStream in;
    private final Offer offer;
    private final Placing placing;
    private final Queue<SendBlocks> asked = new ArrayDeque<>();
    private final List<String> failures = new ArrayList<>();

    Fetch(Peer peer, Offer offer, Placing placing) {
      this.peer = peer;
      this.in = peer.in();
      this.offer = offer;
      this.placing = placing;
    }

    void write(Wish wish) throws IOException {
      wish.write(peer.out());
    }

    void sayAlive() throws IOException {
      peer.out().writeByte(Wish.ALIVE);
      peer.out().flush();
    }

    void requireNoFailures() throws TransferException {
      if (!failures.isEmpty()) {
        var more = failures.size() - MOST_FAILURES;
        throw new TransferException(
            "%s could not be fetched: %s%s"
                .formatted(
                    Amount.of(failures.size(), "file"),
                    String.join(
                        "; ", failures.subList(0, Math.min(MOST_FAILURES, failures.size()))),
                    more > 0 ? "; and " + more + " more" : ""));
      }
    }

    // ---- what is wanted

    void want(int file) throws IOException, TransferException, InterruptedException {
      var entry = offer.entries().get(file);
      if (entry.size() == 0) {
        placing.place(target.part(entry));
      } else if (unfinished.containsKey(entry) || target.hasPart(entry)) {
        // The answers before are read first: the next is to be about this file.
        answersUpTo(0);
        goOnWith(file, part(entry));
      } else {
        ask(new SendBlocks(file, 0, Blocks.count(entry.size()), true));
      }
    }

    private Part part(Entry entry) throws TransferException {
      var known = unfinished.get(entry);
      if (known == null) {
        known = target.part(entry);
        unfinished.put(entry, known);
      }
      return known;
    }

    private void ask(SendBlocks wish) throws IOException {
      asked.add(wish);
      write(wish);
    }

    /** With what is there of a file, as far as the other side has the same. */
    private void goOnWith(int file, Part part)
        throws IOException, TransferException, InterruptedException {
      pace.at("looks at what is there of " + part.entry().path());
      var blocks = part.blocks();
      var written = part.blocksWritten();
      for (var i = blocks.firstUnknown(0); i < written; i = blocks.firstUnknown(i + 1)) {
        blocks.put(i, part.checksum(i, buffer, digest));
        pace.requireGoing();
        sayAlive();
      }
      if (written > 0) {
        write(new SendChecksums(file, written));
        peer.out().flush();
        if (!compare(part, written)) {
          return;
        }
      }
      say(pace.left() - part.entry().size() + blocks.bytesUnknown());
      askForTheRest(file, part);
    }

    private void say(long left) throws IOException {
      pace.begin(offer.bytes(), left);
      write(new Wish.Left(left));
    }

    private boolean compare(Part part, int count) throws IOException, TransferException {
      var tag = Tag.read(in);
      if (tag == Tag.UNREADABLE) {
        failed(part, Tag.text(in));
        return false;
      }
      require(tag, Tag.CHECKSUMS);
      for (var block = 0; block < count; block++) {
        if (!Arrays.equals(checksum(), part.blocks().get(block))) {
          part.blocks().forget(block);
        }
      }
      return true;
    }

    private void askForTheRest(int file, Part part)
        throws IOException, TransferException, InterruptedException {
      var blocks = part.blocks();
      if (blocks.areAllKnown()) {
        place(part);
        return;
      }
      var first = blocks.firstUnknown(0);
      for (var range = 1; first < blocks.count(); range++) {
        var end = range == MOST_RANGES ? blocks.count() : blocks.firstKnown(first);
        var next = blocks.firstUnknown(end);
        ask(new SendBlocks(file, first, end - first, next == blocks.count()));
        first = next;
      }
    }

    // ---- what comes

    /** Reads answers until no more than so many are still to come. */
    void answersUpTo(int most) throws IOException, TransferException, InterruptedException {
      if (asked.size() > most) {
        peer.out().flush();
      }
      while (asked.size() > most) {
        answer(asked.remove());
      }
    }

    private void answer(SendBlocks wish)
        throws IOException, TransferException, InterruptedException {
      var part = part(offer.entries().get(wish.file()));
      pace.at(part.entry().path());
      for (var block = wish.first(); block < wish.first() + wish.count(); block++) {
        if (!receive(part, block)) {
          failed(part, Tag.text(in));
          return;
        }
      }
      if (!wish.last()) {
        return;
      }
      var tag = Tag.read(in);
      if (tag == Tag.UNREADABLE) {
        failed(part, Tag.text(in));
        return;
      }
      require(tag, Tag.FILE);
      var sum = checksum();
      if (!part.blocks().areAllKnown()) {
        again(wish.file(), part);
      } else if (Arrays.equals(sum, part.blocks().sum())) {
        place(part);
      } else {
        for (var block = 0; block < part.blocks().count(); block++) {
          part.blocks().forget(block);
        }
        again(wish.file(), part);
      }
    }

    /** Whether the other side could read all of the block. */
    private boolean receive(Part part, int block) throws IOException, TransferException {
      var at = Blocks.start(block);
      digest.reset();
      for (var left = part.blocks().length(block); left > 0; ) {
        pace.requireGoing();
        var tag = Tag.read(in);
        if (tag == Tag.UNREADABLE) {
          return false;
        }
        var length = tag == Tag.BYTES || tag == Tag.ZEROS ? in.readInt() : 0;
        if (length < 1 || length > Math.min(left, BUFFER_BYTES)) {
          throw Tag.unexpected("%s with %d bytes".formatted(tag, length));
        }
        if (tag == Tag.BYTES) {
          in.readFully(buffer, 0, length);
          part.write(at, buffer, length);
          digest.update(buffer, 0, length);
        } else {
          part.writeZeros(at, zeros, length);
          digest.update(zeros, 0, length);
        }
        pace.moved(length);
        left -= length;
        at += length;
      }
      require(Tag.read(in), Tag.BLOCK);
      var sum = digest.digest();
      if (Arrays.equals(checksum(), sum)) {
        part.blocks().put(block, sum);
      }
      return true;
    }

    private byte[] checksum() throws IOException {
      var sum = new byte[Blocks.DIGEST_BYTES];
      in.readFully(sum);
      return sum;
    }

    private void require(Tag found, Tag expected) throws TransferException {
      if (found != expected) {
        throw Tag.unexpected(found + " in place of " + expected);
      }
    }

    /** What is bad of a file is asked for again, but not for ever. */
    private void again(int file, Part part)
        throws IOException, TransferException, InterruptedException {
      if (repetitions.merge(part.entry(), 1, Integer::sum) > MOST_REPETITIONS) {
        failed(part, "its checksum is wrong each time");
        return;
      }
      say(pace.left() + part.blocks().bytesUnknown());
      askForTheRest(file, part);
      peer.out().flush();
    }

    private void place(Part part) throws TransferException, InterruptedException {
      unfinished.remove(part.entry());
      placing.place(part);
    }

    private void failed(Part part, String reason) throws TransferException {
      unfinished.remove(part.entry());
      part.close();
      failures.add("'%s': %s".formatted(Visible.text(part.entry().path()), reason));
    }
  }
}
