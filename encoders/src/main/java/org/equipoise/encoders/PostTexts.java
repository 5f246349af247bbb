package org.equipoise.encoders;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Prepares and encodes texts, each distinct one once. Of a window's texts those of one length form
 * batches, the longest first, so that no thread is left with a long one at the end.
 */
final class PostTexts {
  /** Texts that one task prepares. */
  private static final int SLICE = 64;

  /** Characters of a text take two bytes each, objects around it some more. */
  private static final int OVERHEAD = 256;

  private final List<EncoderRuns> encoders;
  private final Workers workers;
  private final FeatureCache<String, Map<String, Encoding>> remembered;

  PostTexts(List<EncoderRuns> encoders, Workers workers, long rememberedBytes) {
    this.encoders = encoders;
    this.workers = workers;
    remembered =
        new FeatureCache<>(
            rememberedBytes,
            (text, encodings) ->
                OVERHEAD + (long) Character.BYTES * text.length() + EncoderRuns.bytes(encodings));
  }

  /**
   * Begins.
   *
   * @param texts cleaned, none blank
   * @return for each its encodings by view, to come
   */
  Map<String, CompletableFuture<Map<String, Encoding>>> start(
      Collection<String> texts, long window) {
    Map<String, CompletableFuture<Map<String, Encoding>>> started = new HashMap<>();
    Map<String, CompletableFuture<Map<String, Encoding>>> fresh = new LinkedHashMap<>();
    for (String text : texts) {
      if (!started.containsKey(text)) {
        FeatureCache.Claim<Map<String, Encoding>> claim = remembered.claim(text);
        started.put(text, claim.value());
        if (claim.first()) {
          fresh.put(text, claim.value());
        }
      }
    }
    if (!fresh.isEmpty()) {
      encode(fresh, window);
    }
    return started;
  }

  private void encode(Map<String, CompletableFuture<Map<String, Encoding>>> fresh, long window) {
    List<String> texts = List.copyOf(fresh.keySet());
    List<Map<String, CompletableFuture<Encoding>>> ofViews = new ArrayList<>();
    texts.forEach(text -> ofViews.add(new LinkedHashMap<>()));
    for (EncoderRuns encoder : encoders) {
      ofViews.forEach(of -> of.put(encoder.view(), new CompletableFuture<>()));
    }
    for (int i = 0; i < texts.size(); i++) {
      CompletableFuture<Map<String, Encoding>> whole = fresh.get(texts.get(i));
      EncoderRuns.together(ofViews.get(i)).whenComplete((made, e) -> settle(whole, made, e));
    }
    for (EncoderRuns encoder : encoders) {
      List<CompletableFuture<Encoding>> encodings =
          ofViews.stream().map(of -> of.get(encoder.view())).toList();
      prepare(encoder, texts, encodings, window);
    }
  }

  private static <T> void settle(CompletableFuture<T> whole, T made, Throwable failure) {
    if (failure == null) {
      whole.complete(made);
    } else {
      whole.completeExceptionally(failure);
    }
  }

  private void prepare(
      EncoderRuns encoder,
      List<String> texts,
      List<CompletableFuture<Encoding>> encodings,
      long window) {
    List<CompletableFuture<List<EncoderRuns.Item>>> slices = new ArrayList<>();
    for (int start = 0; start < texts.size(); start += SLICE) {
      int from = start;
      int to = Math.min(texts.size(), start + SLICE);
      slices.add(
          workers.submit(
              Ranks.PREPARE_TEXTS.in(window),
              1,
              () -> {
                List<EncoderRuns.Item> items = new ArrayList<>();
                for (int i = from; i < to; i++) {
                  Prepared prepared = encoder.prepare(new Content.Text(texts.get(i)));
                  items.add(new EncoderRuns.Item(prepared, encodings.get(i)));
                }
                return items;
              }));
    }
    CompletableFuture.allOf(slices.toArray(CompletableFuture<?>[]::new))
        .thenRun(
            () ->
                runAll(
                    encoder,
                    slices.stream().flatMap(slice -> slice.join().stream()).toList(),
                    window))
        .exceptionally(
            failure -> {
              encodings.forEach(encoding -> encoding.completeExceptionally(failure));
              return null;
            });
  }

  private static void runAll(EncoderRuns encoder, List<EncoderRuns.Item> items, long window) {
    Map<Integer, List<EncoderRuns.Item>> byLength = new TreeMap<>(Comparator.reverseOrder());
    for (EncoderRuns.Item item : items) {
      byLength.computeIfAbsent(item.prepared().length(), length -> new ArrayList<>()).add(item);
    }
    byLength.forEach(
        (length, all) -> {
          int most = encoder.batchSize(length);
          int batches = (all.size() + most - 1) / most;
          for (int b = 0; b < batches; b++) {
            // of even sizes: two halves cost less than a full batch and a very small one
            int from = (int) ((long) all.size() * b / batches);
            int to = (int) ((long) all.size() * (b + 1) / batches);
            encoder.run(all.subList(from, to), Ranks.ENCODE_TEXTS.in(window));
          }
        });
  }
}
