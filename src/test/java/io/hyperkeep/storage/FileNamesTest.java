package io.hyperkeep.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.manifest.TableName;
import org.junit.jupiter.api.Test;

class FileNamesTest {
    @Test
    void ordinary_names_stay_as_they_are() {
        assertThat(FileNames.of(new TableName("app", "metrics_2026-01"))).isEqualTo("app.metrics_2026-01");
    }

    @Test
    void everything_else_is_escaped_so_that_nothing_leaves_the_folder() {
        assertThat(FileNames.of("../a b/\"ü.X\n")).isEqualTo("%2e%2e%2fa%20b%2f%22%c3%bc%2e%58%0a");
    }

    @Test
    void names_that_differ_only_in_case_differ() {
        assertThat(FileNames.of("Metrics")).isNotEqualToIgnoringCase(FileNames.of("metrics"));
    }

    @Test
    void the_longest_names_of_postgresql_fit_and_stay_different() {
        String first = "ü".repeat(31);
        String second = "ü".repeat(30) + "ä";

        assertThat(FileNames.of(new TableName(first, first))).hasSizeLessThan(210);
        assertThat(FileNames.of(first)).isNotEqualTo(FileNames.of(second));
    }
}
