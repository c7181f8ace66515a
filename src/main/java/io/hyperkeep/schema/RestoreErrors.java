package io.hyperkeep.schema;

import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says which object psql failed at, why, and what to do. */
final class RestoreErrors {
    /** psql's file and line, the severity in whatever language, an SQLSTATE that is no warning's, the message. */
    private static final Pattern ERROR =
            Pattern.compile(".*?:(\\d+): \\S+:  (?!0[0-2])([0-9A-Z]{5}): (.*)", Pattern.DOTALL);

    /** "2 if the connection to the server went bad and the session was not interactive" (its manual, Exit Status). */
    private static final int CONNECTION_LOST = 2;

    private RestoreErrors() {}

    /**
     * @param psql how psql ended; passing is a failure by its SQLSTATE, or when psql says that it lost its connection
     * @param lines the first line of each entry in the script
     */
    static BackupException translate(ClientProcess.Ended psql, TreeMap<Integer, SchemaEntry> lines) {
        List<String> stderr = psql.lines();
        if (stderr.stream().anyMatch(line -> line.contains("backslash commands are restricted"))) {
            return new BackupException(
                    Problem.DAMAGED,
                    "a schema file of the backup holds a command for psql, which no backup has; psql did not run it",
                    "the file was altered: find out by whom before you use this backup, and drop what was restored of it.");
        }
        boolean lost = psql.exitCode() == CONNECTION_LOST;
        for (String line : stderr) {
            Matcher matcher = ERROR.matcher(line);
            if (matcher.matches()) {
                Map.Entry<Integer, SchemaEntry> entry = lines.floorEntry(Integer.parseInt(matcher.group(1)));
                String object = entry == null
                        ? "the schema's session settings"
                        : entry.getValue().label();
                String state = matcher.group(2);
                return new BackupException(
                        state.equals("42501") ? Problem.DENIED : Problem.SERVER,
                        "cannot restore " + object + ": " + matcher.group(3),
                        hint(state, matcher.group(3)),
                        null,
                        // the server sent it: a connection that failed is one of its own, to another server
                        lost || ServerErrors.isPassing(state) && !state.startsWith("08"));
            }
        }
        return new BackupException(
                Problem.CLIENT_TOOL,
                "psql failed while it restored the schema: "
                        + String.join(" ", stderr.subList(Math.max(0, stderr.size() - 3), stderr.size())),
                "the connection may be gone: see the server's log, then restart the run.",
                null,
                lost);
    }

    private static @Nullable String hint(String state, String message) {
        if (message.startsWith("role ") && message.endsWith("does not exist")) {
            return "create the role in the target first (CREATE ROLE …); roles belong to the server and are not in a backup of a database.";
        }
        if (message.startsWith("extension ") && message.contains("is not available")) {
            return "install the extension's package on the target's server.";
        }
        if (message.startsWith("tablespace ")) {
            return "create the tablespace on the target's server first.";
        }
        return switch (state) {
            case "42501" ->
                "restore as a role that owns the database and is a member of the objects' owners, or as a superuser.";
            case "42P07", "42710", "42723", "42P06", "42701" ->
                "the target has an object of that name already: restore into an empty database, or drop it.";
            case "42704", "42883", "42P01" ->
                "the target lacks something that the source has, perhaps an extension's other version, or a server setting that the object needs.";
            case "23505", "23503", "23514", "23502", "23P01" ->
                "the restored rows do not fulfil it: the source was inconsistent, or the target had rows before.";
            case "53100" -> "the target's disk is full: make room, then restart the run.";
            default -> null;
        };
    }
}
