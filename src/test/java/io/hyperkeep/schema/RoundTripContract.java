package io.hyperkeep.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.TableSelection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is dumped and restored, dumped again, is the same; for each server version. */
abstract class RoundTripContract {
    @TempDir
    Path folder;

    abstract TimescaleServer server();

    @Test
    void a_rich_schema_comes_back_as_it_was() throws Exception {
        String source = RichSchema.create(server());
        Trial first = Trial.dump(server(), source, TableSelection.ALL, Files.createDirectory(folder.resolve("1")));
        String target = first.restore();
        Trial second = Trial.dump(server(), target, TableSelection.ALL, Files.createDirectory(folder.resolve("2")));
        assertThat(second.statements()).isEqualTo(first.statements());
        assertThat(structures(target)).isEqualTo(structures(source));
        assertThat(first.warnings()).isEmpty();
        assertThat(first.dump().refresh())
                .containsExactly(new TableName("app", "mv_first"), new TableName("app", "a_second"));
    }

    @Test
    void the_files_run_verbatim_with_nothing_but_psql() throws Exception {
        String source = RichSchema.create(server());
        Trial trial = Trial.dump(server(), source, TableSelection.ALL, folder);
        String target = server().createDatabase("verbatim", true);
        for (FileEntry file : trial.dump().files().files()) {
            psql(target, trial.folder().resolve(file.file()));
        }
        assertThat(structures(target)).isEqualTo(structures(source));
    }

    @Test
    void every_entry_is_found_at_its_place_in_private_files() throws Exception {
        String source = RichSchema.create(server());
        Trial trial = Trial.dump(server(), source, TableSelection.ALL, folder);
        Set<Integer> ids = new HashSet<>();
        for (Section section : Section.values()) {
            Path file = trial.file(section);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            long at = trial.preamble(section);
            for (SchemaEntry entry : trial.entries(section)) {
                assertThat(entry.offset()).isEqualTo(at);
                at += entry.length();
                assertThat(ids).containsAll(entry.needs());
                ids.add(entry.id());
            }
        }
        assertThat(trial.dump().files().files())
                .extracting(FileEntry::file)
                .containsExactly("schema/pre-data.sql", "schema/hypertables.sql", "schema/post-data.sql");
    }

    @Test
    void a_selection_restores_by_itself_and_names_what_it_loses() throws Exception {
        String source = RichSchema.create(server());
        TableSelection selection = new TableSelection(List.of("app.metrics", "app.part_1"), List.of());
        Trial trial = Trial.dump(server(), source, selection, folder);
        String target = trial.restore();
        assertThat(structures(target)).hasSize(2);
        assertThat(trial.warnings())
                .containsExactlyInAnyOrder(
                        "not-selected: MATERIALIZED VIEW app.mv_first is not in the backup: it is no part of a selected table",
                        "not-selected: VIEW app.v_first is not in the backup: it is no part of a selected table",
                        "not-selected: MATERIALIZED VIEW app.a_second is not in the backup: it is no part of a selected table",
                        "not-selected: MATERIALIZED VIEW app.mv_empty is not in the backup: it is no part of a selected table",
                        "not-selected: TABLE ATTACH app.part_1 is not in the backup: it needs table app.part, which is not selected",
                        "not-selected: INDEX ATTACH app.part_1_pkey is not in the backup: it needs table app.part, which is not selected",
                        "not-selected: INDEX ATTACH app.part_1_v_idx is not in the backup: it needs table app.part, which is not selected",
                        "not-selected: FK CONSTRAINT app.metrics metrics_device_fkey is not in the backup: it needs table app.device, which is not selected",
                        "not-selected: PUBLICATION TABLE app.chosen metrics is not in the backup: it is no part of a selected table");
    }

    @Test
    void an_exclusion_takes_along_only_what_needs_it() throws Exception {
        String source = RichSchema.create(server());
        TableSelection selection = new TableSelection(List.of(), List.of("app.metrics"));
        Trial trial = Trial.dump(server(), source, selection, folder);
        assertThat(structures(trial.restore())).hasSize(structures(source).size() - 1);
        assertThat(trial.warnings())
                .containsExactlyInAnyOrder(
                        "not-selected: MATERIALIZED VIEW app.mv_first is not in the backup: it needs table app.metrics, which is not selected",
                        "not-selected: VIEW app.v_first is not in the backup: it needs table app.metrics, which is not selected",
                        "not-selected: MATERIALIZED VIEW app.a_second is not in the backup: it needs table app.metrics, which is not selected",
                        "not-selected: MATERIALIZED VIEW app.mv_empty is not in the backup: it needs table app.metrics, which is not selected",
                        "not-selected: FK CONSTRAINT app.orders orders_metric is not in the backup: it needs table app.metrics, which is not selected");
        assertThat(trial.dump().refresh()).isEmpty();
    }

    /** Every table with its columns, constraints, indexes, triggers and dimensions. */
    private List<TableEntry> structures(String uri) throws SQLException {
        try (Connection connection = server().connect(uri)) {
            Query.execute(connection, "SET search_path = ''");
            return new DiscoverDatabase()
                    .inventory(connection, ServerCapabilities.of(connection), name -> true).tables().stream()
                            .map(table -> comparable(table.structure()))
                            .toList();
        }
    }

    /** Without what a database without rows can not have: keys of single chunks, and numbers of hypertables. */
    private static TableEntry comparable(TableEntry table) {
        Hypertable hypertable = table.hypertable();
        return new TableEntry(
                table.name(),
                table.kind(),
                table.owner(),
                table.columns(),
                table.constraints().stream()
                        .filter(constraint -> !constraint.definition().contains("_chunk("))
                        .toList(),
                table.indexes(),
                table.triggers(),
                hypertable == null
                        ? null
                        : new Hypertable(
                                hypertable.dimensions(),
                                hypertable.chunkSchema(),
                                hypertable.chunkPrefix().replaceFirst("_hyper_\\d+", ""),
                                List.of(),
                                hypertable.columnstore(),
                                hypertable.tablespaces(),
                                hypertable.chunkSkipping()),
                List.of(),
                0,
                table.digest());
    }

    private void psql(String uri, Path file) throws IOException, InterruptedException {
        Path log = folder.resolve("psql.log");
        Process psql = new ProcessBuilder(
                        server().clientTools().resolve("psql").toString(),
                        "-X",
                        "-v",
                        "ON_ERROR_STOP=1",
                        "-f",
                        file.toString(),
                        uri)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(psql.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(psql.exitValue()).as(Files.readString(log)).isZero();
    }
}
