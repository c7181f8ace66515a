package io.hyperkeep.plan;

import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.TableEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Cuts tables into units: one a chunk, small chunks grouped by their ranges, big plain tables cut by ranges of blocks.
 *
 * <p>A pure function of the inventory, so that the same database is cut the same way every night; and one that changes
 * little when the database does, because only a unit of the same relations and blocks can be reused.
 */
public final class PlanUnits {
    // a unit's COPY takes locks on every chunk that it touches when it is restored
    private static final int MOST_CHUNKS = 200;

    private final long unitBytes;
    private final long sliceBytes;

    /**
     * @param unitBytes chunks smaller than half of this are grouped up to it
     * @param sliceBytes plain tables larger than this are cut into slices of about it
     */
    public PlanUnits(long unitBytes, long sliceBytes) {
        this.unitBytes = unitBytes;
        this.sliceBytes = sliceBytes;
    }

    /** Units of all tables, biggest first, with ids in that order. */
    public List<Unit> plan(List<DiscoveredTable> tables) {
        List<Unit> units = new ArrayList<>();
        for (DiscoveredTable table : tables) {
            if (table.isHypertable()) {
                units.addAll(chunks(table));
            } else if (table.structure().kind() == TableEntry.Kind.PLAIN) {
                units.addAll(plain(table));
            }
        }
        // the biggest first, so that no big one is left over for a single worker at the end
        units.sort(Comparator.comparingLong(Unit::bytes).reversed());
        return IntStream.range(0, units.size())
                .mapToObj(i -> withId(units.get(i), "u%06d".formatted(i + 1)))
                .toList();
    }

    private List<Unit> chunks(DiscoveredTable table) {
        List<List<DiscoveredChunk>> groups = new ArrayList<>();
        List<DiscoveredChunk> small = new ArrayList<>();
        for (DiscoveredChunk chunk : table.chunks()) {
            if (chunk.bytes() >= unitBytes / 2) {
                groups.add(List.of(chunk));
            } else {
                small.add(chunk);
            }
        }
        groups.addAll(new GroupChunks(unitBytes, MOST_CHUNKS).of(small));
        return groups.stream()
                .map(group -> unit(
                        table,
                        group.stream().map(PlanUnits::part).toList(),
                        group.stream().mapToLong(DiscoveredChunk::bytes).sum()))
                .toList();
    }

    private static Part part(DiscoveredChunk chunk) {
        return new Part(
                chunk.name(), chunk.oid(), chunk.filenode(), true, chunk.companion(), chunk.companionOid(), 0, null);
    }

    private List<Unit> plain(DiscoveredTable table) {
        long sliceBlocks = sliceBlocks(table);
        long slices = Math.max(1, table.blocks() / sliceBlocks);
        List<Unit> units = new ArrayList<>();
        for (long i = 0; i < slices; i++) {
            Long end = i == slices - 1 ? null : Long.valueOf(sliceBlocks * (i + 1));
            Part part = new Part(table.name(), table.oid(), table.filenode(), false, null, null, sliceBlocks * i, end);
            units.add(unit(table, List.of(part), table.bytes() / slices));
        }
        return units;
    }

    /** A power of two, so that a table that grows has new slices at its end and keeps the others. */
    private long sliceBlocks(DiscoveredTable table) {
        if (table.bytes() / sliceBytes < 2) {
            return Math.max(1, table.blocks());
        }
        // bytes count TOAST too, and rows are cut by blocks: a table of few blocks with large values is cut finely
        double blocks = (double) table.blocks() / table.bytes() * sliceBytes;
        return Math.max(1, Long.highestOneBit((long) blocks));
    }

    private static Unit unit(DiscoveredTable table, List<Part> parts, long bytes) {
        List<Column> columns = table.structure().exportedColumns();
        List<String> names = columns.stream().map(Column::name).toList();
        Hypertable hypertable = table.structure().hypertable();
        List<Integer> dimensions = hypertable == null
                ? List.of()
                : hypertable.dimensions().stream()
                        .map(Dimension::column)
                        .map(names::indexOf)
                        .toList();
        return new Unit("", table.name(), columns, dimensions, parts, bytes);
    }

    private static Unit withId(Unit unit, String id) {
        return new Unit(id, unit.table(), unit.columns(), unit.dimensionColumns(), unit.parts(), unit.bytes());
    }
}
