package org.equipoise.lab.run;

import java.nio.file.Path;
import java.util.Optional;
import org.equipoise.core.config.Settings;
import org.equipoise.data.DataSpec;
import org.equipoise.encoders.EncoderOptions;

/**
 * What {@code train} is asked for.
 *
 * @param data the posts
 * @param features a store of their features; empty to encode them into the cache
 * @param settings everything else that decides the result
 * @param split who trains, validates and tests
 * @param fold which of the split's folds
 * @param out the run folder
 * @param evaluate whether to end with one look at the test posts
 * @param overwrite whether a run that is there is removed first
 * @param threads for a new run; one that goes on keeps its own
 * @param encoding what encoders may use of the machine, where features have to be made
 * @param notice what a reader of the report must know first, if anything
 */
public record TrainRequest(
    DataSpec data,
    Optional<Path> features,
    Settings settings,
    SplitChoice split,
    int fold,
    Path out,
    boolean evaluate,
    boolean overwrite,
    int threads,
    EncoderOptions encoding,
    Optional<String> notice) {}
