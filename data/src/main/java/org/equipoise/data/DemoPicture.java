package org.equipoise.data;

import java.util.Random;
import org.equipoise.data.DemoPosts.Scene;
import org.equipoise.media.RgbImage;

/**
 * Pictures of a street, drawn pixel by pixel: sky, houses, and a fire or a flood. Light, houses,
 * colours and noise are drawn at random, the same way for both.
 */
final class DemoPicture {
  private static final int WIDTH = 192;
  private static final int HEIGHT = 144;

  /** Grain, drawn once: 83,000 normal deviates a picture would take longer than the picture. */
  private static final float[] GRAIN = new float[1 << 16];

  static {
    Random random = new Random(0);
    for (int i = 0; i < GRAIN.length; i++) {
      GRAIN[i] = (float) (6 * random.nextGaussian());
    }
  }

  private final Random random;
  private final float[] pixels = new float[WIDTH * HEIGHT * 3];

  private DemoPicture(Random random) {
    this.random = random;
  }

  static RgbImage draw(Scene scene, Random random) {
    DemoPicture picture = new DemoPicture(random);
    picture.sky();
    int ground = picture.between(88, 108);
    picture.houses(ground);
    picture.street(ground);
    if (scene == Scene.FIRE) {
      picture.fire(ground);
    } else {
      picture.flood(ground);
    }
    return picture.finish();
  }

  private int between(int low, int high) {
    return low + random.nextInt(high - low);
  }

  private double[] colour(double red, double green, double blue, double spread) {
    return new double[] {
      red + spread * (random.nextDouble() - 0.5),
      green + spread * (random.nextDouble() - 0.5),
      blue + spread * (random.nextDouble() - 0.5)
    };
  }

  private void blend(int x, int y, double[] colour, double opacity) {
    if (x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT) {
      int at = (y * WIDTH + x) * 3;
      for (int c = 0; c < 3; c++) {
        pixels[at + c] += (float) (opacity * (colour[c] - pixels[at + c]));
      }
    }
  }

