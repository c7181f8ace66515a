package io.hyperkeep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.TableName;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Continuous aggregates among the selected tables. */
class SelectTablesTest {
    private static final TableName DAILY = name("daily");
    private static final TableName DEVICE = name("device");
    private static final TableName HOURLY = name("hourly");
    private static final TableName METRICS = name("metrics");
    private static final List<TableName> TABLES = List.of(DAILY, DEVICE, HOURLY, METRICS, name("other"));

    @Test
    void they_come_with_everything() {
        assertThat(select(List.of(), List.of()).tables()).isEqualTo(TABLES);
    }

    @Test
    void one_that_is_named_brings_what_it_reads_at_any_distance() {
        SelectTables.Selected selected = select(List.of("app.daily"), List.of());

        assertThat(selected.tables()).containsExactly(DAILY, DEVICE, HOURLY, METRICS);
        assertThat(selected.warnings("in the backup")).isEmpty();
    }

    @Test
    void a_table_does_not_bring_those_that_read_it() {
        assertThat(select(List.of("app.metrics"), List.of()).tables()).containsExactly(METRICS);
    }

    @Test
    void one_that_reads_an_excluded_table_is_left_out_by_name() {
        SelectTables.Selected selected = select(List.of(), List.of("app.device"));

        assertThat(selected.tables()).containsExactly(METRICS, name("other"));
        assertThat(selected.warnings("in the backup"))
                .extracting(warning -> warning.code() + ": " + warning.text())
                .containsExactly(
                        "not-selected: continuous aggregate app.daily is not in the backup: it needs table app.device,"
                                + " which is not selected",
                        "not-selected: continuous aggregate app.hourly is not in the backup: it needs table app.device,"
                                + " which is not selected");
    }

    @Test
    void one_that_is_excluded_itself_is_not_told() {
        SelectTables.Selected selected = select(List.of(), List.of("app.daily"));

        assertThat(selected.tables()).doesNotContain(DAILY).contains(HOURLY);
        assertThat(selected.warnings("in the backup")).isEmpty();
    }

    private static SelectTables.Selected select(List<String> include, List<String> exclude) {
        return SelectTables.select(
                new TableSelection(include, exclude),
                TABLES,
                List.of(aggregate(HOURLY, METRICS, DEVICE), aggregate(DAILY, HOURLY)),
                "the database");
    }

    private static ContinuousAggregate aggregate(TableName name, TableName... needs) {
        return new ContinuousAggregate(name, "SELECT", true, Stream.of(needs).toList(), "1 day", true, null, List.of());
    }

    private static TableName name(String table) {
        return new TableName("app", table);
    }
}
