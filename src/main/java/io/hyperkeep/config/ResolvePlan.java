package io.hyperkeep.config;

import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.plan.DatabaseSelection;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.RestoreOptions;
import io.hyperkeep.retention.PruneRequest;
import io.hyperkeep.retention.PruneRules;
import io.hyperkeep.schedule.Schedule;
import io.hyperkeep.schedule.ScheduledJob;
import io.hyperkeep.schedule.ScheduledPlan;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lays the command line over the environment over the file over the defaults. Thread-safe. */
public final class ResolvePlan {
    private final Configuration configuration;
    private final ResolveDatabase databases;

    /**
     * @param configuration what is configured
     * @param uris reads URIs of databases
     */
    public ResolvePlan(Configuration configuration, ReadUri uris) {
        this.configuration = configuration;
        this.databases = new ResolveDatabase(
                configuration.databases(), uris, configuration.location().paths());
    }

    /**
     * A plan of the configuration. Its database and repository are its own: HYPERKEEP_DATABASE and
     * HYPERKEEP_REPOSITORY are for commands that name no plan, as their flags are.
     *
     * @throws BackupException when there is no such plan, or with everything that is wrong with it
     */
    public BackupPlan named(String name, PlanLayer flags, DatabaseAccess access) {
        return build(name, layers(name, flags), access);
    }

    /**
     * A plan from the command line alone.
     *
     * @throws BackupException with everything that is missing or wrong
     */
    public BackupPlan given(PlanLayer flags, DatabaseAccess access) {
        return build(null, layers(null, flags), access);
    }

    /**
     * The repository of a plan.
     *
     * @throws BackupException when there is no such plan, or with what is wrong with its repository
     */
    public Path repositoryOf(String plan) {
        return named(plan, PlanLayer.EMPTY, DatabaseAccess.NONE).repository();
    }

    /**
     * The repository that a command means that names no plan: the flag's, the environment's or the file's default.
     *
     * @param flag the value of {@code --repository}, or null
     * @return null when none of them says one
     * @throws BackupException when it can not be a folder
     */
    public @Nullable Path repository(@Nullable String flag) {
        ConfigProblems problems = new ConfigProblems();
        PlanLayer flags =
                PlanLayer.flags(layer -> layer.accept(PlanKey.REPOSITORY, flag == null ? null : List.of(flag)));
        Given given = new PlanValues(layers(null, flags), problems).value(PlanKey.REPOSITORY);
        Path folder = given == null ? null : repository(given, problems);
        problems.throwIfAny();
        return folder;
    }

    /**
     * What a restore takes from the command line and the environment; of the file's defaults everything but the
     * patterns, which are about what to back up.
     *
     * @throws BackupException with everything that is wrong with it
     */
    public RestoreValues restoreValues(PlanLayer flags) {
        ConfigProblems problems = new ConfigProblems();
        PlanLayer environment = configuration.environment();
        PlanValues all = new PlanValues(layers(null, flags), problems);
        RestoreValues values = new RestoreValues(
                new PlanValues(List.of(flags, environment), problems).selection(),
                new PlanValues(List.of(flags, environment), problems).databases(),
                all.jobs(),
                all.maxAttempts(),
                all.restoreOptions());
        problems.throwIfAny();
        return values;
    }

    /**
     * The number of jobs of a command that needs no configuration.
     *
     * @throws BackupException when it can not be
     */
    public static int jobs(PlanLayer flags, Map<String, String> environment) {
        ConfigProblems problems = new ConfigProblems();
        int jobs = new PlanValues(List.of(flags, PlanLayer.environment(environment)), problems).jobs();
        problems.throwIfAny();
        return jobs;
    }

    /**
     * @param selection which tables
     * @param databases which databases of a cluster
     * @param jobs number of connections
     * @param maxAttempts how often to try in all
     * @param options how it is to come out
     */
    public record RestoreValues(
            TableSelection selection, DatabaseSelection databases, int jobs, int maxAttempts, RestoreOptions options) {}

