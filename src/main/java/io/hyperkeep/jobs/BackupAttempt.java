package io.hyperkeep.jobs;

import io.hyperkeep.database.Connections;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.export.ExportUnit;
import io.hyperkeep.export.SealBackup;
import io.hyperkeep.export.SnapshotSessions;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.plan.Unit;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.schema.SchemaDump;
import io.hyperkeep.storage.FolderLock;
import io.hyperkeep.storage.Repository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the steps of one backup hand to each other; each field is set by the step that its comment names. */
public class BackupAttempt extends Attempt {
    private final BackupPlan plan;
    private final BeforeBackup before;
    private final Connections connections;
    private final Instant started;
    private final List<Warning> warnings = Collections.synchronizedList(new ArrayList<>());

    // discover
    private volatile @Nullable Source source;
    private volatile @Nullable DatabaseProperties properties;
    // lock-repository
    private volatile @Nullable Repository repository;
    private volatile @Nullable FolderLock lock;
    // plan
    private volatile Map<String, Unit> units = Map.of();
    private volatile SealBackup.@Nullable Draft draft;
    private volatile @Nullable ExportUnit exporter;
    // dump-schema
    private volatile @Nullable SchemaDump schema;
    // dump, of a whole database
    private volatile @Nullable DatabaseDump dump;
    private volatile List<SequenceState> sequences = List.of();
    // count, of a whole database
    private volatile Map<TableName, Long> rows = Map.of();
    // seal
    private volatile @Nullable Manifest manifest;

    BackupAttempt(
            BackupPlan plan,
            BeforeBackup before,
            Connections connections,
            RunProgress progress,
            Instant started,
            @Nullable Long restarts) {
        super(progress, restarts);
        this.plan = plan;
        this.before = before;
        this.connections = connections;
        this.started = started;
    }

    /** What discover found, and the sessions that it found it in. */
    public record Source(ServerCapabilities server, SnapshotSessions sessions, Inventory inventory) {}

    public BackupPlan plan() {
        return plan;
    }

    /** What comes before the backup. */
    public BeforeBackup before() {
        return before;
    }

    public Connections connections() {
        return connections;
    }

    public Instant started() {
        return started;
    }

    /** Adds what the backup does not carry. */
    public void warn(List<Warning> more) {
        warnings.addAll(more);
    }

    public List<Warning> warnings() {
        synchronized (warnings) {
            return List.copyOf(warnings);
        }
    }

    public void discovered(Source found) {
        this.source = found;
    }

    public Source source() {
        return Objects.requireNonNull(source, "discover comes first");
    }

    /** What is said of the database as a whole. */
    public void has(DatabaseProperties ofDatabase) {
        this.properties = ofDatabase;
    }

    /** Null in a backup whose archive has them. */
    public @Nullable DatabaseProperties properties() {
        return properties;
    }

    /** The database's folder in the repository is this attempt's now; it is closed with it. */
    public void locked(Repository opened, FolderLock taken) {
        this.repository = opened;
        this.lock = closing(taken);
    }

    public Repository repository() {
        return Objects.requireNonNull(repository, "lock-repository comes first");
    }

    public FolderLock lock() {
        return Objects.requireNonNull(lock, "lock-repository comes first");
    }

    /**
     * Ends the attempt when the snapshot is gone: no unit can be read in it any more, however often it is tried.
     *
     * @throws BackupException then
     */
    public void requireSnapshot() {
        try {
            source().sessions().requireAlive();
        } catch (BackupException e) {
            abort(e);
            throw e;
        }
    }

    /** The units to export, in their order, where they go, and who exports them. */
    public void planned(List<Unit> planned, SealBackup.Draft where, ExportUnit how) {
        Map<String, Unit> byId = new LinkedHashMap<>();
        planned.forEach(unit -> byId.put(unit.id(), unit));
        this.units = Collections.unmodifiableMap(byId);
        this.draft = where;
        this.exporter = how;
    }

    public Map<String, Unit> units() {
        return units;
    }

    /** The units' ids in their order, now that they are begun. */
    Collection<String> beginExport() {
        progress()
                .expect(
                        units.size(),
                        units.values().stream().mapToLong(Unit::bytes).sum());
        return units.keySet();
    }

    /** Where a whole database goes, which has no units. */
    public void drafted(SealBackup.Draft where) {
        this.draft = where;
    }

    public SealBackup.Draft draft() {
        return Objects.requireNonNull(draft, "plan comes first");
    }

    public ExportUnit exporter() {
        return Objects.requireNonNull(exporter, "plan comes first");
    }

    public void dumped(SchemaDump dump) {
        this.schema = dump;
    }

    public SchemaDump schema() {
        return Objects.requireNonNull(schema, "dump-schema comes first");
    }

    /** The archive of a whole database, and the sequences as it has them. */
    public void archived(DatabaseDump archive, List<SequenceState> archived) {
        this.dump = archive;
        this.sequences = List.copyOf(archived);
    }

    /** The sequences as the archive has them. */
    public List<SequenceState> sequences() {
        return sequences;
    }

    public DatabaseDump dump() {
        return Objects.requireNonNull(dump, "dump comes first");
    }

    public void counted(Map<TableName, Long> rowsByTable) {
        this.rows = Map.copyOf(rowsByTable);
    }

    public Map<TableName, Long> rows() {
        return rows;
    }

    public void sealed(Manifest sealed) {
        this.manifest = sealed;
    }

    public Manifest manifest() {
        return Objects.requireNonNull(manifest, "seal comes first");
    }

    /** Null unless the backup was sealed. */
    @Nullable
    Manifest manifestIfSealed() {
        return manifest;
    }

    @Override
    RunRecords.Begin record() {
        return new RunRecords.Begin(
                run(), BackupJob.NAME, plan.database().name(), plan.name(), plan.repository(), restarts(), plan);
    }

    @Override
    void cancel() {
        connections.cancelAll();
    }

    @Override
    void cutOff() {
        connections.abortAll();
    }
}
