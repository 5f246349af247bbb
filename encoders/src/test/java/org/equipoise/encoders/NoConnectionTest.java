package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.equipoise.core.Form;
import org.equipoise.core.Post;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.encoders.onnx.TinyModel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class NoConnectionTest {
  /** Encodes a post and prints every address that anything tried to reach meanwhile. */
  static final class Watched {
    private static final ConcurrentLinkedQueue<Object> TRIED = new ConcurrentLinkedQueue<>();

    /** Sees addresses that are opened past every proxy, as the vendor's report does. */
    private static final class Refusing extends URLStreamHandler {
      @Override
      protected URLConnection openConnection(URL url) throws IOException {
        TRIED.add(url);
        throw new IOException("watched");
      }

      @Override
      protected URLConnection openConnection(URL url, Proxy proxy) throws IOException {
        return openConnection(url);
      }
    }

    /** Sees sockets. */
    private static final class Asked extends ProxySelector {
      @Override
      public List<Proxy> select(URI uri) {
        TRIED.add(uri);
        return List.of(new Proxy(Proxy.Type.SOCKS, new InetSocketAddress("127.0.0.1", 1)));
      }

      @Override
      public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
    }

    public static void main(String[] arguments) throws InterruptedException {
      ProxySelector.setDefault(new Asked());
      URL.setURLStreamHandlerFactory(
          protocol -> protocol.startsWith("http") ? new Refusing() : null);
      try (FeatureExtractor extractor = Encoders.open("builtin", Form.POOLED, 1)) {
        extractor.extract(List.of(Post.builder("a").text("hello").build()));
      }
      try (FeatureExtractor extractor = Encoders.open(arguments[0], Form.POOLED, 1)) {
        extractor.extract(List.of(Post.builder("a").text("w4").build()));
      }
      // a report may run in a thread of its own
      Thread.sleep(500);
      System.out.println("tried " + TRIED);
    }
  }

  @TempDir Path folder;

  /** A file that names a model in a folder. */
  private String encoders() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    return TinyModel.write(folder, "encoders.yaml", "views: [{view: a, encoder: ./}]").toString();
  }

  @Test
  void encoding_tries_no_connection() throws IOException, InterruptedException {
    assertThat(ChildProcess.output(ChildProcess.java(Watched.class, List.of(), encoders())))
        .contains("tried []");
  }

  @Test
  void the_watch_would_see_one() throws IOException, InterruptedException {
    assertThat(
            ChildProcess.output(
                ChildProcess.java(
                    Watched.class,
                    List.of("-DOPT_OUT_TRACKING=false", "-Dai.djl.offline=false"),
                    encoders())))
        .contains("tried [http");
  }
}
