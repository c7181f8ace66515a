package io.hyperkeep.retention;

import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.retention.SealedBackup.State;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.BackupStore;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.Repository;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Finds out what may be deleted from a database's folder, and deletes nothing. Thread-safe.
 *
 * <p>A file is garbage when no backup that stays refers to it, it has a name as runs give them, and it is either a file of
 * a backup that goes or older than what a failed run may still be restarted with. All manifests have to be readable for
 * that: what a manifest refers to that can not be read is not known.
 */
public final class PlanPrune {
    private static final Pattern BACKUP_ID = Pattern.compile("[0-9]{8}T[0-9]{6}Z(-[0-9]+)?");
    private static final Pattern DATA_FILE = Pattern.compile(".+-[0-9a-f]{12}\\.csv(\\.[a-z0-9]+)?");
    private static final Duration LOCK_LEFTOVERS = Duration.ofDays(1);
    /** The evidence of a drill, and the backup that it is of. */
    private static final Pattern EVIDENCE =
            Pattern.compile("([0-9]{8}T[0-9]{6}Z(?:-[0-9]+)?)-[0-9]+-[0-9a-f]{12}\\.json");
    /** Whoever asks what was proved asks about the year. */
    private static final Duration EVIDENCE_KEPT = Duration.ofDays(366);

    private static final Pattern HALF_WRITTEN = Pattern.compile("\\..+\\.tmp");

    private final DatabaseFolder folder;
    private final BackupStore store;
    private final PruneRules rules;
    private final Clock clock;
    private final Decide decide;

    public PlanPrune(DatabaseFolder folder, PruneRules rules, Clock clock) {
        this(folder, rules, clock, (plan, backups) -> DecideByPlan.run(rules, backups));
    }

    private PlanPrune(DatabaseFolder folder, PruneRules rules, Clock clock, Decide decide) {
        this.folder = folder;
        this.store = folder.store();
        this.rules = rules;
        this.clock = clock;
        this.decide = decide;
    }

    /** Decides which of a folder's backups stay. */
    @FunctionalInterface
    private interface Decide {
        List<Decision> run(PlanPrune plan, List<SealedBackup> backups) throws IOException;
    }

    /**
     * Plans. What it says holds for as long as nobody writes in the folder.
     *
     * @throws BackupException DAMAGED, naming the manifest that can not be read; STORAGE
     */
    public PrunePlan run() {
        try {
            Map<String, Long> data = data();
            List<FoundBackup> backups = backups(data);
            return plan(backups, data);
        } catch (IOException e) {
            throw StorageErrors.reading(folder.path().toString(), e);
        }
    }

    /**
     * The sealed backups of a folder as the rules see them.
     *
     * @throws BackupException as {@link #run}
     */
    public List<FoundBackup> backups() {
        try {
            return backups(data());
        } catch (IOException e) {
            throw StorageErrors.reading(folder.path().toString(), e);
        }
    }

    private PrunePlan plan(List<FoundBackup> backups, Map<String, Long> data) throws IOException {
        List<Decision> decisions =
                decide.run(this, backups.stream().map(FoundBackup::sealed).toList());
        Set<SealedBackup> kept =
                decisions.stream().filter(Decision::kept).map(Decision::backup).collect(Collectors.toSet());
        List<FoundBackup> going = backups.stream()
                .filter(backup -> !kept.contains(backup.sealed()))
                .sorted(Comparator.comparing(FoundBackup::sealed, SealedBackup.BY_AGE))
                .toList();
        Set<String> needed = files(backups, backup -> kept.contains(backup.sealed()));
        Set<String> released = files(going, backup -> true);
        List<Garbage> garbage = new ArrayList<>();
        for (Map.Entry<String, Long> file : data.entrySet()) {
            String path = folder.name() + "/" + file.getKey();
            if (!needed.contains(file.getKey())
                    && (released.contains(file.getKey()) || isOld(path, rules.leftovers()))) {
                garbage.add(new Garbage(path, file.getValue()));
            }
        }
        garbage.addAll(halfWrittenLocks());
        garbage.addAll(oldEvidence(kept));
        return new PrunePlan(folder, decisions, going, unfinished(), garbage, parts(needed, released));
    }

    /** What goes of the databases' backups that a cluster's backups are made of. */
    private List<PrunePlan> parts(Set<String> needed, Set<String> released) {
        if (!Repository.isIn(folder.partsRoot())) {
            return List.of();
        }
        return Repository.open(folder.partsRoot()).databases().stream()
                .map(part -> new PlanPrune(
                                part, rules, clock, (plan, backups) -> plan.decide(backups, needed, released))
                        .run())
                .toList();
    }

    /** A part stays as long as a cluster's backup has it, or a failed run of the cluster may be restarted with it. */
    private List<Decision> decide(List<SealedBackup> backups, Set<String> needed, Set<String> released)
            throws IOException {
        List<Decision> decisions = new ArrayList<>();
        for (SealedBackup backup : backups) {
            String path = folder.root().getFileName() + "/" + path(backup.id());
            if (needed.contains(path)) {
                decisions.add(new Decision(backup, true, List.of("a backup of the cluster has it")));
            } else if (released.contains(path) || isOld(path(backup.id()), rules.leftovers())) {
                decisions.add(new Decision(backup, false, List.of("no backup of the cluster has it")));
            } else {
                decisions.add(new Decision(backup, true, List.of("a run of the cluster may be restarted with it")));
            }
        }
        return decisions;
    }

