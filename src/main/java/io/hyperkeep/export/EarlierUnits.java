package io.hyperkeep.export;

import io.hyperkeep.manifest.Relation;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.plan.Part;
import io.hyperkeep.plan.Unit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Units that earlier attempts of the run, and sealed backups, have files of. Thread-safe: it never changes. */
public final class EarlierUnits {
    /** None at all. */
    public static final EarlierUnits NONE = new EarlierUnits(List.of(), List.of());

    private final Map<Place, List<UnitResult>> byPlace = new HashMap<>();
    private final Map<TableName, UnitResult> anyOfTable = new HashMap<>();
    private final Set<Long> oids = new HashSet<>();
    private final Set<String> sealedFiles = new HashSet<>();

    /** Where a unit's rows are: relations and blocks, in their order. */
    private record Place(TableName table, List<Blocks> blocks) {}

    private record Blocks(long oid, long first, @Nullable Long end) {}

    /**
     * @param attempts what earlier attempts of the run finished, the newest attempt's first
     * @param sealed what sealed backups hold, the newest backup's first
     */
    public EarlierUnits(List<UnitResult> attempts, List<UnitResult> sealed) {
        attempts.forEach(this::add);
        sealed.forEach(this::add);
        sealed.stream().map(UnitResult::entry).forEach(entry -> {
            if (entry != null) {
                sealedFiles.add(entry.file());
            }
        });
    }

    private void add(UnitResult result) {
        UnitEntry entry = result.entry();
        if (entry != null) {
            byPlace.computeIfAbsent(place(result.table(), entry), place -> new ArrayList<>())
                    .add(result);
            anyOfTable.putIfAbsent(result.table(), result);
            entry.relations().forEach(relation -> oids.add(relation.oid()));
        }
    }

    /** Those of the same relations and blocks, the newest first. */
    List<UnitResult> of(Unit unit) {
        return byPlace.getOrDefault(
                new Place(
                        unit.table(),
                        unit.parts().stream()
                                .map(part -> new Blocks(part.oid(), part.firstBlock(), part.endBlock()))
                                .toList()),
                List.of());
    }

    /** One of the same table, whichever its place is. */
    Optional<UnitResult> anyOf(TableName table) {
        return Optional.ofNullable(anyOfTable.get(table));
    }

    /** Whether any relation of the unit was in another one. */
    boolean knowsPartOf(Unit unit) {
        return unit.parts().stream().map(Part::oid).anyMatch(oids::contains);
    }

    /** Whether a sealed backup, which was read back once, has this file; path as in the manifest. */
    boolean isSealed(String file) {
        return sealedFiles.contains(file);
    }

    private static Place place(TableName table, UnitEntry entry) {
        return new Place(
                table, entry.relations().stream().map(EarlierUnits::blocks).toList());
    }

    private static Blocks blocks(Relation relation) {
        return new Blocks(relation.oid(), relation.firstBlock(), relation.endBlock());
    }
}
