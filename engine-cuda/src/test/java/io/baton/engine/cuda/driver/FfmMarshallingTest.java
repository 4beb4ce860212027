package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every function of the FFM binding calls the C function of its name with its arguments in order:
 * against a library of C functions that only note what they were given. Needs a C compiler.
 */
class FfmMarshallingTest {
  private static final List<Class<?>> INTERFACES =
      List.of(DriverApi.class, LaunchApi.class, NvrtcApi.class, CublasLtApi.class);

  /** The one that takes 64 bytes by value. */
  private static final String BY_VALUE = "cuIpcOpenMemHandle";

  private static final long CONTENT = 0x1122_3344_5566_7788L;
  private static final int RESULT = 42;

  @TempDir private static Path folder;
  private static NativeLibrary library;
  private static MemorySegment noted;

  @BeforeAll
  static void compile() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")), "needs a C compiler");
    var source = new StringBuilder("struct handle { char bytes[64]; };\nlong long noted[20];\n");
    for (Class<?> type : INTERFACES) {
      for (Method method : type.getDeclaredMethods()) {
        // CUDA's own names carry the version of their arguments.
        source.append(function(method, method.getName()));
        source.append(function(method, method.getName() + "_v2"));
      }
    }
    Path file = Files.writeString(folder.resolve("notes.c"), source);
    // Not named libcuda: what is loaded under that name is found by others.
    Path compiled = folder.resolve("libnotes.so");
    Process compiler =
        new ProcessBuilder(
                "/usr/bin/cc", "-shared", "-fPIC", "-o", compiled.toString(), file.toString())
            .inheritIO()
            .start();
    assertThat(compiler.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(compiler.exitValue()).isZero();
    library =
        new NativeLibrary(
            compiled.toString(), SymbolLookup.libraryLookup(compiled, Arena.global()));
    noted = library.function("noted").reinterpret(20 * 8);
  }

  private static String function(Method method, String name) {
    var parameters = new StringBuilder();
    var body = new StringBuilder();
    for (int i = 0; i < method.getParameterCount(); i++) {
      boolean byValue = method.getName().equals(BY_VALUE) && i == 1;
      String type = method.getParameterTypes()[i] == int.class ? "int" : "long long";
      parameters.append(i == 0 ? "" : ", ").append(byValue ? "struct handle" : type);
      parameters.append(" a").append(i);
      body.append(" noted[%d] = %s;".formatted(i, byValue ? "*(long long*)a1.bytes" : "a" + i));
    }
    return "%s %s(%s) {%s return %d; }%n"
        .formatted(
            method.getReturnType() == int.class ? "int" : "long long",
            name,
            parameters.isEmpty() ? "void" : parameters,
            body,
            RESULT);
  }

  @TestFactory
  List<DynamicTest> everyFunctionPassesItsArgumentsInOrder() {
    List<Object> bindings =
        List.of(
            new FfmDriver(library),
            new FfmLaunches(library),
            new FfmNvrtc(library),
            new FfmCublasLt(library));
    var tests = new ArrayList<DynamicTest>();
    for (int i = 0; i < bindings.size(); i++) {
      Object binding = bindings.get(i);
      for (Method method : INTERFACES.get(i).getDeclaredMethods()) {
        tests.add(DynamicTest.dynamicTest(method.getName(), () -> check(binding, method)));
      }
    }
    return tests;
  }

  private static void check(Object binding, Method method) throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      noted.fill((byte) 0);
      var arguments = new Object[method.getParameterCount()];
      var expected = new Long[arguments.length];
      for (int i = 0; i < arguments.length; i++) {
        if (method.getName().equals(BY_VALUE) && i == 1) {
          MemorySegment handle = arena.allocate(IpcHandle.BYTES, 8);
          handle.set(JAVA_LONG, 0, CONTENT);
          arguments[i] = handle.address();
          expected[i] = CONTENT;
        } else if (method.getParameterTypes()[i] == int.class) {
          arguments[i] = 100 + 7 * i;
          expected[i] = 100L + 7 * i;
        } else {
          arguments[i] = 1_000_000_000_007L * (i + 1);
          expected[i] = (long) arguments[i];
        }
      }

      Object result = method.invoke(binding, arguments);

      assertThat(((Number) result).intValue()).isEqualTo(RESULT);
      var found = new Long[arguments.length];
      for (int i = 0; i < found.length; i++) {
        found[i] = noted.getAtIndex(JAVA_LONG, i);
      }
      assertThat(found).containsExactly(expected);
    }
  }
}
