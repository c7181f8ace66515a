package io.hyperkeep.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.DataFormat;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.SchemaFiles;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Totals;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CompareStructureTest {
    private static final TableName NAME = new TableName("app", "metrics");
    private static final TableEntry TABLE = table("olga", "integer", "PRIMARY KEY (id)", 3600, List.of());
    private static final SequenceState SEQUENCE =
            new SequenceState(new TableName("app", "s"), NAME, "AS integer INCREMENT 1", 7, true);

    @Test
    void the_same_has_no_findings_also_with_another_default_prefix() {
        assertThat(compare(TABLE, SEQUENCE, Set.of())).isEmpty();
    }

    @Test
    void each_difference_is_named() {
        TableEntry other = table(
                "piet",
                "bigint",
                "PRIMARY KEY (id, at)",
                7200,
                List.of(new NamedDefinition("extra", "CREATE INDEX extra ON app.metrics USING btree (at)")));
        SequenceState moved = new SequenceState(SEQUENCE.sequence(), NAME, SEQUENCE.definition(), 6, true);
        assertThat(compare(other, moved, Set.of()))
                .containsExactly(
                        "table app.metrics: its owner is piet, not olga",
                        "table app.metrics, column id: is bigint NOT NULL, not integer NOT NULL",
                        "table app.metrics, constraint pk: is PRIMARY KEY (id, at), not PRIMARY KEY (id)",
                        "table app.metrics, index extra: is CREATE INDEX extra ON app.metrics USING btree (at), not in the backup",
                        "table app.metrics: its dimensions are [" + dimension(7200) + "], not [" + dimension(3600)
                                + "]",
                        "sequence app.s: its last value is 6, not 7");
    }

    @Test
    void a_missing_part_is_named_unless_it_was_left_out() {
        TableEntry without = table("olga", "integer", null, 3600, List.of());
        assertThat(compare(without, SEQUENCE, Set.of()))
                .containsExactly("table app.metrics, constraint pk: is missing");
        assertThat(compare(without, SEQUENCE, Set.of(new NotRestored(NAME, "pk"))))
                .isEmpty();
    }

    @Test
    void missing_tables_and_sequences_are_named() {
        Inventory empty = inventory(List.of(), List.of());
        assertThat(CompareStructure.run(expected(Set.of(), false), empty))
                .extracting(Finding::toString)
                .containsExactly("table app.metrics: is missing", "sequence app.s: is missing");
    }

    @Test
    void what_the_backup_does_not_have_is_named_only_if_nothing_else_may_be_there() {
        Inventory found =
                inventory(List.of(new DiscoveredTable(TABLE, TABLE.name(), 1, 0, 0, 0, List.of())), List.of(SEQUENCE));
        assertThat(CompareStructure.run(expected(Set.of(), false), found)).isEmpty();
        // the manifest of this test has no table at all
        assertThat(CompareStructure.run(expected(Set.of(), true), found))
                .extracting(Finding::toString)
                .containsExactly("table app.metrics: is not in the backup");
    }

    private static List<String> compare(TableEntry now, SequenceState sequence, Set<NotRestored> notRestored) {
        Inventory found =
                inventory(List.of(new DiscoveredTable(now, now.name(), 1, 0, 0, 0, List.of())), List.of(sequence));
        return CompareStructure.run(expected(notRestored, false), found).stream()
                .map(Finding::toString)
                .toList();
    }

    private static Inventory inventory(List<DiscoveredTable> tables, List<SequenceState> sequences) {
        ServerCapabilities server = new ServerCapabilities(17, "public", false, true, true, true, true, true, true);
        return new Inventory(
                source(), server, Set.of("pg_default"), tables, List.of(), sequences, List.of(), List.of());
    }

    private static Expected expected(Set<NotRestored> notRestored, boolean nothingElse) {
        return new Expected(
                manifest(),
                List.of(TABLE),
                List.of(SEQUENCE),
                List.of(),
                new Expected.Jobs(List.of(), JobState.ANY),
                notRestored,
                nothingElse,
                nothingElse,
                true);
    }

    static Manifest manifest() {
        return new Manifest(
                1,
                "20260101T000000Z",
                "tables",
                "hyperkeep",
                1,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                source(),
                new SnapshotInfo("1", 1, 1, "0/1", Instant.EPOCH),
                true,
                new DataFormat("zstd", "FORMAT csv, HEADER"),
                new SchemaFiles(List.of(), new SchemaFiles.Preambles(0, 0), List.of()),
                null,
                List.of(),
                List.of(),
                List.of(),
                null,
                List.of(),
                List.of(),
                List.of(),
                new Totals(0, 0, 0, 0, 0, 0, 0, Map.of()),
                null,
                null,
                null);
    }

    private static Dimension dimension(long interval) {
        return new Dimension("at", "timestamptz", Dimension.Kind.RANGE, interval, null, null, null);
    }

    private static TableEntry table(
            String owner, String type, String primaryKey, long interval, List<NamedDefinition> indexes) {
        return new TableEntry(
                NAME,
                TableEntry.Kind.HYPERTABLE,
                owner,
                List.of(new Column("id", type, true, null, null, null, null)),
                primaryKey == null ? List.of() : List.of(new NamedDefinition("pk", primaryKey)),
                indexes,
                List.of(),
                new Hypertable(
                        List.of(dimension(interval)),
                        "_timescaledb_internal",
                        "_hyper_" + interval,
                        List.of(),
                        null,
                        List.of(),
                        List.of()),
                List.of(),
                0,
                RowDigest.NONE);
    }

    static Source source() {
        return new Source("1", 1, "d", 5, "UTF8", "C", "C", "c", null, null, "17.1", null, List.of());
    }
}
