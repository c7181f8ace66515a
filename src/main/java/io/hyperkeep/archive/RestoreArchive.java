package io.hyperkeep.archive;

import io.hyperkeep.database.AutovacuumGivesWay;
import io.hyperkeep.database.CancelSessions;
import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.Connections;
import io.hyperkeep.manifest.DumpFormat;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs pg_restore over an archive, list by list in the order that is safe. The first error ends it: what pg_restore calls
 * "errors ignored" is a failed restore. Not thread-safe.
 */
public final class RestoreArchive {
    private static final Duration TIMEOUT = Duration.ofDays(30);

    /** Rows are in the text that {@link DumpDatabase} has pinned. */
    private static final List<String> READS_ROWS = List.of("lc_monetary=C", "IntervalStyle=postgres");

    /** What a crash of the server loses is restored anew, and the end of the restore is durable with all before it. */
    private static final String NO_WAITING = "synchronous_commit=off";

    /** Foreign keys are not looked at. */
    private static final String NO_KEYS = "session_replication_role=replica";

    /** For as many builds as sessions: processes that help each of them would only take turns. */
    private static final String NO_PARALLEL_BUILD = "max_parallel_maintenance_workers=0";

    private final ClientTool pgRestore;
    private final Connections target;
    private final String application;
    private final Archive archive;
    private final How how;

    /**
     * What is restored.
     *
     * @param backup the backup's folder
     * @param format of its archive
     */
    public record Archive(Path backup, DumpFormat format) {}

    /**
     * How it is restored.
     *
     * @param jobs number of sessions
     * @param noOwner whether everything becomes the role's that restores
     * @param tablespaces whether objects go to the tablespaces that they were in
     * @param superuser whether the role that logs in may set everything
     */
    public record How(int jobs, boolean noOwner, boolean tablespaces, boolean superuser) {}

    /** @param application what {@code pg_stat_activity} shows of its sessions */
    public RestoreArchive(ClientTool pgRestore, Connections target, String application, Archive archive, How how) {
        this.pgRestore = pgRestore;
        this.target = target;
        this.application = application;
        this.archive = archive;
        this.how = how;
    }

    /** Everything that is defined before there are rows. */
    public void definitions() {
        restore(WriteArchive.PRE_DATA, "--jobs=" + how.jobs());
    }

    /** TimescaleDB's own rows: all of them or none, in the archive's order. */
    public void catalog() {
        restore(WriteArchive.CATALOG, "--single-transaction");
        restore(WriteArchive.UNCHECKED, "--single-transaction", NO_KEYS);
    }

    /** The users' rows, compressed ones as they are. */
    public void rows() {
        restore(WriteArchive.DATA, "--jobs=" + how.jobs());
        // one after the other, in the archive's order: a check of one may read another one
        restore(WriteArchive.CHECKED, "--jobs=1");
    }

    /** Indexes, keys, triggers. */
    public void indexes() {
        restore(WriteArchive.POST_DATA, "--jobs=" + how.jobs());
        restore(WriteArchive.CLUSTERED, "--jobs=" + how.jobs());
        restore(WriteArchive.ATTACHED, "--jobs=1");
        restore(WriteArchive.KEYS, "--jobs=" + how.jobs());
    }

    /**
     * Rows of materialized views; only out of restoring mode do their queries see all rows. Each for itself: a view that the
     * server does not fill stays without rows, and the others are filled.
     *
     * @return whether each was filled
     */
    public boolean views() {
        Path entries = archive.backup().resolve(WriteArchive.VIEWS);
        if (isEmpty(entries)) {
            return true;
        }
        return ending(process(entries, "--jobs=" + how.jobs()).arguments(file())::runUnlessRefused)
                        .exitCode()
                == 0;
    }

    /** What reads rows; only out of restoring mode does it see all of them. */
    public void late() {
        restoreSome(entry -> !RestoreOrder.isOfEventTrigger(entry), "--jobs=" + how.jobs());
    }

    /** Event triggers, when nothing is left to restore that they would fire on. */
    public void eventTriggers() {
        restoreSome(RestoreOrder::isOfEventTrigger, "--single-transaction");
        target.lookForLoginTriggersAgain();
    }

    /** Some of the late entries, which one list has. */
    private void restoreSome(Predicate<String> some, String mode) {
        Path list = archive.backup().resolve(WriteArchive.LATE);
        if (isEmpty(list)) {
            return;
        }
        Path part = null;
        try {
            part = Files.createTempFile(
                    "hyperkeep-",
                    ".list",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            // pg_restore reads no more of a line than its entry's number
            Files.writeString(
                    part,
                    Files.readString(list)
                            .lines()
                            .filter(some)
                            .map(line -> line + "\n")
                            .collect(Collectors.joining()));
            restore(part, mode);
        } catch (IOException e) {
            throw new BackupException(
                    Problem.STORAGE, "cannot write a temporary file: " + e.getMessage(), "is the disk full?", e);
        } finally {
            delete(part);
        }
    }

    private static void delete(@Nullable Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                file.toFile().deleteOnExit(); // it holds nothing that the backup has not
            }
        }
    }

    /** Whether the archive has statistics of the planner's. */
    public boolean hasStatistics() {
        return !isEmpty(archive.backup().resolve(WriteArchive.STATISTICS));
    }

    /** The planner's statistics, as they were in the source; for a server of version 18 or later, by a superuser. */
    public void statistics() {
        restore(WriteArchive.STATISTICS, "--jobs=" + how.jobs());
    }

    private void restore(String list, String mode, String... more) {
        restore(archive.backup().resolve(list), mode, more);
    }

    private void restore(Path entries, String mode, String... more) {
        if (isEmpty(entries)) {
            return;
        }
        ending(process(entries, mode, more).arguments("--exit-on-error", file())::run);
    }

    private ClientProcess process(Path entries, String mode, String... more) {
        ClientProcess process = ClientProcess.connected(pgRestore, target, application)
                .settings(settings(more))
                .arguments(mode, "--use-list=" + entries)
                .arguments("--dbname=dbname=" + quoted(target.address().database()))
                .timeout(TIMEOUT);
        if (how.noOwner()) {
            process.arguments("--no-owner");
        }
        if (!how.tablespaces()) {
            process.arguments("--no-tablespaces");
        }
        return process;
    }

    private String file() {
        return archive.backup().resolve(archive.format().archive()).toString();
    }

    /** Its sessions outlive pg_restore: after a failure they are cancelled. */
    private ClientProcess.Ended ending(Supplier<ClientProcess.Ended> run) {
        boolean done = false;
        try {
            ClientProcess.Ended ended = run.get();
            done = true;
            return ended;
        } finally {
            if (!done) {
                new CancelSessions(target, application).named(application);
            }
        }
    }

    private List<String> settings(String... more) {
        List<String> settings = new ArrayList<>(READS_ROWS);
        settings.addAll(List.of(more));
        settings.add(NO_WAITING);
        if (how.superuser()) {
            settings.add(AutovacuumGivesWay.SETTING);
        }
        if (how.jobs() > 1) {
            settings.add(NO_PARALLEL_BUILD);
        }
        return settings;
    }

    private static boolean isEmpty(Path list) {
        try {
            // an earlier version wrote fewer lists
            return !Files.exists(list) || Files.size(list) == 0;
        } catch (IOException e) {
            // it was there and whole when the backup was checked
            throw new UncheckedIOException(e);
        }
    }

    /** A value of a connection string. */
    private static String quoted(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