    private static Set<String> files(Collection<FoundBackup> backups, Predicate<FoundBackup> condition) {
        return backups.stream()
                .filter(condition)
                .flatMap(backup -> backup.files().stream())
                .collect(Collectors.toSet());
    }

    /** Every data file and half-written one, by its path below the database's folder, with its length. */
    private Map<String, Long> data() throws IOException {
        Map<String, Long> data = new LinkedHashMap<>();
        for (String table : store.list(folder.dataPath())) {
            for (String name : store.list(folder.dataPath() + "/" + table)) {
                if (DATA_FILE.matcher(name).matches()
                        || HALF_WRITTEN.matcher(name).matches()) {
                    String path = "data/" + table + "/" + name;
                    store.size(folder.name() + "/" + path).ifPresent(bytes -> data.put(path, bytes));
                }
            }
        }
        return data;
    }

    /** Locks are written by those who do not have one yet, so only age tells. */
    private List<Garbage> halfWrittenLocks() throws IOException {
        List<Garbage> garbage = new ArrayList<>();
        for (String name : store.list(folder.locksPath())) {
            String path = folder.locksPath() + "/" + name;
            if (HALF_WRITTEN.matcher(name).matches() && isOld(path, LOCK_LEFTOVERS)) {
                garbage.add(new Garbage(path, 0));
            }
        }
        return garbage;
    }

    /** Of backups that are gone, and older than anybody asks for. */
    private List<Garbage> oldEvidence(Set<SealedBackup> kept) throws IOException {
        Set<String> ids = kept.stream().map(SealedBackup::id).collect(Collectors.toSet());
        List<Garbage> garbage = new ArrayList<>();
        for (String name : store.list(folder.drillsPath())) {
            String path = folder.drillsPath() + "/" + name;
            Matcher evidence = EVIDENCE.matcher(name);
            boolean old = evidence.matches() && !ids.contains(evidence.group(1)) && isOld(path, EVIDENCE_KEPT);
            if (old || HALF_WRITTEN.matcher(name).matches() && isOld(path, LOCK_LEFTOVERS)) {
                garbage.add(new Garbage(path, store.size(path).orElse(0)));
            }
        }
        return garbage;
    }

    private List<FoundBackup> backups(Map<String, Long> data) throws IOException {
        List<FoundBackup> found = new ArrayList<>();
        for (BackupFolder backup : folder.backups()) {
            found.add(found(backup, manifest(backup), data));
        }
        return found;
    }

    private Manifest manifest(BackupFolder backup) {
        try {
            return backup.manifest();
        } catch (BackupException e) {
            throw new BackupException(
                    Problem.DAMAGED,
                    "nothing of " + folder.path() + " was deleted, because what backup " + backup.id()
                            + " needs is not known: " + e.getMessage(),
                    e.hint() + "; if you give that backup up, delete its manifest.json, and prune again",
                    e);
        }
    }

    private FoundBackup found(BackupFolder backup, Manifest manifest, Map<String, Long> data) throws IOException {
        Set<String> files = FoundBackup.files(manifest);
        State state = manifest.consistent() ? State.GOOD : State.INCONSISTENT;
        if (!isComplete(backup, manifest, data)) {
            state = State.DAMAGED;
        }
        return new FoundBackup(
                backup,
                new SealedBackup(backup.id(), manifest.plan(), manifest.started(), state, backup.isPinned()),
                manifest.totals().bytes(),
                files);
    }

    private boolean isComplete(BackupFolder backup, Manifest manifest, Map<String, Long> data) throws IOException {
        for (FileEntry file : ownFiles(manifest)) {
            if (store.size(path(backup.id()) + "/" + file.file()).orElse(-1) != file.bytes()) {
                return false;
            }
        }
        if (manifest.cluster() != null) {
            for (String part : FoundBackup.files(manifest)) {
                if (store.size(folder.name() + "/" + part + "/" + BackupFolder.MANIFEST)
                        .isEmpty()) {
                    return false;
                }
            }
        }
        return manifest.tables().stream()
                .flatMap(table -> table.units().stream())
                .allMatch((UnitEntry unit) -> Objects.equals(data.get(unit.file()), unit.bytes()));
    }

    private static List<FileEntry> ownFiles(Manifest manifest) {
        List<FileEntry> files = new ArrayList<>(manifest.schema().files());
        if (manifest.dump() != null) {
            files.addAll(manifest.dump().files());
        }
        if (manifest.cluster() != null) {
            files.addAll(manifest.cluster().files());
        }
        return files;
    }

    /** Backups that were begun and never sealed, as old as nobody restarts any more. */
    private List<String> unfinished() throws IOException {
        List<String> unfinished = new ArrayList<>();
        for (String id : store.list(folder.backupsPath())) {
            boolean sealed = store.size(path(id) + "/" + BackupFolder.MANIFEST).isPresent();
            if (BACKUP_ID.matcher(id).matches() && !sealed && isOld(path(id), rules.leftovers())) {
                unfinished.add(id);
            }
        }
        return unfinished;
    }

    private boolean isOld(String path, Duration age) throws IOException {
        Instant now = clock.instant();
        Optional<Instant> modified = store.modified(path);
        return modified.isPresent() && !modified.get().plus(age).isAfter(now);
    }

    private String path(String id) {
        return folder.backupsPath() + "/" + id;
    }
}
