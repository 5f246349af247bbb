package org.equipoise.encoders;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** One encoder's work on the threads, timed. */
final class EncoderRuns {
  private final Encoder encoder;
  private final Workers workers;
  private final StageTimes times;
  private final int most;

  /**
   * A content on its way through the encoder.
   *
   * @param encoding is completed when a batch with it has run
   */
  record Item(Prepared prepared, CompletableFuture<Encoding> encoding) {}

  /**
   * Prepares.
   *
   * @param most the most contents of a batch, whatever the encoder likes
   */
  EncoderRuns(Encoder encoder, Workers workers, StageTimes times, OptionalInt most) {
    this.encoder = encoder;
    this.workers = workers;
    this.times = times;
    this.most = most.orElse(Integer.MAX_VALUE);
  }

  String view() {
    return encoder.info().view().name();
  }

  /** How many contents of a length a batch holds. */
  int batchSize(int length) {
    return Math.max(1, Math.min(most, encoder.batchSize(length)));
  }

  /** How many batches may run side by side. */
  int sideBySide() {
    return Math.max(1, workers.count() / Math.max(1, encoder.threads()));
  }

  /** Prepares a content on the calling thread. */
  Prepared prepare(Content content) {
    long start = System.nanoTime();
    Prepared prepared = encoder.prepare(content);
    times.add(Stage.PREPARE, view(), System.nanoTime() - start, 1, 0);
    return prepared;
  }

  /**
   * Hands over a batch of contents of one length; each item is completed, or fails with the batch.
   */
  CompletableFuture<?> run(List<Item> batch, Workers.Turn turn) {
    int threads = Math.min(workers.count(), Math.max(1, encoder.threads()));
    return workers
        .submit(turn, threads, () -> encode(batch.stream().map(Item::prepared).toList(), threads))
        .whenComplete(
            (encodings, failure) -> {
              for (int i = 0; i < batch.size(); i++) {
                if (failure == null) {
                  batch.get(i).encoding.complete(encodings.get(i));
                } else {
                  batch.get(i).encoding.completeExceptionally(failure);
                }
              }
            });
  }

  private List<Encoding> encode(List<Prepared> batch, int threads) {
    long start = System.nanoTime();
    List<Encoding> encodings = encoder.encode(batch);
    times.add(
        Stage.INFER,
        view(),
        threads * (System.nanoTime() - start),
        batch.size(),
        batch.stream().mapToLong(Prepared::length).sum());
    if (encodings.size() != batch.size()) {
      throw new IllegalStateException(
          "%s made %d encodings of %d contents"
              .formatted(encoder.info().encoder(), encodings.size(), batch.size()));
    }
    return encodings;
  }

  /** One content's encodings by view, once all are there. */
  static CompletableFuture<Map<String, Encoding>> together(
      Map<String, CompletableFuture<Encoding>> ofViews) {
    return CompletableFuture.allOf(ofViews.values().toArray(CompletableFuture<?>[]::new))
        .thenApply(
            done -> {
              Map<String, Encoding> encodings = new LinkedHashMap<>();
              ofViews.forEach((view, encoding) -> encodings.put(view, encoding.join()));
              return encodings;
            });
  }

  /** Bytes that encodings take. */
  static long bytes(Map<String, Encoding> encodings) {
    return encodings.values().stream()
        .mapToLong(encoding -> (long) Float.BYTES * encoding.features().values().length)
        .sum();
  }
}
