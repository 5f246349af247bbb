package org.equipoise.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the arrows of the module table in CONTRIBUTING.md. */
class ArchitectureTest {
  private static final String ROOT = "org.equipoise.";

  /** Which modules each module may use. */
  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "core", Set.of(),
          "media", Set.of("core"),
          "data", Set.of("core", "media"),
          "encoders", Set.of("core", "media"),
          "systems", Set.of("core"),
          "training", Set.of("core", "systems"),
          "lab", Set.of("core", "media", "data", "encoders", "systems", "training"),
          "cli", Set.of("core", "media", "data", "encoders", "systems", "training", "lab"));

  private static final List<String> MODULES = ARROWS.keySet().stream().sorted().toList();

  private static JavaClasses classes;

  @BeforeAll
  static void readClasses() {
    ImportOption noFixtures = location -> !location.contains("/org/equipoise/testing/");
    classes =
        new ClassFileImporter(List.of(new ImportOption.DoNotIncludeTests(), noFixtures))
            .importPackages("org.equipoise");
  }

  @ParameterizedTest
  @FieldSource("MODULES")
  void a_module_uses_only_modules_that_its_arrows_point_to(String module) {
    DescribedPredicate<JavaClass> allowed =
        DescribedPredicate.describe(
            "of " + module + " itself, of " + ARROWS.get(module) + ", or foreign",
            used -> {
              String name = moduleOf(used.getBaseComponentType().getPackageName());
              return name.isEmpty() || name.equals(module) || ARROWS.get(module).contains(name);
            });
    classes()
        .that()
        .resideInAPackage(ROOT + module + "..")
        .should()
        .onlyDependOnClassesThat(allowed)
        .check(classes);
  }

  @Test
  void every_class_lives_in_a_package_of_its_module() {
    String[] packages = MODULES.stream().map(module -> ROOT + module + "..").toArray(String[]::new);
    classes().should().resideInAnyPackage(packages).check(classes);
  }

  @Test
  void the_core_knows_no_native_code_and_no_user_interface() {
    classes()
        .that()
        .resideInAPackage(ROOT + "core..")
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.describe(
                "of plain Java",
                used ->
                    Stream.of("ai.djl", "ai.onnxruntime", "picocli", "javax.swing")
                        .noneMatch(used.getPackageName()::startsWith)))
        .check(classes);
  }

  /** See {@link org.equipoise.systems.layers.Scaling}. */
  @ParameterizedTest
  @ValueSource(strings = {"mul", "div", "pow", "muli", "divi", "powi"})
  void no_plain_number_is_handed_to_the_engine_in_a_buffer_that_java_may_free(String method) {
    noClasses().should().callMethod(NDArray.class, method, Number.class).check(classes);
  }

  /** The module's name, or an empty text for a foreign package. */
  private static String moduleOf(String packageName) {
    return packageName.startsWith(ROOT)
        ? packageName.substring(ROOT.length()).replaceFirst("\\..*", "")
        : "";
  }
}
