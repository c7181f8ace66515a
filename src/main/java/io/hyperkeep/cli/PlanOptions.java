package io.hyperkeep.cli;

import io.hyperkeep.config.PlanKey;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say how to back up. All are texts here: io.hyperkeep.config reads them, whichever place they come from. */
final class PlanOptions {
    @Option(names = "--database", paramLabel = "URI", description = "Source: a libpq URI or a configured name.")
    @Nullable
    String database;

    @Option(
            names = "--repository",
            paramLabel = "DIR",
            description = "Where backups are kept: a folder or a configured name.")
    @Nullable
    String repository;

    @Option(
            names = "--kind",
            paramLabel = "tables|database|cluster",
            description = "Rows of tables as CSV, the whole database as pg_dump's archive, or every database of the"
                    + " server with roles and tablespaces; default: tables.")
    @Nullable
    String kind;

    @Option(
            names = "--dump-format",
            paramLabel = "directory|custom",
            description = "Archive of a whole database: a file for each table, or one file, which one session writes;"
                    + " default: directory.")
    @Nullable
    String dumpFormat;

    @Mixin
    DatabaseOptions databases = new DatabaseOptions();

    @Option(
            names = "--cluster-kind",
            paramLabel = "database|tables",
            description = "Kind of the backup of each database of a cluster; default: database.")
    @Nullable
    String clusterKind;

    @Option(
            names = "--role-passwords",
            paramLabel = "true|false",
            description = "Whether a backup of a cluster keeps the roles' passwords; default: true.")
    @Nullable
    String rolePasswords;

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--lock",
            paramLabel = "strict|light",
            description = "Lock every table until the end, or each unit while it is read; default: strict.")
    @Nullable
    String lock;

    @Option(
            names = "--lock-timeout",
            paramLabel = "DURATION",
            description = "How long to wait for a lock before failing, such as 500ms or 5m; default: 60s.")
    @Nullable
    String lockTimeout;

    @Option(
            names = "--compression",
            paramLabel = "zstd|gzip|none",
            description = "Compression of the data files; default: zstd.")
    @Nullable
    String compression;

    @Option(
            names = "--compression-level",
            paramLabel = "N",
            description = "1 to 19 for zstd (default 1), 1 to 9 for gzip (default 6).")
    @Nullable
    String compressionLevel;

    @Option(
            names = "--unit-size",
            paramLabel = "SIZE",
            description = "Chunks and tables smaller than this share a file; default: 16MiB.")
    @Nullable
    String unitSize;

    @Option(
            names = "--slice-size",
            paramLabel = "SIZE",
            description = "Plain tables larger than this are cut; default: 256MiB.")
    @Nullable
    String sliceSize;

    @Option(names = "--full", description = "Export everything: reuse nothing of earlier backups.")
    boolean full;

    @Option(names = "--verify-reused", description = "Read the files of reused units against their checksums.")
    boolean verifyReused;

    /** What was given. */
    PlanLayer layer() {
        return PlanLayer.flags(layer -> {
            selection.into(layer);
            one(layer, PlanKey.DATABASE, database);
            one(layer, PlanKey.REPOSITORY, repository);
            one(layer, PlanKey.KIND, kind);
            one(layer, PlanKey.DUMP_FORMAT, dumpFormat);
            databases.into(layer);
            one(layer, PlanKey.CLUSTER_KIND, clusterKind);
            one(layer, PlanKey.ROLE_PASSWORDS, rolePasswords);
            one(layer, PlanKey.LOCK, lock);
            one(layer, PlanKey.LOCK_TIMEOUT, lockTimeout);
            one(layer, PlanKey.COMPRESSION, compression);
            one(layer, PlanKey.COMPRESSION_LEVEL, compressionLevel);
            one(layer, PlanKey.UNIT_SIZE, unitSize);
            one(layer, PlanKey.SLICE_SIZE, sliceSize);
            one(layer, PlanKey.FULL, full ? "true" : null);
            one(layer, PlanKey.VERIFY_REUSED, verifyReused ? "true" : null);
        });
    }

    /**
     * Refuses what can not stand beside a plan.
     *
     * @throws BackupException when the plan's name is a URI, or a database or repository is given too
     */
    void refuseBeside(String plan) {
        if (plan.indexOf("://") >= 0) {
            throw new BackupException(
                    Problem.USAGE, "a plan's name is expected here, not a URI", "give the URI with --database.");
        }
        if (database != null || repository != null) {
            throw new BackupException(
                    Problem.USAGE,
                    "plan '" + plan + "' has its own database and repository",
                    "give either a plan, or --database and --repository.");
        }
    }

    static void one(BiConsumer<PlanKey, @Nullable List<String>> layer, PlanKey key, @Nullable String text) {
        layer.accept(key, text == null ? null : List.of(text));
    }
}
