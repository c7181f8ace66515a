package io.hyperkeep.jobs;

import io.hyperkeep.archive.RestoringMode;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.DatabaseLock;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.restore.CompareTarget;
import io.hyperkeep.restore.CreateJobs;
import io.hyperkeep.restore.ImportSessions;
import io.hyperkeep.restore.RefreshViews;
import io.hyperkeep.restore.RestorePlan;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.restore.RestoredJobs;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.BackupFolder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the steps of one restore hand to each other; each field is set by the step that its comment names. */
public class RestoreAttempt extends Attempt {
    private final RestoreRequest request;
    private final Connections connections;
    private final BackupFolder backup;
    private final List<Warning> warnings = Collections.synchronizedList(new ArrayList<>());

    // lock
    private volatile @Nullable DatabaseLock lock;
    // read-manifest
    private volatile @Nullable RestorePlan plan;
    private volatile @Nullable CompareTarget compare;
    // lock
    private volatile boolean whole;
    // prepare, of a whole database
    private volatile boolean withoutTablespaces;
    // finalize, or late of a whole database
    private volatile RefreshViews.Unfilled unfilled = new RefreshViews.Unfilled(Map.of());
    // create-jobs
    private volatile CreateJobs.@Nullable Created jobs;
    // jobs-on
    private volatile @Nullable RestoredJobs restoredJobs;
    // prepare, of a whole database with TimescaleDB
    private volatile @Nullable RestoringMode restoring;
    // plan-import
    private volatile @Nullable ImportSessions sessions;

    RestoreAttempt(RestoreRequest request, Connections connections, RunProgress progress, @Nullable Long restarts) {
        super(progress, restarts);
        this.request = request;
        this.connections = connections;
        this.backup = new BackupFolder(request.backup());
    }

    public RestoreRequest request() {
        return request;
    }

    public Connections connections() {
        return connections;
    }

    public BackupFolder backup() {
        return backup;
    }

    /** What the target's server shows of its sessions. */
    public String application() {
        return "hyperkeep/" + run();
    }

    /** Adds what comes out differently than in the source. */
    public void warn(List<Warning> more) {
        warnings.addAll(more);
    }

    public List<Warning> warnings() {
        synchronized (warnings) {
            return List.copyOf(warnings);
        }
    }

    public void locked(DatabaseLock acquired) {
        this.lock = acquired;
    }

    /** What makes this the only run that works on the target; closed with the attempt. */
    public DatabaseLock lock() {
        return Objects.requireNonNull(lock, "lock comes first");
    }

    public void planned(RestorePlan planned) {
        this.plan = planned;
        this.compare = new CompareTarget(connections, application(), progress(), planned);
    }

    public RestorePlan plan() {
        return Objects.requireNonNull(plan, "read-manifest comes first");
    }

    /** The comparison: finalize begins with it, verify ends it. */
    public CompareTarget compare() {
        return Objects.requireNonNull(compare, "read-manifest comes first");
    }

    /** The target is in restoring mode, which it leaves at the end of the attempt if not before. */
    public void restoring(RestoringMode mode) {
        this.restoring = closing(mode);
    }

    /** Null where there is no TimescaleDB. */
    public @Nullable RestoringMode restoring() {
        return restoring;
    }

    /** Some tablespaces are missing, and were named: pg_restore uses none, as it leaves out all or none. */
    public void leaveOutTablespaces() {
        this.withoutTablespaces = true;
    }

    /** Whether a whole database's objects go to the tablespaces that they were in. */
    public boolean usesTablespaces() {
        return !withoutTablespaces
                && !request.options().noTablespaces()
                && request.cluster().tablespaces();
    }

    /** Names the materialized views that stay without rows. */
    public void unfilled(RefreshViews.Unfilled views) {
        this.unfilled = views;
        warn(views.warnings());
    }

    /** Materialized views that were named, as they stay without rows. */
    public Set<TableName> unfilled() {
        return unfilled.views();
    }

    public void createdJobs(CreateJobs.Created created) {
        this.jobs = created;
    }

    /** The policies and jobs that were created, off; null when an earlier attempt did it and came to its end. */
    public CreateJobs.@Nullable Created createdJobs() {
        return jobs;
    }

    public void ended(RestoredJobs jobsAtEnd) {
        this.restoredJobs = jobsAtEnd;
    }

    /** How many policies and jobs there are, and are on; null before the end. */
    @Nullable
    RestoredJobs restoredJobs() {
        return restoredJobs;
    }

    /** An earlier attempt had come to the end of its work: all that is left to do is to compare, and to end it again. */
    public void foundWhole() {
        this.whole = true;
    }

    @Override
    boolean leavesOut(String phase) {
        return whole && !RestoreJob.OF_A_WHOLE_TARGET.contains(phase);
    }

    /** The ids of the units to import, in their order, now that they are begun. */
    Collection<String> beginImport() {
        return whole ? List.of() : sessions().begin();
    }

    public void importing(ImportSessions opened) {
        this.sessions = closing(opened);
    }

    public ImportSessions sessions() {
        return Objects.requireNonNull(sessions, "chunks come first");
    }

    /** What was restored; the plan's sums, because a restore succeeds whole or not at all. */
    Totals totals() {
        RestorePlan whole = plan();
        return new Totals(
                whole.tables().size(),
                whole.units().size(),
                0,
                whole.rows(),
                whole.csvBytes(),
                whole.bytes(),
                0,
                Map.of());
    }

    @Override
    RunRecords.Begin record() {
        return new RunRecords.Begin(run(), RestoreJob.NAME, request.target().name(), null, null, restarts(), request);
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
