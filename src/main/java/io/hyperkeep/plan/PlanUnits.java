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
 * Cuts tables into units: one a chunk, small chunks grouped in the order of their creation, big plain tables cut by
 * ranges of blocks. A pure function of the inventory, so that the same database is cut the same way every night.
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
            if (table.structure().kind() == TableEntry.Kind.HYPERTABLE) {
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
        List<Unit> units = new ArrayList<>();
        List<Part> group = new ArrayList<>();
        long groupBytes = 0;
        for (DiscoveredChunk chunk : table.chunks()) {
            Part part = new Part(
                    chunk.name(),
                    chunk.oid(),
                    chunk.filenode(),
                    true,
                    chunk.companion(),
                    chunk.companionOid(),
                    0,
                    null);
            if (chunk.bytes() >= unitBytes / 2) {
                units.add(unit(table, List.of(part), chunk.bytes()));
                continue;
            }
            group.add(part);
            groupBytes += chunk.bytes();
            if (groupBytes >= unitBytes || group.size() == MOST_CHUNKS) {
                units.add(unit(table, group, groupBytes));
                group = new ArrayList<>();
                groupBytes = 0;
            }
        }
        if (!group.isEmpty()) {
            units.add(unit(table, group, groupBytes));
        }
        return units;
    }

    private List<Unit> plain(DiscoveredTable table) {
        // bytes count TOAST too, and rows are cut by blocks: a table of few blocks with large values is cut finely
        long slices = Math.max(1, Math.min(table.bytes() / sliceBytes, table.blocks()));
        List<Unit> units = new ArrayList<>();
        for (long i = 0; i < slices; i++) {
            Long end = i == slices - 1 ? null : Long.valueOf(table.blocks() * (i + 1) / slices);
            Part part = new Part(
                    table.name(), table.oid(), table.filenode(), false, null, null, table.blocks() * i / slices, end);
            units.add(unit(table, List.of(part), table.bytes() / slices));
        }
        return units;
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
