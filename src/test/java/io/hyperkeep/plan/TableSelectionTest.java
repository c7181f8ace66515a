package io.hyperkeep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.manifest.TableName;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableSelectionTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "app.metrics     | app      | metrics   | true",
                "APP.Metrics     | app      | metrics   | true",
                "app.*           | app      | metrics   | true",
                "app.metric?     | app      | metrics   | true",
                "app.metric?     | app      | metric    | false",
                "metrics         | anything | metrics   | true",
                "metrics         | metrics  | other     | false",
                "app.metrics     | app2     | metrics   | false",
                "app.m.etrics    | app      | m.etrics  | true",
                "\"App\".*       | App      | x         | true",
                "App.*           | App      | x         | false",
                "\"a.b\".\"c*d\" | a.b      | c*d       | true",
                "\"a.b\".\"c*d\" | a.b      | cXd       | false",
                "\"say \"\"hi\"\"\" | s     | say \"hi\" | true",
                "app.a+b         | app      | a+b       | true",
                "app.a+b         | app      | aab       | false",
            })
    void a_pattern_means_what_psql_would_mean(String pattern, String schema, String name, boolean expected) {
        assertThat(TableSelection.matches(pattern, new TableName(schema, name))).isEqualTo(expected);
    }

    @Test
    void excluded_wins_over_included() {
        TableSelection selection = new TableSelection(List.of("app.*"), List.of("*_old"));

        assertThat(selection.selects(new TableName("app", "metrics"))).isTrue();
        assertThat(selection.selects(new TableName("app", "metrics_old"))).isFalse();
        assertThat(selection.selects(new TableName("other", "metrics"))).isFalse();
    }

    @Test
    void patterns_that_match_nothing_are_named_as_given() {
        TableSelection selection = new TableSelection(List.of("app.*", "App.typo"), List.of("nothing.*"));

        assertThat(selection.unmatched(List.of(new TableName("app", "metrics"))))
                .containsExactly("App.typo", "nothing.*");
    }

    @Test
    void no_pattern_selects_everything() {
        assertThat(TableSelection.ALL.selects(new TableName("any", "thing"))).isTrue();
    }
}
