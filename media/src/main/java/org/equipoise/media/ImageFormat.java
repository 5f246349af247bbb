package org.equipoise.media;

import java.io.IOException;
import org.equipoise.media.BrokenImageException.Reason;

/** A format that is read, told by how a file begins. */
enum ImageFormat {
  JPEG(JpegDecoder::decode),
  PNG(PngDecoder::decode),
  GIF(GifDecoder::decode),
  WEBP(WebpDecoder::decode),
  BMP(BmpDecoder::decode);

  private static final String READ = "read are JPEG, PNG, GIF, WebP and BMP";

  /** How one format becomes pixels. */
  @FunctionalInterface
  private interface Decoding {
    RgbImage decode(Bytes file, ImageLimits limits, Deadline deadline)
        throws BrokenImageException, IOException;
  }

  private final Decoding decoding;

  ImageFormat(Decoding decoding) {
    this.decoding = decoding;
  }

  RgbImage decode(Bytes file, ImageLimits limits, Deadline deadline)
      throws BrokenImageException, IOException {
    return decoding.decode(file, limits, deadline);
  }

  /**
   * @throws BrokenImageException if the content is of no format that is read; the message names the
   *     format where it is another known one
   */
  static ImageFormat of(byte[] content) throws BrokenImageException {
    Bytes file = new Bytes(content);
    if (file.has(0, "\u00ff\u00d8\u00ff")) {
      return JPEG;
    }
    if (file.has(0, "\u0089PNG\r\n\u001a\n")) {
      return PNG;
    }
    if (file.has(0, "GIF87a") || file.has(0, "GIF89a")) {
      return GIF;
    }
    if (file.has(0, "RIFF") && file.has(8, "WEBP")) {
      return WEBP;
    }
    if (file.has(0, "BM") && content.length > 18 && plausibleBmpHeader(file)) {
      return BMP;
    }
    throw new BrokenImageException(
        Reason.UNKNOWN_FORMAT, "the content is %s; %s".formatted(otherFormat(file), READ));
  }

  /** Two letters alone would make pictures of texts that begin with BM. */
  private static boolean plausibleBmpHeader(Bytes file) throws BrokenImageException {
    long size = file.u32Little(14);
    return size == 12 || size >= 40 && size <= 124;
  }

  private static String otherFormat(Bytes file) {
    if (file.has(0, "\0\0\1\0") || file.has(0, "\0\0\2\0")) {
      return "an icon (ICO)";
    }
    if (file.has(0, "II*\0") || file.has(0, "MM\0*")) {
      return "a TIFF image";
    }
    if (file.has(4, "ftypavif") || file.has(4, "ftypavis")) {
      return "an AVIF image";
    }
    if (file.has(4, "ftyphei") || file.has(4, "ftypmif1")) {
      return "a HEIC image";
    }
    if (file.has(4, "ftyp") || file.has(0, "\u001aE\u00df\u00a3")) {
      return "a video";
    }
    if (file.has(0, "%PDF")) {
      return "a PDF document";
    }
    if (file.has(0, "<")) {
      return "a web page or other markup";
    }
    return "no image format";
  }
}
