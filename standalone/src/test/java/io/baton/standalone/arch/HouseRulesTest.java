package io.baton.standalone.arch;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The table of docs/architecture.md: which room may know which. */
@AnalyzeClasses(packages = "io.baton", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseRulesTest {
  private static final String TELEMETRY_SLICES = "io.baton.telemetry.slices..";

  /** Room to the rooms that it may depend on. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("proto", Set.of()),
          Map.entry("kvblocks", Set.of()),
          Map.entry("config", Set.of()),
          Map.entry("prompt", Set.of()),
          Map.entry("telemetry", Set.of()),
          Map.entry("transport", Set.of("proto", "config")),
          Map.entry("kvrouter", Set.of("kvblocks")),
          Map.entry("bridge", Set.of("kvblocks", "telemetry")),
          // io.baton.engine.cuda is below this root and held to the same table.
          Map.entry("engine", Set.of("bridge", "kvblocks", "telemetry", "prompt")),
          Map.entry("engine.cuda", Set.of("bridge", "kvblocks", "telemetry", "prompt", "engine")),
          Map.entry(
              "agent",
              Set.of("proto", "config", "telemetry", "transport", "bridge", "engine", "kvblocks")),
          Map.entry(
              "gateway",
              Set.of(
                  "proto", "config", "prompt", "telemetry", "transport", "kvrouter", "kvblocks")));

  @ArchTest
  static final ArchRule ROUTER_IS_PURE =
      noClasses()
          .that(resideInAPackage("io.baton.kvrouter.."))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                  "io.vertx..",
                  "io.nats..",
                  "io.opentelemetry..",
                  "com.fasterxml..",
                  "java.net..",
                  "java.nio.channels.."))
          .because("the routing core serves live traffic, replay and virtual time alike");

  @ArchTest
  static final ArchRule ROUTER_TAKES_ITS_CLOCK_FROM_THE_CALLER =
      noClasses()
          .that(resideInAPackage("io.baton.kvrouter.."))
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .because("replay and tests run in virtual time");

  @ArchTest
  static final ArchRule SLICES_KNOW_NO_OPENTELEMETRY =
      noClasses()
          .that(resideInAPackage(TELEMETRY_SLICES))
          .should()
          .dependOnClassesThat(resideInAnyPackage("io.opentelemetry..", "io.micrometer.."))
          .because("engine authors should not need it");

  @ArchTest
  static final ArchRule NO_WALL_CLOCK_ARITHMETIC =
      noClasses()
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .because("intervals come from nanoTime; unix times from telemetry's TraceClock");

  @ArchTest
  static final ArchRule PROMPT_KNOWS_NO_TRANSPORT =
      noClasses()
          .that(resideInAPackage("io.baton.prompt.."))
          .should()
          .dependOnClassesThat(resideInAnyPackage("io.vertx..", "io.nats.."))
          .because("a prompt is text and tokens, however they come");

  @ArchTest
  static final ArchRule NATS_IS_THE_TRANSPORTS_OWN =
      noClasses()
          .that(resideInAPackage("io.baton.."))
          .and()
          .resideOutsideOfPackage("io.baton.transport..")
          .should()
          .dependOnClassesThat(resideInAPackage("io.nats.."))
          .because("everybody else speaks through io.baton.transport");

  @ArchTest
  static final ArchRule CUDA_IS_FOR_WORKERS_THAT_CHOOSE_IT =
      noClasses()
          .that(resideOutsideOfPackages("io.baton.engine.cuda..", "io.baton.standalone.."))
          .should()
          .dependOnClassesThat(resideInAnyPackage("io.baton.engine.cuda..", "org.bytedeco.."))
          .because("gateways and CPU workers are installed without CUDA's jars");

  @ArchTest
  static final ArchRule BYTEDECO_IS_ONE_BINDING =
      noClasses()
          .that(resideOutsideOfPackage("io.baton.engine.cuda.driver.."))
          .should()
          .dependOnClassesThat(resideInAPackage("org.bytedeco.."))
          .because("everybody else speaks through CudaApi, which has another");

  @ArchTest
  static final ArchRule GATEWAY_PACKAGES_HAVE_NO_CIRCLES =
      slices().matching("io.baton.gateway.(*)..").should().beFreeOfCycles();

  /** One test per room, so that a failure names it. */
  @TestFactory
  java.util.stream.Stream<DynamicTest> roomsKnowOnlyWhatTheTableAllows() {
    var all =
        new com.tngtech.archunit.core.importer.ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.baton");
    return MAY_USE.entrySet().stream()
        .map(room ->
            DynamicTest.dynamicTest(
                room.getKey() + " may use " + new TreeSet<>(room.getValue()),
                () ->
                    classes()
                        .that()
                        .resideInAPackage(root(room.getKey()))
                        .should()
                        .onlyDependOnClassesThat(allowed(room.getKey(), room.getValue()))
                        .because("docs/architecture.md, section 1")
                        .check(all)));
  }

  private static com.tngtech.archunit.base.DescribedPredicate<
          com.tngtech.archunit.core.domain.JavaClass>
      allowed(String room, Set<String> others) {
    var packages = new TreeSet<String>();
    packages.add(root(room));
    others.forEach(other -> packages.add(root(other)));
    return resideInAnyPackage(packages.toArray(String[]::new))
        .or(com.tngtech.archunit.base.DescribedPredicate.not(resideInAPackage("io.baton..")))
        .as("those of %s, or classes outside Baton", packages);
  }

  private static String root(String room) {
    return "io.baton." + room + "..";
  }
}
