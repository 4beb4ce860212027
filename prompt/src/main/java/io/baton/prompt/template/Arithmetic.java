package io.baton.prompt.template;

import io.baton.prompt.template.Values.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's operators on numbers, strings and lists. */
final class Arithmetic {
  private static final int MAX_REPEATED = 1 << 20;

  private Arithmetic() {}

  static Object apply(String operator, @Nullable Object left, @Nullable Object right, int line)
      throws TemplateException {
    if (operator.equals("~")) {
      return PythonText.str(left).plus(PythonText.str(right));
    }
    if (operator.equals("+") && left instanceof Text a && right instanceof Text b) {
      return a.plus(b);
    }
    if (operator.equals("+") && left instanceof List<?> a && right instanceof List<?> b) {
      var sum = new ArrayList<@Nullable Object>(a);
      sum.addAll(b);
      return a instanceof Tuple ? new Tuple(sum) : sum;
    }
    if (operator.equals("*") && (left instanceof Text || right instanceof Text)) {
      return left instanceof Text text
          ? repeat(text, right, line)
          : repeat((Text) java.util.Objects.requireNonNull(right), left, line);
    }
    if (Values.isNumber(left) && Values.isNumber(right)) {
      boolean whole = !(left instanceof Double) && !(right instanceof Double);
      return whole && !operator.equals("/")
          ? whole(operator, Values.toLong(left), Values.toLong(right), line)
          : decimal(operator, Values.toDouble(left), Values.toDouble(right), line);
    }
    throw new TemplateException(
        "cannot do " + Values.kind(left) + " " + operator + " " + Values.kind(right), false, line);
  }

  private static Text repeat(Text text, @Nullable Object times, int line) throws TemplateException {
    long count = Math.max(0, Values.toLong(times));
    if (!Values.isNumber(times) || count * text.length() > MAX_REPEATED) {
      throw new TemplateException("cannot repeat a string that often", false, line);
    }
    return Text.join(java.util.Collections.nCopies((int) count, text));
  }

  private static Object whole(String operator, long left, long right, int line)
      throws TemplateException {
    if ((operator.equals("//") || operator.equals("%")) && right == 0) {
      throw new TemplateException("division by zero", false, line);
    }
    return switch (operator) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "//" -> Math.floorDiv(left, right);
      case "%" -> Math.floorMod(left, right);
      case "**" ->
          right >= 0
              ? (Object) (long) Math.pow((double) left, (double) right)
              : (Object) Math.pow((double) left, (double) right);
      default -> throw new TemplateException("no operator " + operator, false, line);
    };
  }

  private static Object decimal(String operator, double left, double right, int line)
      throws TemplateException {
    if (right == 0 && !operator.matches("[-+*]|\\*\\*")) {
      throw new TemplateException("division by zero", false, line);
    }
    return switch (operator) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "/" -> left / right;
      case "//" -> Math.floor(left / right);
      case "%" -> left - right * Math.floor(left / right);
      case "**" -> Math.pow(left, right);
      default -> throw new TemplateException("no operator " + operator, false, line);
    };
  }
}
