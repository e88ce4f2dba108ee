// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Amount;
import io.github.harp.transfer.Wish.Done;
import io.github.harp.transfer.Wish.Left;
import io.github.harp.transfer.Wish.SendBlocks;
import io.github.harp.transfer.Wish.SendChecksums;
import io.github.harp.transfer.folder.Blocks;
import io.github.harp.transfer.folder.Entry;
import io.github.harp.transfer.folder.Offer;
import io.github.harp.transfer.folder.Source;
import io.github.harp.transfer.peer.Peer;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The one who sends: offers, and gives what is wanted of it, in the order of the wishes. */
final class Sending implements Side {

  private static final int CHUNK_BYTES = 128 * 1024;
  private static final int MOST_WAITING = 1_024;
  private static final int MOST_REMEMBERED = 8;
  private static final long STOP_CHECK_MILLIS = 200;
  private static final byte[] ZEROS = new byte[CHUNK_BYTES];

  private final Source source;
  private final Offer offer;
  private final Pace pace;
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private final MessageDigest digest = Blocks.newDigest();
  private volatile @Nullable TransferException refused;

  /** Of the last files, so that one that is gone on with is not read again. */
  private final Map<Integer, Blocks> remembered =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Blocks> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  Sending(Source source, Pace pace) throws TransferException {
    this.source = source;
    this.offer = source.offer();
    this.pace = pace;
  }

  /** What the reading thread has for the one that sends. */
  private sealed interface Heard {

    record Wanted(Wish wish) implements Heard {}

    record Refused(TransferException end) implements Heard {}

    record Cut(IOException end) implements Heard {}
  }

  @Override
  public String over(Peer peer) throws IOException, TransferException, InterruptedException {
    offer.write(peer.out());
    peer.out().flush();
    var heard = new ArrayBlockingQueue<Heard>(MOST_WAITING);
    var ear = new DefaultThreadFactory("harp-wishes", true).newThread(() -> listen(peer, heard));
    ear.start();
    try {
      return serveAll(heard, peer.out());
    } catch (IOException e) {
      var end = refused;
      if (end != null) {
        throw end;
      }
      throw e;
    } finally {
      ear.interrupt();
    }
  }

  /** Nothing is open between two connections. */
  @Override
  public void close() {}

  private String serveAll(BlockingQueue<Heard> heard, DataOutputStream out)
      throws IOException, TransferException, InterruptedException {
    while (true) {
      if (heard.isEmpty()) {
        out.flush();
      }
      var wish = wish(next(heard));
      if (wish instanceof Done) {
        Tag.FAREWELL.write(out);
        out.flush();
        return "sent " + Amount.of(offer.files(), "file") + ", " + Amount.bytes(offer.bytes());
      }
      serve(wish, out);
    }
  }

  private Heard next(BlockingQueue<Heard> heard) throws InterruptedException, TransferException {
    while (true) {
      var next = heard.poll(STOP_CHECK_MILLIS, TimeUnit.MILLISECONDS);
      if (next != null) {
        return next;
      }
      pace.requireGoing();
    }
  }

