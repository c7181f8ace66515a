package io.hyperkeep.scenario;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that is changed in a restored database, alone, and that {@code compare} has to find.
 *
 * @param change the statement
 * @param undo the statements that take it back
 * @param found how each difference begins, all of them in their order
 */
record Change(String change, String undo, List<String> found) {
    static Change of(String change, String undo, String... found) {
        return new Change(change, undo, List.of(found));
    }

    /** The same, where a word stands for a name that is known only now. */
    Change with(String word, String name) {
        return new Change(
                change.replace(word, name),
                undo.replace(word, name),
                found.stream().map(text -> text.replace(word, name)).toList());
    }

    /**
     * Makes each change in turn, compares, and takes it back.
     *
     * @return what was said about those that were not found, or by other words, or with anything else
     */
    static List<String> notFound(
            HyperkeepRuns hyperkeep, Path backup, TimescaleServer server, String uri, List<Change> changes)
            throws SQLException {
        List<String> wrong = new ArrayList<>();
        try (Connection connection = server.connect(uri);
                Statement statement = connection.createStatement()) {
            for (Change change : changes) {
                statement.execute(change.change);
                Ended ended = compare(hyperkeep, backup, uri);
                statement.execute(change.undo);
                List<String> differences = differences(ended);
                if (ended.exitCode() != 1 || !change.isWhat(differences)) {
                    wrong.add(change.change + " ended with " + ended.exitCode() + " and " + differences + ended.err());
                }
            }
        }
        return wrong;
    }

    private boolean isWhat(List<String> differences) {
        boolean same = differences.size() == found.size();
        for (int i = 0; same && i < found.size(); i++) {
            same = differences.get(i).startsWith(found.get(i));
        }
        return same;
    }

    static Ended compare(HyperkeepRuns hyperkeep, Path backup, String uri) {
        return hyperkeep.run("compare", backup.toString(), uri, "--output", "json", "--quiet");
    }

    private static List<String> differences(Ended ended) {
        List<String> differences = new ArrayList<>();
        if (!ended.out().isEmpty()) {
            ended.json()
                    .get("differences")
                    .forEach(difference -> differences.add(difference.get("on").stringValue() + ": "
                            + difference.get("what").stringValue()));
        }
        return differences;
    }
}
