package io.hyperkeep.cluster;

import io.hyperkeep.archive.CompareProperties;
import io.hyperkeep.archive.CompareWithArchive;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverProperties;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.DatabaseSelection;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.CompareDatabase;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.Comparison;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** Compares a cluster's backup with a server: roles, tablespaces, and each database as its kind is. Not thread-safe. */
public final class CompareCluster {
    private static final String APPLICATION = "hyperkeep/compare";

    private final Connections server;
    private final RunProgress progress;
    private final Consumer<String> notices;

    /**
     * @param server any database of the server
     * @param notices told what a person may want to know, as it happens
     */
    public CompareCluster(Connections server, RunProgress progress, Consumer<String> notices) {
        this.server = server;
        this.progress = progress;
        this.notices = notices;
    }

    /**
     * Compares.
     *
     * @param selection which databases
     * @param jobs number of sessions
     * @param state whether policies and jobs have to be on
     * @throws BackupException USAGE when a pattern matches no database; or when something can not be read
     */
    public Comparison run(BackupFolder backup, DatabaseSelection selection, int jobs, JobState state) {
        Manifest manifest = backup.manifest();
        Cluster cluster = Objects.requireNonNull(manifest.cluster(), "a backup of a cluster");
        ChooseDatabases.requireMatched(
                selection,
                cluster.databases().stream().map(Cluster.Database::name).toList(),
                "the backup");
        List<Finding> differences = new ArrayList<>(globals(backup.path().resolve(ClusterFiles.GLOBALS), cluster));
        Set<Warning> warnings = new LinkedHashSet<>();
        List<String> there = names();
        for (Cluster.Database database : cluster.databases()) {
            String on = "database " + database.name();
            if (!selection.selects(database.name())) {
                continue;
            }
            if (database.backup() == null) {
                warnings.add(new Warning("database-missing", on + " was not compared: the backup does not have it"));
            } else if (!there.contains(database.name())) {
                differences.add(Finding.missing(on));
            } else {
                Comparison one = one(backup.part(database.backup()), database, jobs, state);
                one.differences()
                        .forEach(finding -> differences.add(new Finding(
                                on + ", " + finding.on(), finding.what(), finding.backup(), finding.now())));
                one.warnings()
                        .forEach(warning -> warnings.add(new Warning(warning.code(), on + ": " + warning.text())));
            }
        }
        return new Comparison(differences, List.copyOf(warnings));
    }

    private List<Finding> globals(Path file, Cluster cluster) {
        try (Connection connection = server.open(APPLICATION)) {
            int major = Query.one(
                    connection, "SELECT current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
            String now = new DumpGlobals(
                            new ClientTools(server.settings()).find("pg_dumpall", major), server, APPLICATION)
                    .run(cluster.rolePasswords());
            return CompareGlobals.run(Files.readString(file), now, true);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the roles of " + server.address(), e);
        } catch (IOException e) {
            throw new BackupException(
                    Problem.STORAGE, "cannot read " + file + ": " + e.getMessage(), "is its disk mounted?", e);
        }
    }

    private List<String> names() {
        try (Connection connection = server.open(APPLICATION)) {
            return Query.list(connection, "SELECT datname FROM pg_catalog.pg_database", row -> row.getString(1));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the databases of " + server.address(), e);
        }
    }

    private Comparison one(BackupFolder backup, Cluster.Database database, int jobs, JobState state) {
        Manifest manifest = backup.manifest();
        Connections itself = server.withDatabase(database.name());
        Comparison compared = manifest.dump() == null
                ? new CompareDatabase(itself, progress, notices).run(manifest, TableSelection.ALL, jobs, state)
                : new CompareWithArchive(itself, progress, notices)
                        .run(backup.path(), manifest, TableSelection.ALL, jobs, state);
        if (database.propertiesFile() == null) {
            return compared;
        }
        List<Finding> differences = new ArrayList<>(compared.differences());
        try (Connection connection = itself.open(APPLICATION)) {
            DatabaseProperties now = new DiscoverProperties().read(connection);
            differences.addAll(CompareProperties.run("the database itself", database.properties(), now));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the settings of " + itself.address(), e);
        }
        return new Comparison(differences, compared.warnings());
    }
}
