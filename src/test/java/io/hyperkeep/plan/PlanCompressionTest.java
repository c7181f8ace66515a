package io.hyperkeep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.ChunkStorage;
import io.hyperkeep.manifest.Columnstore;
import io.hyperkeep.manifest.Columnstore.OrderBy;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Relation;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.plan.PlanCompression.Planned;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlanCompressionTest {
    private static final Columnstore OWN =
            new Columnstore(List.of("device"), List.of(new OrderBy("at", true, true)), null, 30L);
    private static final Columnstore OLD =
            new Columnstore(List.of(), List.of(new OrderBy("at", false, false)), null, null);
    private static final ChunkStorage AS_OWN = new ChunkStorage(true, false, false, null);
    private static final ChunkStorage AS_OLD = new ChunkStorage(true, true, false, OLD);
    private static final ChunkStorage FROZEN = new ChunkStorage(true, false, true, null);

    @Test
    void a_chunk_of_the_same_bounds_is_stored_as_it_was() {
        TableEntry table = table(
                source(0, 10, AS_OWN, 5),
                source(10, 20, AS_OLD, 5),
                source(20, 30, FROZEN, 5),
                source(30, 40, null, 5));
        assertThat(plan(table, 0, 10, 10, 20, 20, 30, 30, 40, 40, 50))
                .containsExactly(
                        "compressed device frozen=false",
                        "compressed  frozen=false",
                        "compressed device frozen=true",
                        "open frozen=false",
                        "open frozen=false");
    }

    @Test
    void an_empty_chunk_is_stored_as_it_was_too() {
        assertThat(plan(table(source(0, 10, AS_OWN, 0)), 0, 10)).containsExactly("compressed device frozen=false");
    }

    @Test
    void other_bounds_are_compressed_when_all_their_rows_were() {
        TableEntry table = table(
                source(0, 10, AS_OLD, 5),
                source(10, 20, AS_OLD, 5),
                source(20, 30, AS_OWN, 5),
                source(30, 40, null, 5));
        assertThat(plan(table, 0, 20, 20, 25, 25, 40, 40, 60))
                .containsExactly(
                        "compressed  frozen=false",
                        "compressed device frozen=false",
                        // some of it was open for writing
                        "open frozen=false",
                        "open frozen=false");
        // of several settings none is more right than the hypertable's
        assertThat(plan(table, 5, 25)).containsExactly("compressed device frozen=false");
    }

    @Test
    void a_chunk_without_rows_does_not_keep_another_one_open() {
        TableEntry table = table(source(0, 10, AS_OWN, 5), source(10, 20, null, 0));
        assertThat(plan(table, 0, 20)).containsExactly("compressed device frozen=false");
    }

    @Test
    void a_dimension_that_only_one_side_has_tells_nothing() {
        TableEntry table = table(source(0, 10, AS_OWN, 5), source(10, 20, null, 5));
        List<Slice> byHash = List.of(new Slice("at", 0, 5), new Slice("device", Long.MIN_VALUE, 7));
        List<Slice> other = List.of(new Slice("received", 0, 5));
        assertThat(PlanCompression.run(table, List.of(chunk(byHash), chunk(other))).stream()
                        .map(PlanCompressionTest::text))
                .containsExactly("compressed device frozen=false", "open frozen=false");
    }

    private static List<String> plan(TableEntry table, long... bounds) {
        List<DiscoveredChunk> chunks = new ArrayList<>();
        for (int i = 0; i < bounds.length; i += 2) {
            chunks.add(chunk(List.of(new Slice("at", bounds[i], bounds[i + 1]))));
        }
        return PlanCompression.run(table, chunks).stream()
                .map(PlanCompressionTest::text)
                .toList();
    }

    private static String text(Planned planned) {
        return (planned.compressed()
                        ? "compressed " + String.join(", ", planned.settings().segmentBy())
                        : "open") + " frozen=" + planned.frozen();
    }

    private static DiscoveredChunk chunk(List<Slice> slices) {
        return new DiscoveredChunk(new TableName("internal", "target"), 1, 1, null, null, 1, slices, null);
    }

    private record Source(ChunkEntry chunk, Relation relation) {}

    private static Source source(long start, long end, @Nullable ChunkStorage storage, long rows) {
        TableName name = new TableName("internal", "source_" + start);
        return new Source(
                new ChunkEntry(name, List.of(new Slice("at", start, end)), List.of(), storage),
                new Relation(name, 1, null, 0, null, rows, 1L));
    }

    private static TableEntry table(Source... sources) {
        UnitEntry unit = new UnitEntry(
                "u1",
                "f",
                Stream.of(sources).map(Source::relation).toList(),
                0,
                0,
                0,
                "",
                RowDigest.NONE,
                0,
                false,
                null);
        return new TableEntry(
                new TableName("app", "metrics"),
                TableEntry.Kind.HYPERTABLE,
                "olga",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                new Hypertable(
                        List.of(),
                        "internal",
                        "p",
                        Stream.of(sources).map(Source::chunk).toList(),
                        OWN,
                        List.of(),
                        List.of()),
                List.of(unit),
                0,
                RowDigest.NONE);
    }
}
