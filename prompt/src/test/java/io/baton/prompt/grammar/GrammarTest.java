package io.baton.prompt.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.baton.prompt.grammar.Grammar.State;
import io.baton.testkit.RandomSchemas;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts of a grammar validate; what a schema asks beyond the subset is refused with its place. */
class GrammarTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonSchemaFactory FACTORY =
      JsonSchemaFactory.getInstance(
          SpecVersion.VersionFlag.V202012, builder -> builder.enableSchemaCache(false));

  @Test
  void randomTextsOfRandomSchemasValidate() throws Exception {
    var schemas = new RandomSchemas(7);
    var random = new SplittableRandom(8);
    int checked = 0;
    for (int i = 0; i < 300; i++) {
      String schema = schemas.next().toString();
      Grammar grammar = Grammar.ofSchema(schema);
      var validator = FACTORY.getSchema(schema);
      for (int j = 0; j < 10; j++) {
        byte[] text = randomText(grammar, random);
        if (text != null) {
          String shown = new String(text, StandardCharsets.UTF_8);
          assertThat(shown.getBytes(StandardCharsets.UTF_8)).isEqualTo(text);
          assertThat(validator.validate(JSON.readTree(shown)))
              .as("%s of %s", shown, schema)
              .isEmpty();
          checked++;
        }
      }
    }
    assertThat(checked).isGreaterThan(2500);
  }

  /** Null if it grows too long. */
  private static byte[] randomText(Grammar grammar, SplittableRandom random) {
    var text = new ByteArrayOutputStream();
    State state = grammar.start();
    while (text.size() < 2000) {
      var next = new ArrayList<Integer>();
      for (int value = 0; value < 256; value++) {
        if (grammar.next(state, value) != null) {
          next.add(value);
        }
      }
      if (state.mayEnd() && (next.isEmpty() || random.nextInt(3) == 0)) {
        return text.toByteArray();
      }
      assertThat(next).as("dead end after %s", text).isNotEmpty();
      int value = next.get(random.nextInt(next.size()));
      text.write(value);
      state = grammar.next(state, value);
    }
    return null;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"integer\",\"minimum\":-12,\"maximum\":105} | -12 | true",
        "{\"type\":\"integer\",\"minimum\":-12,\"maximum\":105} | -13 | false",
        "{\"type\":\"integer\",\"minimum\":-12,\"maximum\":105} | 0 | true",
        "{\"type\":\"integer\",\"minimum\":-12,\"maximum\":105} | 105 | true",
        "{\"type\":\"integer\",\"minimum\":-12,\"maximum\":105} | 106 | false",
        "{\"type\":\"integer\",\"exclusiveMinimum\":3} | 3 | false",
        "{\"type\":\"integer\",\"exclusiveMinimum\":3} | 4 | true",
        "{\"type\":\"string\",\"maxLength\":2} | \"\\u00e4\u20ac\" | true",
        "{\"type\":\"string\",\"maxLength\":2} | \"abc\" | false",
        "{\"type\":\"array\",\"items\":{\"type\":\"null\"},\"minItems\":2} | [null] | false",
        "{\"type\":\"array\",\"items\":{\"type\":\"null\"},\"minItems\":2} | [null, null] | true",
        "{\"type\":\"object\"} | {\"a\":{\"b\":[1,2.5e-3,\"x\"]}} | true",
        "{\"type\":\"object\"} | [] | false",
        "{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"b\"]} | {\"b\":1} | true",
        "{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"b\"]} | {\"a\":1} | false",
        "{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"b\"]} | {\"a\":1,\"b\":2} | true",
      })
  void schemasMeanWhatTheySay(String schema, String text, boolean valid) throws Exception {
    assertThat(Grammar.ofSchema(schema).accepts(text.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(valid);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "(?:ab)+c? ; abab ; true",
        "(?:ab)+c? ; aba ; false",
        "[^x-z]{2} ; a\u20ac ; true",
        "\\d+(\\.\\d+)? ; 3.14 ; true",
        "^yes$ ; yes ; true",
        "[\u0400-\u04ff]+ ; \u0414\u0430 ; true",
        "[\ud83d\ude00-\ud83d\ude4f] ; \ud83d\ude02 ; true",
      })
  void expressionsMatchAsAWhole(String row) throws Exception {
    String[] parts = row.split(" ; ");
    boolean matches = Grammar.ofRegex(parts[0]).accepts(parts[1].getBytes(StandardCharsets.UTF_8));
    assertThat(matches).isEqualTo(Boolean.parseBoolean(parts[2]));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"properties\":{\"a\":{\"not\":{}}}} | #/properties/a/not",
        "{\"oneOf\":[{}]} | #/oneOf",
        "{\"properties\":{\"a\":{\"type\":\"string\",\"pattern\":\"(?=x)\"}}} | #/properties/a/pattern",
        "{\"$ref\":\"#\"} | #",
        "{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]} | #",
        "{\"properties\":{\"a\":{\"$ref\":\"#/$defs/x\"}}} | #/properties/a/$ref",
        "{\"type\":\"integer\",\"minimum\":5,\"maximum\":4} | #",
        "{\"type\":\"number\",\"minimum\":5} | #/minimum",
        "{\"required\":[\"z\"]} | #/required",
        "nonsense | #",
      })
  void whatIsNotSupportedIsRefusedWithItsPlace(String schema, String place) {
    assertThatThrownBy(() -> Grammar.ofSchema(schema))
        .isInstanceOf(GrammarException.class)
        .hasMessageStartingWith(place + ": ");
  }

  @Test
  void masksOfALargeVocabularyAllowExactlyTheTokensThatFit() throws Exception {
    var random = new SplittableRandom(3);
    byte[][] tokens = new byte[151_000][];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = new byte[i < 256 ? 1 : 1 + random.nextInt(6)];
      for (int j = 0; j < tokens[i].length; j++) {
        tokens[i][j] =
            (byte) (i < 256 ? i : " \"{}:,abcde0123456789\\n".charAt(random.nextInt(23)));
      }
    }
    TokenTrie trie = TokenTrie.of(tokens);
    Grammar grammar = Grammar.ofSchema("{\"properties\":{\"a\":{\"type\":\"integer\"}}}");
    State state = grammar.start();
    for (byte value : "{\"a\"".getBytes(StandardCharsets.UTF_8)) {
      long[] allowed = new long[(tokens.length + 63) / 64];
      trie.allow(grammar, state, allowed);
      for (int id = 0; id < tokens.length; id++) {
        boolean fits = trie.after(grammar, state, id) != null;
        boolean set = (allowed[id >> 6] >>> id & 1) != 0;
        if (set != fits) {
          throw new AssertionError("token " + id + " is " + (set ? "allowed" : "not allowed"));
        }
      }
      state = grammar.next(state, value);
    }
  }
}
