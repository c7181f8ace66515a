package io.hyperkeep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlanUnitsTest {
    private static final long MB = 1 << 20;

    private final PlanUnits plan = new PlanUnits(16 * MB, 256 * MB);

    @Test
    void a_large_chunk_is_a_unit_of_its_own_and_the_biggest_comes_first() {
        List<Unit> units = plan.plan(List.of(hypertable(20 * MB, 90 * MB, 50 * MB)));

        assertThat(units).extracting(Unit::bytes).containsExactly(90 * MB, 50 * MB, 20 * MB);
        assertThat(units).extracting(Unit::id).containsExactly("u000001", "u000002", "u000003");
        assertThat(units)
                .extracting(Unit::label)
                .containsExactly("_hyper_1_2_chunk", "_hyper_1_3_chunk", "_hyper_1_1_chunk");
    }

    @Test
    void small_chunks_are_grouped_up_to_the_size_of_a_unit() {
        List<Unit> units = plan.plan(List.of(hypertable(4 * MB, 4 * MB, 4 * MB, 4 * MB, 4 * MB)));

        assertThat(units).extracting(unit -> unit.parts().size()).containsExactly(4, 1);
        assertThat(units.get(0).label()).isEqualTo("_hyper_1_1_chunk+3");
    }

    @Test
    void a_large_chunk_between_small_ones_does_not_end_their_group() {
        List<Unit> units = plan.plan(List.of(hypertable(1 * MB, 100 * MB, 1 * MB)));

        assertThat(units).extracting(unit -> unit.parts().size()).containsExactly(1, 2);
    }

    @Test
    void a_group_never_has_more_chunks_than_one_transaction_should_lock() {
        List<Unit> units = plan.plan(List.of(hypertable(Stream.generate(() -> 8192L)
                .limit(5000)
                .mapToLong(Long::longValue)
                .toArray())));

        // borders are multiples of a power of two, and 128 is the largest below 200; the last group has what is left
        // over
        assertThat(units).extracting(unit -> unit.parts().size()).hasSize(39).allMatch(size -> size <= 200);
    }

    @Test
    void a_new_chunk_and_a_dropped_one_leave_the_other_groups_as_they_were() {
        long[] sizes = new long[365];
        Arrays.fill(sizes, 3 * MB);
        DiscoveredTable today = hypertable(sizes);
        DiscoveredTable tomorrow = withChunks(today, today.chunks().subList(1, 365));
        DiscoveredTable yesterday = withChunks(today, today.chunks().subList(0, 364));

        assertThat(groups(today)).hasSizeBetween(70, 110);
        // the first group lost a chunk; the last one gained one
        assertThat(groups(tomorrow))
                .filteredOn(group -> !groups(today).contains(group))
                .hasSizeLessThanOrEqualTo(1);
        assertThat(groups(today))
                .filteredOn(group -> !groups(yesterday).contains(group))
                .hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void chunks_that_begin_before_zero_are_grouped_too() {
        DiscoveredTable table = hypertable(3 * MB, 3 * MB, 3 * MB, 3 * MB, 3 * MB, 3 * MB, 3 * MB, 3 * MB, 3 * MB);
        List<DiscoveredChunk> shifted = table.chunks().stream()
                .map(chunk -> new DiscoveredChunk(
                        chunk.name(),
                        chunk.oid(),
                        chunk.filenode(),
                        null,
                        null,
                        chunk.bytes(),
                        List.of(new Slice("time", chunk.slices().get(0).start() - 4, 9)),
                        null))
                .toList();

        assertThat(groups(withChunks(table, shifted)))
                .containsExactlyInAnyOrder(
                        List.of(1000L, 1001L, 1002L, 1003L), List.of(1004L, 1005L, 1006L, 1007L, 1008L));
    }

    @Test
    void chunks_of_one_range_fill_groups_in_the_order_of_their_creation() {
        DiscoveredTable table = hypertable(7 * MB, 7 * MB, 7 * MB, 7 * MB, 7 * MB);
        List<DiscoveredChunk> together = table.chunks().stream()
                .map(chunk -> new DiscoveredChunk(
                        chunk.name(), chunk.oid(), chunk.filenode(), null, null, chunk.bytes(), List.of(), null))
                .toList();

        assertThat(groups(withChunks(table, together)))
                .containsExactlyInAnyOrder(List.of(1000L, 1001L), List.of(1002L, 1003L), List.of(1004L));
    }

    @Test
    void a_table_that_grows_keeps_its_slices_but_the_last() {
        List<Part> before = parts(plain(1000 * MB, 128_000));
        List<Part> after = parts(plain(1300 * MB, 166_400));

        assertThat(after).hasSize(5).containsAll(before.subList(0, before.size() - 1));
    }

    @Test
    void every_chunk_is_in_exactly_one_unit() {
        DiscoveredTable table = hypertable(1 * MB, 30 * MB, 7 * MB, 8 * MB, 9 * MB, 3 * MB, 16 * MB, 2 * MB);

        assertThat(plan.plan(List.of(table)).stream()
                        .flatMap(unit -> unit.parts().stream())
                        .map(Part::oid))
                .containsExactlyInAnyOrderElementsOf(
                        table.chunks().stream().map(DiscoveredChunk::oid).toList());
    }

    @Test
    void slices_of_a_big_table_cover_every_block_once_and_the_last_has_no_end() {
        List<Part> slices = plan.plan(List.of(plain(1000 * MB, 128_000))).stream()
                .map(unit -> unit.parts().get(0))
                .sorted(Comparator.comparing(Part::firstBlock))
                .toList();

        assertThat(slices).hasSize(3);
        assertThat(slices.get(0).firstBlock()).isZero();
        for (int i = 1; i < slices.size(); i++) {
            assertThat(slices.get(i).firstBlock()).isEqualTo(slices.get(i - 1).endBlock());
        }
        assertThat(slices.get(2).endBlock()).isNull();
    }

    @Test
    void a_small_plain_table_is_one_whole_unit() {
        Unit unit = plan.plan(List.of(plain(8192, 1))).get(0);

        assertThat(unit.parts().get(0).isSlice()).isFalse();
        assertThat(unit.label()).isEqualTo("customers");
    }

    @Test
    void an_empty_table_is_read_too_because_it_may_not_be_empty_in_the_snapshot() {
        assertThat(plan.plan(List.of(plain(0, 0)))).hasSize(1);
    }

    @Test
    void a_partitioned_table_holds_no_rows_itself() {
        DiscoveredTable table = plain(0, 0);
        TableEntry structure = table.structure();
        DiscoveredTable partitioned = new DiscoveredTable(
                new TableEntry(
                        structure.name(),
                        TableEntry.Kind.PARTITIONED,
                        "o",
                        structure.columns(),
                        List.of(),
                        List.of(),
                        List.of(),
                        null,
                        List.of(),
                        0,
                        RowDigest.NONE),
                structure.name(),
                1,
                0,
                0,
                0,
                List.of());

        assertThat(plan.plan(List.of(partitioned))).isEmpty();
    }

    @Test
    void dimensions_are_found_among_the_exported_columns() {
        Unit unit = plan.plan(List.of(hypertable(100 * MB))).get(0);

        // the generated column before them is in no file
        assertThat(unit.columns()).extracting(Column::name).containsExactly("host", "time");
        assertThat(unit.dimensionColumns()).containsExactly(1, 0);
    }

    private List<List<Long>> groups(DiscoveredTable table) {
        return plan.plan(List.of(table)).stream()
                .map(unit -> unit.parts().stream().map(Part::oid).toList())
                .toList();
    }

    private List<Part> parts(DiscoveredTable table) {
        return plan.plan(List.of(table)).stream()
                .map(unit -> unit.parts().get(0))
                .sorted(Comparator.comparing(Part::firstBlock))
                .toList();
    }

    private static DiscoveredTable withChunks(DiscoveredTable table, List<DiscoveredChunk> chunks) {
        return new DiscoveredTable(
                table.structure(),
                table.relation(),
                table.oid(),
                table.filenode(),
                table.bytes(),
                table.blocks(),
                chunks);
    }

    private static DiscoveredTable hypertable(long... chunkBytes) {
        List<DiscoveredChunk> chunks = new ArrayList<>();
        for (int i = 0; i < chunkBytes.length; i++) {
            chunks.add(new DiscoveredChunk(
                    new TableName("_timescaledb_internal", "_hyper_1_" + (i + 1) + "_chunk"),
                    1000 + i,
                    1000 + i,
                    null,
                    null,
                    chunkBytes[i],
                    List.of(new Slice("time", i, i + 1)),
                    null));
        }
        Hypertable settings = new Hypertable(
                List.of(
                        new Dimension("time", "bigint", Dimension.Kind.RANGE, 1L, null, null, null),
                        new Dimension("host", "text", Dimension.Kind.HASH, null, 4, null, null)),
                "_timescaledb_internal",
                "_hyper_1",
                List.of(),
                null,
                List.of(),
                List.of());
        TableEntry metrics = entry("metrics", TableEntry.Kind.HYPERTABLE, settings);
        return new DiscoveredTable(metrics, metrics.name(), 1, 1, 0, 0, chunks);
    }

    private static DiscoveredTable plain(long bytes, long blocks) {
        TableEntry customers = entry("customers", TableEntry.Kind.PLAIN, null);
        return new DiscoveredTable(customers, customers.name(), 2, 2, bytes, blocks, List.of());
    }

    private static TableEntry entry(String name, TableEntry.Kind kind, @Nullable Hypertable hypertable) {
        return new TableEntry(
                new TableName("app", name),
                kind,
                "owner",
                List.of(
                        new Column("twice", "integer", false, "2", null, "s", null),
                        new Column("host", "text", false, null, null, null, null),
                        new Column("time", "bigint", true, null, null, null, null)),
                List.of(),
                List.of(),
                List.of(),
                hypertable,
                List.of(),
                0,
                RowDigest.NONE);
    }
}