  private void rectangle(int left, int top, int right, int bottom, double[] colour) {
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        blend(x, y, colour, 1);
      }
    }
  }

  private void disc(
      double centreX, double centreY, double radius, double[] colour, double opacity) {
    for (int y = (int) (centreY - radius); y <= centreY + radius; y++) {
      for (int x = (int) (centreX - radius); x <= centreX + radius; x++) {
        double right = x - centreX;
        double down = y - centreY;
        double square = (right * right + down * down) / (radius * radius);
        if (square < 1) {
          blend(x, y, colour, opacity * (1 - square));
        }
      }
    }
  }

  private void sky() {
    double light = 0.5 + 0.5 * random.nextDouble();
    double[] top = colour(190 * light, 195 * light, 200 * light, 30);
    double[] bottom = colour(215 * light, 215 * light, 215 * light, 30);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        blend(x, y, top, 1);
        blend(x, y, bottom, (double) y / HEIGHT);
      }
    }
    for (int cloud = between(0, 5); cloud > 0; cloud--) {
      disc(between(0, WIDTH), between(0, 60), between(12, 40), colour(235, 235, 235, 20), 0.5);
    }
  }

  private void houses(int ground) {
    for (int left = -between(0, 20); left < WIDTH; ) {
      int width = between(18, 46);
      int top = ground - between(24, 70);
      double grey = 70 + 110 * random.nextDouble();
      double[] wall = colour(grey, grey, grey, 40);
      rectangle(left, top, left + width, ground, wall);
      double[] roof = colour(grey * 0.6, grey * 0.55, grey * 0.55, 20);
      int roofHeight = between(4, 18);
      for (int y = 0; y < roofHeight; y++) {
        int inset = (roofHeight - y) * width / (2 * roofHeight + 1);
        rectangle(
            left + inset,
            top - roofHeight + y,
            left + width - inset,
            top - roofHeight + y + 1,
            roof);
      }
      double[] window = random.nextBoolean() ? colour(50, 50, 60, 20) : colour(225, 220, 200, 20);
      for (int y = top + 5; y < ground - 8; y += 12) {
        for (int x = left + 4; x < left + width - 6; x += 10) {
          rectangle(x, y, x + 5, y + 7, window);
        }
      }
      left += width + between(0, 6);
    }
  }

  private void street(int ground) {
    double grey = 80 + 70 * random.nextDouble();
    rectangle(0, ground, WIDTH, HEIGHT, colour(grey, grey, grey, 15));
  }

  /** Tongues of flame before the houses, their glow, and smoke above. */
  private void fire(int ground) {
    double[] smoke = colour(45, 42, 40, 15);
    for (int puff = between(10, 18); puff > 0; puff--) {
      disc(between(0, WIDTH), between(0, 70), between(14, 34), smoke, 0.75);
    }
    double[] glow = colour(250, 120, 20, 30);
    for (int y = 0; y < HEIGHT; y++) {
      double strength = 0.45 * Math.max(0, 1 - Math.abs(y - ground) / 70.0);
      for (int x = 0; x < WIDTH; x++) {
        blend(x, y, glow, strength);
      }
    }
    for (int tongue = between(14, 24); tongue > 0; tongue--) {
      double x = between(0, WIDTH);
      double height = between(25, 75);
      double base = ground + between(0, 20);
      double sway = random.nextDouble() * 6;
      double[] outer = colour(240, 80, 10, 30);
      double[] inner = colour(255, 200, 50, 30);
      for (double rise = 0; rise < height; rise += 3) {
        double left = 1 - rise / height;
        double centre = x + sway * Math.sin(rise / 7);
        disc(centre, base - rise, 2 + 9 * left, outer, 0.8);
        if (left > 0.4) {
          disc(centre, base - rise, 2 + 5 * (left - 0.4), inner, 0.9);
        }
      }
    }
  }

  /** Water up to the windows, with waves, the houses' dark reflections and a few boats. */
  private void flood(int ground) {
    int surface = ground - between(5, 30);
    double[] water = colour(35, 95, 170, 40);
    double[] crest = colour(140, 185, 225, 30);
    double length = 4 + 10 * random.nextDouble();
    double phase = random.nextDouble() * 10;
    for (int y = surface; y < HEIGHT; y++) {
      double depth = (double) (y - surface) / (HEIGHT - surface);
      double shift = phase + 2 * Math.sin(y / 3.0);
      double strength = 0.5 * (1 - 0.5 * depth) * Math.sin(y * 1.3);
      for (int x = 0; x < WIDTH; x++) {
        blend(x, y, water, 0.85);
        blend(x, y, crest, Math.max(0, strength * Math.sin(x / length + shift)));
      }
    }
    for (int boat = between(0, 4); boat > 0; boat--) {
      int left = between(0, WIDTH - 20);
      int y = between(surface + 4, HEIGHT - 6);
      rectangle(left, y, left + between(10, 24), y + 4, colour(90, 90, 90, 80));
    }
    double[] haze = colour(120, 150, 190, 20);
    for (int y = 0; y < surface; y++) {
      for (int x = 0; x < WIDTH; x++) {
        blend(x, y, haze, 0.25);
      }
    }
  }

  private RgbImage finish() {
    byte[] bytes = new byte[WIDTH * HEIGHT * 3];
    int from = random.nextInt(GRAIN.length);
    int step = 1 + 2 * random.nextInt(GRAIN.length / 2);
    for (int i = 0; i < bytes.length; i++) {
      float value = pixels[i] + GRAIN[(from + i * step) & (GRAIN.length - 1)];
      bytes[i] = (byte) Math.round(Math.max(0, Math.min(255, value)));
    }
    return new RgbImage(WIDTH, HEIGHT, bytes);
  }
}
