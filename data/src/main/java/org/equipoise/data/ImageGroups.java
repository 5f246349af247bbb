package org.equipoise.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Post;
import org.equipoise.media.PdqHash;

/**
 * Posts that must stay together lest an image stands on both sides: those whose images have the
 * same content, or are near-duplicates of each other, directly or through others. A post without an
 * image is a group of its own.
 */
final class ImageGroups {
  private ImageGroups() {}

  /** The group of each post, numbered from 0 in the order of the posts. */
  static int[] of(Dataset data) {
    List<Post> posts = data.posts();
    Map<String, Integer> byContent = new HashMap<>();
    List<PdqHash> hashes = new ArrayList<>();
    int[] image = new int[posts.size()];
    for (int i = 0; i < posts.size(); i++) {
      ImageFacts facts = data.image(posts.get(i)).orElse(null);
      image[i] =
          facts == null ? -1 : byContent.computeIfAbsent(facts.content(), c -> byContent.size());
      if (facts != null && image[i] == hashes.size()) {
        hashes.add(facts.pdq());
      }
    }
    UnionFind union = join(hashes);
    int[] groupOfRoot = new int[hashes.size()];
    Arrays.fill(groupOfRoot, -1);
    int[] groups = new int[posts.size()];
    int count = 0;
    for (int i = 0; i < groups.length; i++) {
      if (image[i] < 0) {
        groups[i] = count++;
      } else {
        int root = union.root(image[i]);
        if (groupOfRoot[root] < 0) {
          groupOfRoot[root] = count++;
        }
        groups[i] = groupOfRoot[root];
      }
    }
    return groups;
  }

  private static UnionFind join(List<PdqHash> hashes) {
    UnionFind union = new UnionFind(hashes.size());
    List<Integer> comparable = new ArrayList<>();
    for (int i = 0; i < hashes.size(); i++) {
      if (hashes.get(i).comparable()) {
        comparable.add(i);
      }
    }
    PdqIndex index = new PdqIndex(comparable.stream().map(hashes::get).toList());
    for (int position : comparable) {
      index.forEachNear(hashes.get(position), other -> union.join(position, comparable.get(other)));
    }
    return union;
  }

  /** Disjoint sets with path halving. */
  private static final class UnionFind {
    private final int[] parent;

    UnionFind(int size) {
      parent = new int[size];
      for (int i = 0; i < size; i++) {
        parent[i] = i;
      }
    }

    int root(int element) {
      int at = element;
      while (parent[at] != at) {
        parent[at] = parent[parent[at]];
        at = parent[at];
      }
      return at;
    }

    /** The smaller root stays, so that the result does not depend on the order of joins. */
    void join(int a, int b) {
      int first = root(a);
      int second = root(b);
      parent[Math.max(first, second)] = Math.min(first, second);
    }
  }
}