  private void listen(Peer peer, BlockingQueue<Heard> heard) {
    try {
      Heard next;
      do {
        next = hear(peer);
        if (next instanceof Heard.Refused said) {
          refused = said.end();
          // Nobody takes what is being written.
          peer.close();
        }
        heard.put(next);
      } while (next instanceof Heard.Wanted wanted && !(wanted.wish() instanceof Done));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Heard hear(Peer peer) {
    try {
      return new Heard.Wanted(Wish.read(peer.in()));
    } catch (TransferException e) {
      return new Heard.Refused(e);
    } catch (IOException e) {
      return new Heard.Cut(e);
    }
  }

  private static Wish wish(Heard heard) throws IOException, TransferException {
    if (heard instanceof Heard.Wanted wanted) {
      return wanted.wish();
    }
    if (heard instanceof Heard.Refused refused) {
      throw refused.end();
    }
    throw ((Heard.Cut) heard).end();
  }

  /** Nobody has stopped it here or there; the wishes before that don't count then. */
  private void requireGoing() throws TransferException {
    pace.requireGoing();
    var end = refused;
    if (end != null) {
      throw end;
    }
  }

  private void serve(Wish wish, DataOutputStream out) throws IOException, TransferException {
    if (wish instanceof Left left) {
      pace.begin(offer.bytes(), left.bytes());
    } else if (wish instanceof SendBlocks blocks) {
      var entry = file(blocks.file());
      requireRange(entry, blocks.first(), blocks.count());
      sendBlocks(blocks, entry, out);
    } else if (wish instanceof SendChecksums checksums) {
      var entry = file(checksums.file());
      requireRange(entry, 0, checksums.count());
      sendChecksums(checksums, entry, out);
    }
  }

  private Entry file(int index) throws TransferException {
    if (index < 0 || index >= offer.entries().size() || offer.entries().get(index).isFolder()) {
      throw Tag.unexpected("a wish for file " + index);
    }
    return offer.entries().get(index);
  }

  private static void requireRange(Entry entry, int first, int count) throws TransferException {
    if (first < 0 || count < 1 || (long) first + count > Blocks.count(entry.size())) {
      throw Tag.unexpected("a wish for %d blocks from block %d".formatted(count, first));
    }
  }

  private Blocks blocksOf(int file, Entry entry) {
    return remembered.computeIfAbsent(file, index -> new Blocks(entry.size()));
  }

  /** Whatever is wrong with the file the other side is told, and the rest goes on. */
  private void sendBlocks(SendBlocks wish, Entry entry, DataOutputStream out)
      throws IOException, TransferException {
    var known = blocksOf(wish.file(), entry);
    pace.at(entry.path());
    try (var file = open(wish.file())) {
      for (var block = wish.first(); block < wish.first() + wish.count(); block++) {
        known.put(block, sendBlock(file, known, block, out));
        Tag.BLOCK.write(out);
        out.write(known.get(block));
        if (known.length(block) == Blocks.BYTES) {
          // Zeros would wait for long: they hardly fill the buffer.
          out.flush();
        }
      }
      if (wish.last()) {
        learn(file, known, known.count(), out);
        requireUnchanged(wish.file(), entry);
        Tag.FILE.write(out);
        out.write(known.sum());
      }
    } catch (UnreadableException e) {
      remembered.remove(wish.file());
      Tag.UNREADABLE.write(out, HarpException.reasonOf(e));
    }
  }

  private byte[] sendBlock(FileChannel file, Blocks blocks, int block, DataOutputStream out)
      throws IOException, UnreadableException, TransferException {
    var at = Blocks.start(block);
    for (var left = blocks.length(block); left > 0; ) {
      var length = Math.min(left, CHUNK_BYTES);
      read(file, at, length);
      digest.update(chunk, 0, length);
      if (Arrays.equals(chunk, 0, length, ZEROS, 0, length)) {
        Tag.ZEROS.write(out);
        out.writeInt(length);
      } else {
        Tag.BYTES.write(out);
        out.writeInt(length);
        out.write(chunk, 0, length);
      }
      pace.moved(length);
      requireGoing();
      left -= length;
      at += length;
    }
    return digest.digest();
  }

  private void sendChecksums(SendChecksums wish, Entry entry, DataOutputStream out)
      throws IOException, TransferException {
    var known = blocksOf(wish.file(), entry);
    pace.at("looks at what is there of " + entry.path());
    try (var file = open(wish.file())) {
      learn(file, known, wish.count(), out);
      requireUnchanged(wish.file(), entry);
    } catch (UnreadableException e) {
      remembered.remove(wish.file());
      Tag.UNREADABLE.write(out, HarpException.reasonOf(e));
      return;
    }
    Tag.CHECKSUMS.write(out);
    for (var block = 0; block < wish.count(); block++) {
      out.write(known.get(block));
    }
  }

  /** The checksums of the first blocks, for which those are read that this side has not sent. */
  private void learn(FileChannel file, Blocks known, int count, DataOutputStream out)
      throws IOException, UnreadableException, TransferException {
    for (var block = known.firstUnknown(0); block < count; block = known.firstUnknown(block)) {
      var at = Blocks.start(block);
      for (var left = known.length(block); left > 0; ) {
        var length = Math.min(left, CHUNK_BYTES);
        read(file, at, length);
        digest.update(chunk, 0, length);
        left -= length;
        at += length;
      }
      known.put(block, digest.digest());
      requireGoing();
      Tag.ALIVE.write(out);
      out.flush();
    }
  }

  // ---- the file, whose failures are not the connection's

  private static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableException(String message) {
      super(message);
    }
  }

  private FileChannel open(int index) throws UnreadableException {
    try {
      digest.reset();
      return FileChannel.open(
          source.file(index), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new UnreadableException("it can't be read: " + kind(e));
    }
  }

  private void read(FileChannel file, long from, int length) throws UnreadableException {
    var into = ByteBuffer.wrap(chunk, 0, length);
    try {
      while (into.hasRemaining()) {
        if (file.read(into, from + into.position()) < 0) {
          throw new UnreadableException("it has become shorter while it was sent");
        }
      }
    } catch (IOException e) {
      throw new UnreadableException("it can't be read: " + kind(e));
    }
  }

  private void requireUnchanged(int index, Entry entry) throws UnreadableException {
    try {
      var is =
          Files.readAttributes(
              source.file(index), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (is.size() != entry.size() || is.lastModifiedTime().toMillis() != entry.modified()) {
        throw new UnreadableException("it has changed since it was offered");
      }
    } catch (IOException e) {
      throw new UnreadableException("it can't be found any more: " + kind(e));
    }
  }

  /** Not its words, which name folders of this host. */
  private static String kind(IOException e) {
    return e.getClass().getSimpleName();
  }
}
