package org.equipoise.media;

import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * Bytes in memory as the platform's decoders read them. Each read hands out few bytes and fails
 * once the deadline has passed: a decoder that would spend minutes on a crafted file comes back for
 * more input long before, and is stopped there.
 */
final class ByteStream extends ImageInputStreamImpl {
  /**
   * A scan of a progressive JPEG that costs a pass over the whole picture may be twenty bytes long;
   * so many fit into one read.
   */
  private static final int BYTES_A_READ = 1024;

  private final byte[] bytes;
  private final Deadline deadline;

  ByteStream(byte[] bytes, Deadline deadline) {
    this.bytes = bytes;
    this.deadline = deadline;
  }

  @Override
  public int read() throws IOException {
    bitOffset = 0;
    if (streamPos >= bytes.length) {
      return -1;
    }
    return bytes[(int) streamPos++] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    deadline.check();
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    if (streamPos >= bytes.length) {
      return -1;
    }
    int count = (int) Math.min(Math.min(length, BYTES_A_READ), bytes.length - streamPos);
    System.arraycopy(bytes, (int) streamPos, into, offset, count);
    streamPos += count;
    return count;
  }

  @Override
  public long length() {
    return bytes.length;
  }
}
