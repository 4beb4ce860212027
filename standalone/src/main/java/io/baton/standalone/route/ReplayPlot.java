package io.baton.standalone.route;

import java.util.List;
import java.util.Locale;

/** Two plots in one page without scripts: hits against mean TTFT, and TTFT by percentile. */
final class ReplayPlot {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 420;
  private static final int MARGIN = 60;
  private static final int HUES = 360;

  private final String title;
  private final List<ReplayResult> results;

  ReplayPlot(String title, List<ReplayResult> results) {
    this.title = title;
    this.results = results;
  }

  String html() {
    return """
    <!doctype html><meta charset="utf-8"><title>%s</title>
    <style>body{font:14px sans-serif;margin:2em}svg{display:block;margin-bottom:2em}</style>
    <h1>%s</h1>
    <h2>Cached share of prompt tokens (across, %%) and mean TTFT (up, s, logarithmic)</h2>
    %s
    <h2>TTFT (up, s, logarithmic) by percentile (across)</h2>
    %s
    """
        .formatted(title, title, svg(points()), svg(curves()));
  }

  private String svg(String inside) {
    return "<svg width=\"%d\" height=\"%d\">%s%s</svg>".formatted(WIDTH, HEIGHT, axes(), inside);
  }

  private String axes() {
    var text = new StringBuilder();
    for (int percent = 0; percent <= 100; percent += 20) {
      text.append(label(x(percent), HEIGHT - MARGIN / 3.0, percent + " %", "#666"));
    }
    for (double seconds = 0.01; seconds <= 1000; seconds *= 10) {
      double y = y(seconds);
      text.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>",
              MARGIN,
              WIDTH - MARGIN,
              y,
              y));
      text.append(label(4, y, String.format(Locale.ROOT, "%.4g s", seconds), "#666"));
    }
    return text.toString();
  }

  private String points() {
    var text = new StringBuilder();
    for (ReplayResult r : results) {
      double x = x(100 * r.hitRate());
      double y = y(r.ttft().mean());
      text.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\"/>",
              x,
              y,
              color(r)));
      text.append(label(x + 8, y + 4, r.policy(), color(r)));
    }
    return text.toString();
  }

  private String curves() {
    var text = new StringBuilder();
    int line = 0;
    for (ReplayResult r : results) {
      text.append("<polyline fill=\"none\" stroke=\"").append(color(r)).append("\" points=\"");
      double[] curve = r.ttft().curve();
      for (int i = 0; i < curve.length; i++) {
        text.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(i), y(curve[i])));
      }
      text.append("\"/>");
      text.append(label(WIDTH - 2.5 * MARGIN, 20 + 15 * line++, r.policy(), color(r)));
    }
    return text.toString();
  }

  private static String label(double x, double y, String text, String color) {
    return String.format(
        Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s</text>", x, y, color, text);
  }

  private static double x(double percent) {
    return MARGIN + (WIDTH - 2 * MARGIN) * percent / 100;
  }

  /** From 10 ms to 1,000 s. */
  private static double y(double seconds) {
    double share = (Math.log10(Math.clamp(seconds, 0.01, 1000)) + 2) / 5;
    return HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * share;
  }

  private String color(ReplayResult r) {
    return "hsl(" + HUES * results.indexOf(r) / results.size() + ",70%,40%)";
  }
}
