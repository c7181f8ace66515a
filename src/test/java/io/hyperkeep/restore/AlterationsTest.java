package io.hyperkeep.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Dimension.Kind;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.schema.KeyColumns;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What alterations are read from and come to, without a backup. */
class AlterationsTest {
    private static final long HOUR = 3_600_000_000L;

    @Test
    void they_are_the_same_after_a_run_was_recorded() {
        Alterations alterations = ReadAlterations.run(
                new ReadAlterations.Options(
                        false,
                        false,
                        List.of("a.B=\"x.y\".\"Z\"\"\""),
                        List.of("a=\"B\""),
                        List.of("\"a=b\".c=1d"),
                        List.of("*=d:4"),
                        List.of("t=c"),
                        "2026-01-01",
                        null),
                false);

        assertThat(alterations.renames())
                .containsExactly(new Alterations.Rename(new TableName("a", "b"), new TableName("x.y", "Z\"")));
        assertThat(alterations.chunkIntervals()).containsExactly(new Alterations.Assignment("\"a=b\".c", "1d"));
        RestoreOptions recorded = new RestoreOptions(
                CompressMode.NONE, JobsAtEnd.AS_IN_SOURCE, true, alterations, false, ArchiveOptions.NONE, true);
        String json = JsonMapper.shared().writeValueAsString(recorded);
        assertThat(JsonMapper.shared().readValue(json, RestoreOptions.class)).isEqualTo(recorded);
        // as the record of runs is read
        assertThat(JsonMapper.builder()
                        .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                        .build()
                        .readValue("{\"compress\":\"NONE\",\"strict\":true}", RestoreOptions.class)
                        .alterations())
                .isEqualTo(Alterations.NONE);
    }

    @Test
    void lengths_and_points_of_time_are_read_as_timescaledb_counts() {
        assertThat(DimensionType.TIMESTAMP.interval("1d 12h")).isEqualTo(36 * HOUR);
        assertThat(DimensionType.TIMESTAMP.interval("1 week")).isEqualTo(7 * 24 * HOUR);
        assertThat(DimensionType.TIMESTAMP.interval("2 months")).isEqualTo(60 * 24 * HOUR);
        assertThat(DimensionType.TIMESTAMP.interval("0.5 hours")).isEqualTo(HOUR / 2);
        assertThat(DimensionType.SMALLINT.interval("32767")).isEqualTo(32767);
        assertThatThrownBy(() -> DimensionType.SMALLINT.interval("32768")).hasMessage("'32768' is too large");
        assertThatThrownBy(() -> DimensionType.DATE.interval("36h")).hasMessage("'36h' is no number of whole days");
        assertThatThrownBy(() -> DimensionType.TIMESTAMP.interval("-1d")).hasMessage("'-1d' is not a length of time");
        assertThat(DimensionType.TIMESTAMP.point("1970-01-02")).isEqualTo(24 * HOUR);
        assertThat(DimensionType.TIMESTAMP.point("1970-01-01 01:00:00.5+02:00")).isEqualTo(-HOUR + 500_000);
        assertThat(DimensionType.TIMESTAMP.point("1970-01-01T01:00Z")).isEqualTo(HOUR);
        assertThat(DimensionType.BIGINT.point("-5")).isEqualTo(-5);
        assertThatThrownBy(() -> DimensionType.TIMESTAMP.point("yesterday")).hasMessage("'yesterday' is not a time");
    }

