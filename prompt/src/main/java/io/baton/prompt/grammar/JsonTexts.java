package io.baton.prompt.grammar;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** JSON's own texts as expressions: compact, with at most one blank after commas and colons. */
final class JsonTexts {
  private static final int MOST_DIGITS = 18;

  /** Characters that stand for themselves in a string. */
  static final CodePoints PLAIN =
      CodePoints.of(' ', Character.MAX_CODE_POINT)
          .and(CodePoints.of('"', '"').or(CodePoints.of('\\', '\\')).not());

  private final Exprs exprs;
  final Expr comma;
  final Expr colon;
  final Expr string;
  final Expr integer;
  final Expr number;
  final Expr bool;

  /** One character of a string, as itself or escaped. */
  final Expr character;

  private final Expr value;
  private final Expr object;
  private final Expr array;

  JsonTexts(Exprs exprs) {
    this.exprs = exprs;
    Expr blank = exprs.optional(exprs.text(" "));
    comma = exprs.sequence(exprs.text(","), blank);
    colon = exprs.sequence(exprs.text(":"), blank);
    character = character();
    string = quoted(exprs.many(character));
    Expr digit = digits('0', '9');
    integer =
        exprs.sequence(
            exprs.optional(exprs.text("-")),
            exprs.choice(
                exprs.text("0"),
                exprs.sequence(digits('1', '9'), exprs.repeat(digit, 0, MOST_DIGITS - 1))));
    Expr fraction = exprs.sequence(exprs.text("."), exprs.repeat(digit, 1, MOST_DIGITS));
    Expr exponent =
        exprs.sequence(
            exprs.choice(exprs.text("e"), exprs.text("E")),
            exprs.optional(exprs.choice(exprs.text("+"), exprs.text("-"))),
            exprs.repeat(digit, 1, 2));
    number = exprs.sequence(integer, exprs.optional(fraction), exprs.optional(exponent));
    bool = exprs.choice(exprs.text("true"), exprs.text("false"));
    value = exprs.newRule();
    object = object(exprs.sequence(string, colon, value), 0, -1);
    array = array(value, 0, -1);
    exprs.define(value, exprs.choice(object, array, string, number, bool, exprs.text("null")));
  }

  /** Any JSON value. */
  Expr value() {
    return value;
  }

  /** Any JSON object. */
  Expr object() {
    return object;
  }

  /** Any JSON array. */
  Expr array() {
    return array;
  }

  /** An object with so many of these members; {@code max} below 0: without end. */
  Expr object(Expr member, int min, int max) {
    return exprs.sequence(exprs.text("{"), list(member, min, max), exprs.text("}"));
  }

  /** An array of so many of these items; {@code max} below 0: without end. */
  Expr array(Expr item, int min, int max) {
    return exprs.sequence(exprs.text("["), list(item, min, max), exprs.text("]"));
  }

  private Expr list(Expr item, int min, int max) {
    if (max == 0) {
      return exprs.empty;
    }
    Expr more =
        exprs.repeat(exprs.sequence(comma, item), Math.max(0, min - 1), max < 0 ? -1 : max - 1);
    Expr filled = exprs.sequence(item, more);
    return min == 0 ? exprs.optional(filled) : filled;
  }

  /** A string of this content. */
  Expr quoted(Expr content) {
    return exprs.sequence(exprs.text("\""), content, exprs.text("\""));
  }

  private Expr digits(char from, char to) {
    return exprs.bytes(ByteSet.range(from, to));
  }

  /** Escapes of surrogates are left out: half a pair is no character. */
  private Expr character() {
    Expr hex = exprs.choice(digits('0', '9'), digits('a', 'f'), digits('A', 'F'));
    Expr upToC = exprs.choice(digits('0', '9'), digits('a', 'c'), digits('A', 'C'));
    Expr escapedD =
        exprs.sequence(exprs.choice(exprs.text("d"), exprs.text("D")), digits('0', '7'), hex, hex);
    Expr ef = exprs.choice(digits('e', 'f'), digits('E', 'F'));
    Expr code = exprs.choice(exprs.sequence(exprs.choice(upToC, ef), hex, hex, hex), escapedD);
    var simple = new ArrayList<Expr>();
    for (char c : "\"\\/bfnrt".toCharArray()) {
      simple.add(exprs.text(String.valueOf(c)));
    }
    simple.add(exprs.sequence(exprs.text("u"), code));
    return exprs.choice(PLAIN.in(exprs), exprs.sequence(exprs.text("\\"), exprs.choice(simple)));
  }

  /**
   * Whole numbers within bounds; null: none on this side, but never more than 18 digits.
   *
   * @return an expression without a text if there is no such number
   */
  Expr between(@Nullable BigInteger min, @Nullable BigInteger max) {
    BigInteger most = BigInteger.TEN.pow(MOST_DIGITS).subtract(BigInteger.ONE);
    BigInteger low = min == null ? most.negate() : min.max(most.negate());
    BigInteger high = max == null ? most : max.min(most);
    var options = new ArrayList<Expr>();
    BigInteger zero = BigInteger.ZERO;
    if (high.signum() >= 0 && low.compareTo(high) <= 0) {
      natural(low.max(zero), high, options, "");
    }
    if (low.signum() < 0 && low.compareTo(high) <= 0) {
      BigInteger least = high.signum() < 0 ? high.negate() : BigInteger.ONE;
      natural(least, low.negate(), options, "-");
    }
    return exprs.choice(options);
  }

  private void natural(BigInteger low, BigInteger high, List<Expr> options, String sign) {
    BigInteger from = low;
    for (int length = from.toString().length(); from.compareTo(high) <= 0; length++) {
      BigInteger longest = BigInteger.TEN.pow(length).subtract(BigInteger.ONE);
      BigInteger to = longest.min(high);
      options.add(exprs.sequence(exprs.text(sign), sameLength(from.toString(), to.toString())));
      from = longest.add(BigInteger.ONE);
    }
  }

  /** Numbers from one to another, both with as many digits. */
  private Expr sameLength(String low, String high) {
    if (low.isEmpty()) {
      return exprs.empty;
    }
    char a = low.charAt(0);
    char b = high.charAt(0);
    String lowRest = low.substring(1);
    String highRest = high.substring(1);
    if (a == b) {
      return exprs.sequence(digits(a, a), sameLength(lowRest, highRest));
    }
    int rest = lowRest.length();
    var options = new ArrayList<Expr>();
    options.add(exprs.sequence(digits(a, a), sameLength(lowRest, "9".repeat(rest))));
    if (b - a > 1) {
      Expr any = exprs.repeat(digits('0', '9'), rest, rest);
      options.add(exprs.sequence(digits((char) (a + 1), (char) (b - 1)), any));
    }
    options.add(exprs.sequence(digits(b, b), sameLength("0".repeat(rest), highRest)));
    return exprs.choice(options);
  }
}
