package io.hyperkeep.verify;

import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.Columnstore;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.PlanCompression;
import io.hyperkeep.plan.PlanCompression.Planned;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares how hypertables store their chunks: columnstore settings, compressed and frozen chunks, attached tablespaces,
 * chunk skipping.
 *
 * <p>What the server can not have is no difference here: whoever restores or compares tells that beforehand.
 */
final class CompareStorage implements Comparer {
    @Override
    public List<Finding> compare(Expected expected, Inventory found) {
        Map<TableName, DiscoveredTable> there =
                found.tables().stream().collect(Collectors.toMap(DiscoveredTable::name, Function.identity()));
        List<Finding> findings = new ArrayList<>();
        for (TableEntry table : expected.tables()) {
            DiscoveredTable now = there.get(table.name());
            // a table that is missing, or of another kind, is another comparer's finding
            if (table.hypertable() != null && now != null && now.structure().hypertable() != null) {
                new OneHypertable(findings, table, now, found).compare(expected.compressed());
            }
        }
        return findings;
    }

    private static final class OneHypertable {
        private final List<Finding> findings;
        private final TableEntry table;
        private final DiscoveredTable found;
        private final Inventory inventory;
        private final String on;

        OneHypertable(List<Finding> findings, TableEntry table, DiscoveredTable found, Inventory inventory) {
            this.findings = findings;
            this.table = table;
            this.found = found;
            this.inventory = inventory;
            this.on = "table " + table.name();
        }

        void compare(boolean compressed) {
            Hypertable expected = Objects.requireNonNull(table.hypertable());
            Hypertable now = Objects.requireNonNull(found.structure().hypertable());
            list(
                    "attached tablespaces",
                    expected.tablespaces().stream()
                            .filter(inventory.tablespaces()::contains)
                            .toList(),
                    now.tablespaces());
            list("columns with chunk skipping", expected.chunkSkipping(), now.chunkSkipping());
            if (inventory.server().communityEdition()) {
                columnstore(expected.columnstore(), now.columnstore());
                if (inventory.server().directCompress()) {
                    Finding.ifDifferent(
                            findings,
                            on,
                            "direct compression",
                            expected.directCompress() ? "on" : null,
                            now.directCompress() ? "on" : null);
                }
                if (compressed) {
                    PlanCompression.run(table, found.chunks()).forEach(chunk -> chunk(chunk, now.columnstore()));
                }
            }
        }

        private void list(String property, List<String> expected, List<String> now) {
            Finding.ifDifferent(
                    findings, on, property, expected.isEmpty() ? null : expected, now.isEmpty() ? null : now);
        }

        private void columnstore(@Nullable Columnstore expected, @Nullable Columnstore now) {
            if (expected != null && now != null) {
                settings(on, expected, now);
                Finding.ifDifferent(
                        findings, on, "columnstore's chunk interval", expected.chunkInterval(), now.chunkInterval());
            } else {
                // how it is set is of no use in this message
                Finding.ifDifferent(
                        findings,
                        on,
                        "columnstore",
                        expected == null ? null : "an enabled one",
                        now == null ? null : "that is enabled");
            }
        }

        private void settings(String of, Columnstore expected, Columnstore now) {
            choice(of, "columnstore's segmentby", expected.segmentBy(), now.segmentBy());
            choice(of, "columnstore's orderby", expected.orderBy(), now.orderBy());
            if (inventory.server().sparseIndexes()) {
                choice(of, "columnstore's choice of sparse indexes", expected.sparseIndexes(), now.sparseIndexes());
            }
        }

        /** @param expected null when it was left to TimescaleDB, which only newer versions remember */
        private void choice(String of, String property, @Nullable List<?> expected, @Nullable List<?> now) {
            if (expected != null || inventory.server().sparseIndexes()) {
                Finding.ifDifferent(findings, of, property, text(expected), text(now));
            }
        }

        private static String text(@Nullable List<?> choice) {
            return choice == null ? "TimescaleDB's" : choice.toString();
        }

        /** Earlier backups have it as a choice of no columns that no column was chosen, which groups rows in the same way. */
        private static Columnstore likeEarlier(Columnstore expected, Columnstore now) {
            return List.of().equals(expected.segmentBy()) && now.segmentBy() == null && now.orderBy() != null
                    ? new Columnstore(List.of(), now.orderBy(), now.sparseIndexes(), now.chunkInterval())
                    : now;
        }

        private void chunk(Planned planned, @Nullable Columnstore hypertable) {
            DiscoveredChunk chunk = planned.chunk();
            String of = on + ", chunk " + chunk.name();
            if (planned.compressed() != chunk.isCompressed()) {
                findings.add(
                        new Finding(of, chunk.isCompressed() ? "is compressed, and was not" : "is not compressed"));
            } else if (chunk.isCompressed()) {
                Columnstore own = Objects.requireNonNull(chunk.storage()).settings();
                Columnstore expected = planned.settings();
                settings(of, expected, likeEarlier(expected, Objects.requireNonNullElse(own, hypertable)));
            }
            if (planned.frozen() != chunk.isFrozen()) {
                findings.add(new Finding(of, chunk.isFrozen() ? "is frozen, and was not" : "is not frozen"));
            }
        }
    }
}
