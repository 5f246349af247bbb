package org.equipoise.core;

import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A post as people wrote it: an id, a text, images and what is known about them. Immutable. */
public final class Post {
  private final String id;
  private final String text;
  private final List<Path> images;
  private final String label;
  private final String event;
  private final OffsetDateTime time;
  private final String language;
  private final String split;
  private final SourceLine source;

  private Post(Builder builder) {
    id = Objects.requireNonNull(builder.id, "id");
    text = builder.text == null ? "" : builder.text;
    images = List.copyOf(builder.images);
    label = builder.label;
    event = builder.event;
    time = builder.time;
    language = builder.language;
    split = builder.split;
    source = builder.source;
  }

  /** Starts a post with that id. */
  public static Builder builder(String id) {
    return new Builder(id);
  }

  /** A builder that holds everything this post holds. */
  public Builder toBuilder() {
    Builder copy = new Builder(id);
    copy.text = text;
    copy.images = images;
    copy.label = label;
    copy.event = event;
    copy.time = time;
    copy.language = language;
    copy.split = split;
    copy.source = source;
    return copy;
  }

  /** Unique within a data set. */
  public String id() {
    return id;
  }

  /** The text as published; empty where the post has none. */
  public String text() {
    return text;
  }

  /** Whether the text holds anything but white space. */
  public boolean hasText() {
    return !text.isBlank();
  }

  /** Candidate image files, the preferred one first; the first that decodes is the post's image. */
  public List<Path> images() {
    return images;
  }

  /** The class by name, such as {@code fake}. */
  public Optional<String> label() {
    return Optional.ofNullable(label);
  }

  /** The event or topic that the post belongs to. */
  public Optional<String> event() {
    return Optional.ofNullable(event);
  }

  /** When it was posted. */
  public Optional<OffsetDateTime> time() {
    return Optional.ofNullable(time);
  }

  /** Language code as published or given. */
  public Optional<String> language() {
    return Optional.ofNullable(language);
  }

  /**
   * The part that the authors of the data set put it in: {@code train}, {@code validation} or
   * {@code test}.
   */
  public Optional<String> split() {
    return Optional.ofNullable(split);
  }

  /** File and line it was read from. */
  public Optional<SourceLine> source() {
    return Optional.ofNullable(source);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Post post
        && id.equals(post.id)
        && text.equals(post.text)
        && images.equals(post.images)
        && Objects.equals(label, post.label)
        && Objects.equals(event, post.event)
        && Objects.equals(time, post.time)
        && Objects.equals(language, post.language)
        && Objects.equals(split, post.split)
        && Objects.equals(source, post.source);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return "Post[" + id + "]";
  }

  /**
   * Collects a post's parts; every part but the id may be left out, or given as null where unknown.
   */
  public static final class Builder {
    private final String id;
    private String text = "";
    private List<Path> images = List.of();
    private String label;
    private String event;
    private OffsetDateTime time;
    private String language;
    private String split;
    private SourceLine source;

    private Builder(String id) {
      this.id = id;
    }

    public Builder text(String value) {
      text = value;
      return this;
    }

    public Builder images(List<Path> value) {
      images = value;
      return this;
    }

    public Builder label(String value) {
      label = value;
      return this;
    }

    public Builder event(String value) {
      event = value;
      return this;
    }

    public Builder time(OffsetDateTime value) {
      time = value;
      return this;
    }

    public Builder language(String value) {
      language = value;
      return this;
    }

    public Builder split(String value) {
      split = value;
      return this;
    }

    public Builder source(SourceLine value) {
      source = value;
      return this;
    }

    public Post build() {
      return new Post(this);
    }
  }
}
