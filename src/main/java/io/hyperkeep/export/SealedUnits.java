package io.hyperkeep.export;

import io.hyperkeep.export.UnitResult.Seed;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Relation;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.Repository;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Reads from sealed backups which files hold what. Needs nothing but the repository. */
public final class SealedUnits {
    // a backup of a few tables hides none of the others; but nobody wants to read a year of manifests for a new table
    private static final int MOST_BACKUPS = 8;

    private final Repository repository;
    private final Consumer<String> notices;

    /** @param notices told which backup can not be read; its units are then not reused */
    public SealedUnits(Repository repository, Consumer<String> notices) {
        this.repository = repository;
        this.notices = notices;
    }

    /**
     * Units of the newest backup of each table, the newest backup's first.
     *
     * @param databaseFolder the database's folder in the repository
     * @param tables those of interest
     */
    public List<UnitResult> newest(String databaseFolder, Set<TableName> tables) {
        Path folder = repository.root().resolve(databaseFolder).toAbsolutePath().normalize();
        List<BackupFolder> backups = new ArrayList<>(repository.backups());
        backups.removeIf(backup -> !backup.databaseFolder().equals(folder));
        List<UnitResult> units = new ArrayList<>();
        Set<TableName> wanted = new HashSet<>(tables);
        int oldest = Math.max(0, backups.size() - MOST_BACKUPS);
        for (int i = backups.size() - 1; i >= oldest && !wanted.isEmpty(); i--) {
            try {
                Manifest manifest = backups.get(i).manifest();
                if (manifest.dump() != null) {
                    // a whole database's archive has no units
                    continue;
                }
                manifest.tables().stream()
                        .filter(table -> wanted.remove(table.name()))
                        .forEach(table -> units.addAll(units(manifest, table)));
            } catch (BackupException e) {
                // it may be damaged, or go while we look: tonight's backup does not need it
                notices.accept("backup " + backups.get(i).id() + " is not reused: " + e.getMessage());
            }
        }
        return units;
    }

    private static List<UnitResult> units(Manifest manifest, TableEntry table) {
        Map<TableName, List<String>> seeds = new HashMap<>();
        Hypertable hypertable = table.hypertable();
        if (hypertable != null) {
            hypertable.chunks().forEach(chunk -> seeds.put(chunk.chunk(), chunk.seed()));
        }
        Origin origin = Origin.of(manifest.source(), manifest.snapshot());
        return table.units().stream()
                .map(unit ->
                        new UnitResult(table.name(), unit, seeds(unit, seeds), manifest.consistent(), origin, null))
                .toList();
    }

    private static List<Seed> seeds(UnitEntry unit, Map<TableName, List<String>> seeds) {
        return unit.relations().stream()
                .map(Relation::name)
                .filter(chunk -> !seeds.getOrDefault(chunk, List.of()).isEmpty())
                .map(chunk -> new Seed(chunk, seeds.get(chunk)))
                .toList();
    }
}
