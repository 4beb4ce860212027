package io.baton.engine.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BindingsTest {

  @Test
  void withoutAMatchingCudaTheChoiceIsFfm() {
    // bytedeco's presets are on this class path; they are made for one version of CUDA.
    var ffm = Bindings.open(Bindings.Choice.AUTO, List.of());

    assertThat(ffm.binding()).isIn("ffm", "bytedeco");
    assertThat(Bindings.open(Bindings.Choice.FFM, List.of()).binding()).isEqualTo("ffm");
    assertThat(Bindings.open(Bindings.Choice.BYTEDECO, List.of()).binding()).isEqualTo("bytedeco");
  }

  @Test
  void automaticChoiceFollowsTheVersionOfTheInstalledCuda() {
    assertThat(Bindings.matches(13_010, 13_010)).isTrue();
    assertThat(Bindings.matches(13_010, 13_000)).isFalse();
    assertThat(Bindings.matches(13_010, 12_090)).isFalse();
  }

  @Test
  void librariesAreLookedForInOrderAndNeverInACompatFolder(@TempDir Path folder) throws Exception {
    Path home = folder.resolve("cuda");
    Path python = folder.resolve("venv/lib/python3.12/site-packages/nvidia/cu13/lib");
    Path compat = folder.resolve("cuda/compat");
    Path own = folder.resolve("own");
    for (Path each : List.of(home.resolve("lib64"), python, compat, own)) {
      Files.createDirectories(each);
    }
    var finder =
        new LibraryFinder(
            List.of(compat, own),
            Map.of("CUDA_HOME", home.toString(), "VIRTUAL_ENV", folder.resolve("venv").toString()));

    assertThat(finder.folders()).containsSubsequence(home.resolve("lib64"), python, own);
    assertThat(finder.folders()).doesNotContain(compat);
  }

  @Test
  void aFileThatIsNoLibraryIsPassedOver(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("libbaton-none.so.13"), "no library");
    var finder = new LibraryFinder(List.of(folder), Map.of());

    assertThat(finder.find(List.of("libbaton-none.so.13"))).isEmpty();
  }

  @Test
  void aLibraryWithoutAFunctionIsNamed() {
    var finder = new LibraryFinder(List.of(), Map.of());
    NativeLibrary c = finder.find(List.of("libc.so.6")).orElseThrow();

    assertThatThrownBy(() -> new FfmNvrtc(c))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessageContaining("libc.so.6: has no function nvrtcVersion");
  }

  @Test
  void callsReachNativeCode() {
    var finder = new LibraryFinder(List.of(), Map.of());
    NativeLibrary c = finder.find(List.of("libc.so.6")).orElseThrow();

    assertThat(Downcalls.call(c.function("abs"), -42)).isEqualTo(42);
  }
}