    @Test
    void values_of_rows_are_read_as_copy_writes_them() {
        assertThat(DimensionType.TIMESTAMP.value("1970-01-01 00:00:01.5+00")).isEqualTo(1_500_000);
        assertThat(DimensionType.TIMESTAMP.value("1969-12-31 23:59:59.999999")).isEqualTo(-1);
        assertThat(DimensionType.DATE.value("1970-01-02")).isEqualTo(24 * HOUR);
        assertThat(DimensionType.TIMESTAMP.value("0001-01-01 00:00:00 BC"))
                .isEqualTo(DimensionType.TIMESTAMP.value("0001-01-01 00:00:00") - 366 * 24 * HOUR);
        assertThat(DimensionType.TIMESTAMP.value("294276-12-31 23:59:59.999999+00"))
                .isPositive();
        assertThat(DimensionType.TIMESTAMP.value("-infinity")).isEqualTo(Long.MIN_VALUE);
        assertThatThrownBy(() -> DimensionType.TIMESTAMP.value("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void rows_are_cut_out_whole_wherever_the_buffer_ends() {
        String csv = "note,n\nx,1\n\"a \"\"quoted\"\",\n2\",2\n,3\n\"\",4\nlast,5\n";
        byte[] bytes = csv.getBytes(StandardCharsets.UTF_8);
        for (int size = 1; size <= bytes.length; size++) {
            List<String> kept = new ArrayList<>();
            CutRows rows = new CutRows(new Cut(1, DimensionType.BIGINT, 2, 5));
            for (int from = 0; from < bytes.length; from += size) {
                byte[] piece = java.util.Arrays.copyOfRange(bytes, from, Math.min(from + size, bytes.length));
                rows.add(piece, piece.length, new CutRows.Kept<RuntimeException>() {
                    @Override
                    public void header(byte[] header, int offset, int length) {
                        kept.add("header " + new String(header, offset, length, StandardCharsets.UTF_8));
                    }

                    @Override
                    public void row(byte[] row, int offset, int length) {
                        kept.add(new String(row, offset, length, StandardCharsets.UTF_8));
                    }
                });
            }
            assertThat(kept)
                    .as("pieces of %d", size)
                    .containsExactly("header note,n\n", "\"a \"\"quoted\"\",\n2\",2\n", ",3\n", "\"\",4\n");
        }
    }

    @Test
    void new_chunks_cover_what_the_old_ones_covered() {
        TableName table = new TableName("a", "t");
        Dimension time = new Dimension("t", "bigint", Kind.RANGE, 10L, null, null, null);
        Hypertable source = new Hypertable(
                List.of(time),
                "_timescaledb_internal",
                "_hyper_1",
                List.of(chunk("-10", -10, 0), chunk("0", 0, 10), chunk("30", 30, 40), chunk(null, 50, 60)),
                null,
                null,
                null);

        assertThat(ranges(ChunkGrid.of(table, source, List.of(withInterval(time, 25)))))
                .containsExactly("[t -25 0]", "[t 0 25]", "[t 25 50]");
        assertThat(ranges(ChunkGrid.of(
                        table, source, List.of(time, new Dimension("h", "text", Kind.HASH, null, 2, null, null)))))
                .startsWith(
                        "[t -10 0, h " + Long.MIN_VALUE + " 1073741823]",
                        "[t -10 0, h 1073741823 " + Long.MAX_VALUE + "]")
                .hasSize(6);
        assertThat(ChunkGrid.of(
                        table, source, List.of(new Dimension("u", "bigint", Kind.RANGE, 10L, null, null, null))))
                .isEmpty();
    }

    private static Dimension withInterval(Dimension old, long interval) {
        return new Dimension(old.column(), old.columnType(), old.kind(), interval, null, null, null);
    }

    private static ChunkEntry chunk(@org.jspecify.annotations.Nullable String seed, long start, long end) {
        return new ChunkEntry(
                new TableName("c", "c" + start),
                List.of(new Slice("t", start, end)),
                seed == null ? List.of() : List.of(seed),
                null);
    }

    private static List<String> ranges(List<ChunkEntry> chunks) {
        return chunks.stream()
                .map(chunk -> chunk.slices().stream()
                        .map(slice -> slice.column() + " " + slice.start() + " " + slice.end())
                        .toList()
                        .toString())
                .toList();
    }

    @Test
    void the_columns_of_a_key_are_those_that_it_names() {
        assertThat(KeyColumns.of("PRIMARY KEY (id, \"Time, of\") INCLUDE (v)")).isEqualTo(Set.of("id", "Time, of"));
        assertThat(KeyColumns.of("UNIQUE NULLS NOT DISTINCT (a)")).isEqualTo(Set.of("a"));
        assertThat(KeyColumns.of("CREATE UNIQUE INDEX i ON a.t USING btree (a DESC NULLS LAST, lower(b), ((c + d)))"))
                .isEqualTo(Set.of("a"));
        assertThat(KeyColumns.of("EXCLUDE USING gist (room WITH =, during WITH &&)"))
                .isEqualTo(Set.of("room", "during"));
    }
}
