package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.config.SettingsWatch.Difference;
import io.baton.config.TestSettings.Fleet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsWatchTest {
  @TempDir Path folder;

  @Test
  void anUntouchedFileIsNotReadAgain() throws Exception {
    assertThat(watch(write("patience: 5s\n")).poll()).isEmpty();
  }

  @Test
  void aChangeSaysWhatIsDifferent() throws Exception {
    Path file = write("patience: 5s\n");
    var watch = watch(file);
    Files.writeString(file, "patience: 70s\npools: [a, b]\n");

    var change = watch.poll().orElseThrow();

    assertThat(change.differences())
        .contains(new Difference("patience", "5s", "70s"))
        .contains(new Difference("pools[1]", "", "b"));
    assertThat(watch.poll()).isEmpty();
  }

  @Test
  void anotherSpellingOfTheSameIsNoChange() throws Exception {
    Path file = write("patience: 5s\n");
    var watch = watch(file);
    Files.writeString(file, "# five seconds\npatience: 5000ms\n");
    assertThat(watch.poll()).isEmpty();
  }

  @Test
  void aBrokenFileIsReportedOnceAndChangesNothing() throws Exception {
    Path file = write("patience: 5s\n");
    var watch = watch(file);
    Files.writeString(file, "patience: whenever\npools: [x]\n");
    assertThatThrownBy(watch::poll)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("patience");
    assertThat(watch.poll()).isEmpty();

    Files.writeString(file, "patience: 5s\npools: [y]\n");
    assertThat(watch.poll().orElseThrow().differences())
        .extracting(Difference::key)
        .containsExactly("pools[0]");
  }

  @Test
  void aMountThatKubernetesSwapsIsSeen() throws Exception {
    Path first = Files.createDirectory(folder.resolve("..first"));
    Path second = Files.createDirectory(folder.resolve("..second"));
    Files.writeString(first.resolve("baton.yaml"), "patience: 5s\n");
    Files.writeString(second.resolve("baton.yaml"), "patience: 6s\n");
    Files.setLastModifiedTime(
        second.resolve("baton.yaml"), Files.getLastModifiedTime(first.resolve("baton.yaml")));
    Path data = Files.createSymbolicLink(folder.resolve("..data"), first);
    Path file =
        Files.createSymbolicLink(folder.resolve("baton.yaml"), Path.of("..data", "baton.yaml"));
    var watch = watch(file);

    Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), second);
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);

    assertThat(watch.poll().orElseThrow().value().patience()).hasSeconds(6);
  }

  private Path write(String text) throws Exception {
    return Files.writeString(folder.resolve("fleet.yaml"), text);
  }

  private static SettingsWatch<Fleet> watch(Path file) throws Exception {
    return new SettingsWatch<>(
        Fleet.class,
        file,
        Map.of(),
        List.of(),
        ConfigReader.read(Fleet.class, Optional.of(file), Map.of(), List.of()));
  }
}
