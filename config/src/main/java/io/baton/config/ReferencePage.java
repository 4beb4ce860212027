package io.baton.config;

import java.util.Map;

/** Writes the reference of all settings as a Markdown page. */
public final class ReferencePage {
  private final StringBuilder page = new StringBuilder();

  private ReferencePage() {}

  /** A page with one part for each section, by its title. */
  public static String of(Map<String, Section> sections) {
    ReferencePage reference = new ReferencePage();
    reference.page.append(
        """
        # Settings

        Each setting can stand in the YAML file, in the environment variable beside it, or on the command line as
        `--set key=value`; a later place overrides an earlier one. Unknown keys are errors. Lists and mappings in a
        variable or after `--set` are written as YAML on one line, `[a, b]`, `{name: value}`; a list also as `a, b`.
        """);
    sections.forEach((title, section) -> {
      reference.page.append("\n## ").append(title).append("\n\n");
      reference.page.append("| key | value | default | what | environment |\n");
      reference.page.append("|---|---|---|---|---|\n");
      reference.group(Shapes.of(section.type()), section.name(), true);
    });
    return reference.page.toString();
  }

  /** A row for each setting; those inside lists and mappings have no variable of their own. */
  private void group(Shape.Group group, String path, boolean hasVariables) {
    for (Shape.Field field : group.fields()) {
      String fieldPath = Section.path(path, field.key());
      if (field.shape() instanceof Shape.Group inner) {
        group(inner, fieldPath, hasVariables);
      } else {
        row(field, fieldPath, hasVariables ? "`" + Overrides.variable(fieldPath) + "` " : "");
        elements(field.shape(), fieldPath);
      }
    }
  }

  private void row(Shape.Field field, String path, String variable) {
    String unit = field.unit().isEmpty() ? "" : " (" + field.unit() + ")";
    page.append("| `")
        .append(path)
        .append("` | ")
        .append(cell(value(field.shape()) + unit))
        .append(" | ")
        .append(cell(byDefault(field)))
        .append(" | ")
        .append(cell(field.doc()))
        .append(" | ")
        .append(variable)
        .append("|\n");
  }

  private void elements(Shape shape, String path) {
    switch (shape) {
      case Shape.Items items -> elements(items.element(), path + "[]");
      case Shape.Named named -> elements(named.element(), path + ".<name>");
      case Shape.Maybe maybe -> elements(maybe.inner(), path);
      case Shape.Group group -> group(group, path, false);
      case Shape.Single _ -> {}
    }
  }

  private static String value(Shape shape) {
    return switch (shape) {
      case Shape.Single single -> single.expected();
      case Shape.Items items -> "list of: " + value(items.element());
      case Shape.Named named -> "mapping of names to: " + value(named.element());
      case Shape.Maybe maybe -> value(maybe.inner());
      case Shape.Group _ -> "settings";
    };
  }

  private static String byDefault(Shape.Field field) {
    if (field.defaultText() != null) {
      return "`" + field.defaultText() + "`";
    }
    if (field.defaultValue() != null) {
      return "`" + Binder.print(field.defaultValue()) + "`";
    }
    return field.shape() instanceof Shape.Single ? "required" : "";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }
}