    /**
     * What a check of a database takes, from the command line, the environment and the file's defaults; a repository
     * need not be given.
     *
     * @throws BackupException with everything that is missing or wrong
     */
    public CheckValues checkValues(PlanLayer flags, DatabaseAccess access) {
        ConfigProblems problems = new ConfigProblems();
        PlanValues values = new PlanValues(layers(null, flags), problems);
        Given source = required(PlanKey.DATABASE, null, values, problems);
        DatabaseSettings database = source == null ? null : databases.resolve(source, access, problems);
        Given place = values.value(PlanKey.REPOSITORY);
        Path repository = place == null ? null : repository(place, problems);
        TableSelection selection = values.selection();
        int jobs = values.jobs();
        LockMode lock = values.lock();
        problems.throwIfAny();
        return new CheckValues(Objects.requireNonNull(database), repository, selection, jobs, lock);
    }

    /**
     * @param database the source
     * @param repository the repository's folder, or null
     * @param selection which tables
     * @param jobs number of connections
     * @param lock how tables are kept still
     */
    public record CheckValues(
            DatabaseSettings database, @Nullable Path repository, TableSelection selection, int jobs, LockMode lock) {}

    /**
     * Which backups stay, of a plan or of any.
     *
     * @param plan null for a command that names none
     * @return rules, of which none may be given
     * @throws BackupException with everything that is wrong with them
     */
    public PruneRules pruneRules(@Nullable String plan, PlanLayer flags) {
        ConfigProblems problems = new ConfigProblems();
        PruneRules rules = new PlanValues(layers(plan, flags), problems).pruneRules(plan);
        problems.throwIfAny();
        return rules;
    }

    /**
     * How old the newest good backup of a plan may become.
     *
     * @throws BackupException when there is no such plan, or with what is wrong with it
     */
    public Freshness freshness(String plan) {
        ConfigProblems problems = new ConfigProblems();
        Freshness freshness = new PlanValues(layers(plan, PlanLayer.EMPTY), problems).freshness();
        problems.throwIfAny();
        return freshness;
    }

    /**
     * What a prune of a plan does.
     *
     * @return rules, of which none may be given
     * @throws BackupException NOT_FOUND when there is no such plan; with everything that is wrong otherwise
     */
    public PruneRequest pruneRequest(String plan, PlanLayer flags) {
        BackupPlan found = named(plan, PlanLayer.EMPTY, DatabaseAccess.NONE);
        return new PruneRequest(found.repository(), found.database().name(), pruneRules(plan, flags));
    }

    /**
     * A plan with everything of it that fires.
     *
     * @throws BackupException NOT_FOUND when there is no such plan; with everything that is wrong otherwise
     */
    public ScheduledPlan scheduled(String plan) {
        BackupPlan backup = named(plan, PlanLayer.EMPTY, DatabaseAccess.NONE);
        ConfigProblems problems = new ConfigProblems();
        PlanValues values = new PlanValues(layers(plan, PlanLayer.EMPTY), problems);
        ScheduledPlan scheduled = new ScheduledPlan(
                backup,
                values.schedules(plan),
                values.timeout(),
                new PruneRequest(backup.repository(), backup.database().name(), values.pruneRules(plan)),
                drillServer(values, problems),
                restoreValues(PlanLayer.EMPTY).options());
        problems.throwIfAny();
        return scheduled;
    }

    /** When the jobs of every plan fire, in the file's order. */
    public List<Schedule> schedules() {
        ConfigProblems problems = new ConfigProblems();
        return configuration.plans().keySet().stream()
                .flatMap(plan -> new PlanValues(layers(plan, PlanLayer.EMPTY), problems).schedules(plan).stream())
                .toList();
    }

    private @Nullable DatabaseSettings drillServer(PlanValues values, ConfigProblems problems) {
        Given server = values.value(PlanKey.DRILL_SERVER);
        return server == null ? null : databases.resolve(server, DatabaseAccess.NONE, problems);
    }

    /** What is scheduled needs what it is done with. */
    private void checkSchedules(String plan, PlanValues values, ConfigProblems problems) {
        values.timeout();
        for (Schedule schedule : values.schedules(plan)) {
            Given given = Objects.requireNonNull(values.value(PlanValues.keyOf(schedule.job())));
            if (schedule.next(Instant.EPOCH).isEmpty()) {
                problems.add(given, "'" + given.text() + "' never fires");
            }
            if (schedule.job() == ScheduledJob.DRILL && drillServer(values, problems) == null) {
                problems.add(given, "a scheduled drill needs a server to restore on: drill-server is missing");
            }
            if (schedule.job() == ScheduledJob.PRUNE
                    && values.pruneRules(plan).backups().isEmpty()) {
                problems.add(given, "a scheduled prune needs a rule that says which backups to keep: retention");
            }
        }
    }

