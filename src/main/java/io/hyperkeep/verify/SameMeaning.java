package io.hyperkeep.verify;

import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.problem.BackupException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Leaves out differences that are none: definitions whose texts differ and mean the same to the server that is compared.
 * It is asked only about texts that differ, and in a transaction that is rolled back.
 */
public final class SameMeaning {
    private SameMeaning() {}

    /**
     * Leaves them out.
     *
     * @param findings differences of any sort
     * @param readers of the compared database
     * @return those that remain; one that the server could not be asked about says so
     * @throws SQLException when the server was lost or the comparison is stopped
     */
    public static List<Finding> run(List<Finding> findings, Readers readers) throws SQLException {
        if (findings.stream().allMatch(finding -> finding.definition() == null)) {
            return findings;
        }
        try {
            return readers.undone(session -> {
                ReadAgain server = new ReadAgain(session);
                List<Finding> remaining = new ArrayList<>();
                for (Finding finding : findings) {
                    PrintedTwice definition = finding.definition();
                    if (definition == null) {
                        remaining.add(finding);
                        continue;
                    }
                    try {
                        if (!server.isSame(definition)) {
                            remaining.add(finding);
                        }
                    } catch (SQLException e) {
                        if (isEnd(e)) {
                            throw e;
                        }
                        remaining.add(finding.comparedAsText(ServerErrors.message(e)));
                    }
                }
                return remaining;
            });
        } catch (SQLException e) {
            if (isEnd(e)) {
                throw e;
            }
            return asText(findings, ServerErrors.message(e));
        } catch (BackupException e) {
            return asText(findings, e.getMessage());
        }
    }

    private static List<Finding> asText(List<Finding> findings, String reason) {
        return findings.stream()
                .map(finding -> finding.definition() == null ? finding : finding.comparedAsText(reason))
                .toList();
    }

    /** Whether the session was lost, the server stops, or the statement was cancelled. */
    private static boolean isEnd(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("08") || state.startsWith("57"));
    }
}
