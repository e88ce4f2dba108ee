// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import io.github.harp.core.notice.Visible;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** What begins each message after the offer: first those that both send, then the sender's. */
enum Tag {
  /** Nothing to say, but still there. */
  ALIVE,
  /** The end, in words. */
  STOP,
  /** Some bytes of a block. */
  BYTES,
  /** So many zeros of a block. */
  ZEROS,
  /** The checksum of the block that ends here. */
  BLOCK,
  /** The checksum of the file whose last wanted block that was. */
  FILE,
  /** The file can't be read, or has changed: why. */
  UNREADABLE,
  /** Checksums of blocks that were asked for. */
  CHECKSUMS,
  /** All that was wanted is there, and this side knows. */
  FAREWELL;

  private static final Tag[] ALL = values();
  private static final int MOST_CHARACTERS = 1_000;

  void write(DataOutputStream out) throws IOException {
    out.writeByte(ordinal());
  }

  void write(DataOutputStream out, String text) throws IOException {
    write(out);
    out.writeUTF(text.substring(0, Math.min(text.length(), MOST_CHARACTERS)));
  }

  /** The next that says something. */
  static Tag read(DataInputStream in) throws IOException, TransferException {
    while (true) {
      var code = in.readUnsignedByte();
      if (code >= ALL.length) {
        throw unexpected("a message of kind " + code);
      }
      if (ALL[code] == STOP) {
        throw stopped(in);
      }
      if (ALL[code] != ALIVE) {
        return ALL[code];
      }
    }
  }

  static TransferException stopped(DataInputStream in) throws IOException {
    return TransferException.ofPeer(text(in));
  }

  static String text(DataInputStream in) throws IOException {
    var text = Visible.text(in.readUTF());
    return text.substring(0, Math.min(text.length(), MOST_CHARACTERS));
  }

  static TransferException unexpected(String found) {
    return new TransferException("the other side sends " + found + ", which is not expected here");
  }
}