    /** What is in force for each key of a plan, or of backups without a plan. */
    List<EffectiveValue> effective(@Nullable String name) {
        PlanValues values = new PlanValues(layers(name, PlanLayer.EMPTY), new ConfigProblems());
        String path = name == null ? "defaults." : "plans." + name + ".";
        return Arrays.stream(PlanKey.values())
                .flatMap(key -> Optional.ofNullable(values.value(key))
                        .or(() -> Optional.ofNullable(key == PlanKey.COMPRESSION_LEVEL ? levelOf(values) : null))
                        .map(value -> EffectiveValue.of(path + key.path(), value))
                        .stream())
                .toList();
    }

    private static Given levelOf(PlanValues values) {
        return Given.standard(
                PlanKey.COMPRESSION_LEVEL.key(),
                List.of(String.valueOf(values.compression().level())));
    }

    void check(String name, List<PlanLayer> layers, ConfigProblems problems) {
        plan(name, layers, DatabaseAccess.NONE, problems);
        checkSchedules(name, new PlanValues(layers, problems), problems);
    }

    List<PlanLayer> layers(@Nullable String name, PlanLayer flags) {
        PlanLayer environment = configuration.environment();
        if (name == null) {
            return List.of(flags, environment, configuration.defaults());
        }
        Map<String, PlanLayer> plans = configuration.plans();
        PlanLayer plan = plans.get(name);
        if (plan == null) {
            throw new BackupException(
                    Problem.NOT_FOUND,
                    "there is no plan '" + name + "' in the configuration" + ClosestName.question(name, plans.keySet()),
                    plans.isEmpty()
                            ? "no plan is configured; give --database and --repository instead."
                            : "configured plans: " + String.join(", ", plans.keySet()) + ".");
        }
        return List.of(
                flags, environment.without(PlanKey.DATABASE, PlanKey.REPOSITORY), plan, configuration.defaults());
    }

    private BackupPlan build(@Nullable String name, List<PlanLayer> layers, DatabaseAccess access) {
        ConfigProblems problems = new ConfigProblems();
        BackupPlan plan = plan(name, layers, access, problems);
        problems.throwIfAny();
        return Objects.requireNonNull(plan);
    }

    private @Nullable BackupPlan plan(
            @Nullable String name, List<PlanLayer> layers, DatabaseAccess access, ConfigProblems problems) {
        PlanValues values = new PlanValues(layers, problems);
        Given source = required(PlanKey.DATABASE, name, values, problems);
        DatabaseSettings database = source == null ? null : databases.resolve(source, access, problems);
        Given place = required(PlanKey.REPOSITORY, name, values, problems);
        Path repository = place == null ? null : repository(place, problems);
        return values.plan(name, database, repository);
    }

    private static @Nullable Given required(
            PlanKey key, @Nullable String plan, PlanValues values, ConfigProblems problems) {
        Given value = values.value(key);
        if (value == null) {
            problems.missing(
                    plan == null,
                    plan == null
                            ? "a " + key.key() + " is missing: name a plan, or give " + key.flag()
                            : "plans." + plan + "." + key.key() + ": this key is missing");
        }
        return value;
    }

    private @Nullable Path repository(Given given, ConfigProblems problems) {
        Map<String, ConfiguredRepository> named = configuration.repositories();
        String text = given.text();
        ConfiguredRepository repository = named.get(text);
        if (repository != null) {
            return repository.folder();
        }
        // in the file a misspelt name must not become a folder; on the command line a plain folder name is common
        if (given.origin() == Given.Origin.FILE && text.indexOf('/') < 0 && !text.equals("~")) {
            problems.add(
                    given,
                    "there is no repository '" + text + "' in the configuration"
                            + ClosestName.question(text, named.keySet())
                            + (ClosestName.to(text, named.keySet()).isPresent()
                                    ? ""
                                    : "; a folder is written with a slash, such as ./" + text));
            return null;
        }
        Paths paths = configuration.location().paths();
        return ResolveDatabase.path(given, given.file() == null ? paths : paths.from(given.file()), problems);
    }
}
