package io.hyperkeep.verify;

import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.ChunkProperty;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.PlanChunkProperties;
import io.hyperkeep.plan.PlanChunkProperties.Difference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compares what single chunks have and their hypertable lacks, or lack and it has. What differs alike in many chunks of a
 * hypertable is one finding. Pure functions.
 */
public final class CompareChunkProperties {
    private CompareChunkProperties() {}

    private record Kind(
            String kind,
            String name,
            @Nullable String wanted,
            @Nullable String now) {}

    /**
     * Compares chunks of the same bounds.
     *
     * @param tables as they have to be
     * @param found the database as it is now
     * @param carried whether to look at what a restore carries, or at everything else
     */
    public static List<Finding> run(List<TableEntry> tables, Inventory found, boolean carried) {
        Map<TableName, DiscoveredTable> there = PlanChunkProperties.byName(found.tables());
        List<Finding> findings = new ArrayList<>();
        for (TableEntry table : tables) {
            DiscoveredTable now = there.get(table.name());
            if (now != null) {
                Map<Kind, List<Difference>> kinds = new LinkedHashMap<>();
                PlanChunkProperties.differences(table, now, found.tablespaces()).stream()
                        .filter(difference -> ChunkProperty.isCarried(difference.kind()) == carried)
                        .forEach(difference -> kinds.computeIfAbsent(
                                        new Kind(
                                                difference.kind(),
                                                difference.name(),
                                                value(difference.wanted()),
                                                value(difference.now())),
                                        kind -> new ArrayList<>())
                                .add(difference));
                kinds.forEach((kind, differences) -> findings.add(finding(table, kind, differences)));
            }
        }
        return findings;
    }

    /** What a chunk has where it is not what its hypertable has. */
    private static String value(@Nullable ChunkProperty property) {
        if (property == null) {
            return "as its hypertable";
        }
        String value = property.value();
        return value == null ? "none" : value.isEmpty() ? "one of its own" : value;
    }

    private static Finding finding(TableEntry table, Kind kind, List<Difference> differences) {
        String range = new RangeText(Objects.requireNonNull(table.hypertable()))
                .of(differences.get(0).chunk().slices());
        String on = "table " + table.name()
                + (differences.size() == 1
                        ? ", chunk of " + range
                        : ", " + differences.size() + " chunks, the first of " + range);
        return new Finding(
                on,
                "its " + kind.kind() + (kind.name().isEmpty() ? "" : " " + kind.name()) + " is " + kind.now() + ", not "
                        + kind.wanted(),
                kind.wanted(),
                kind.now());
    }
}
