package io.hyperkeep.archive;

import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.schema.SqlTokens;
import io.hyperkeep.schema.SqlTokens.Kind;
import io.hyperkeep.schema.SqlTokens.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where the sequences of an archive stand. Sequences are in no snapshot: pg_dump reads them when it comes to them, later
 * than the catalog was read, and an application that inserts has moved them by then. A restore sets what the archive has,
 * so that is what it has to be compared with. Pure functions.
 */
final class ArchivedSequences {
    private static final Pattern ENTRY = Pattern.compile("\\d+; \\d+ \\d+ SEQUENCE SET .*");

    private ArchivedSequences() {}

    /** Those lines of a listing that set sequences. */
    static List<String> entries(List<String> listing) {
        return listing.stream().filter(line -> ENTRY.matcher(line).matches()).toList();
    }

    private record Position(long lastValue, boolean called) {}

    /**
     * The same sequences where the archive has them.
     *
     * @param read as they were read beside the archive
     * @param sql what pg_restore prints for the entries that set sequences
     * @throws BackupException MISMATCH when the archive does not set one of them
     */
    static List<SequenceState> of(List<SequenceState> read, String sql) {
        Map<TableName, Position> archived = positions(SqlTokens.of(sql));
        List<SequenceState> states = new ArrayList<>();
        for (SequenceState state : read) {
            Position position = archived.get(state.sequence());
            if (position == null) {
                throw new BackupException(
                        Problem.MISMATCH,
                        "the archive does not say where sequence " + state.sequence() + " stands",
                        "was the sequence dropped while the backup ran? Run the backup again.");
            }
            states.add(new SequenceState(
                    state.sequence(), state.ownedBy(), state.definition(), position.lastValue(), position.called()));
        }
        return states;
    }

    /** Of each {@code setval('schema.sequence', value, called)}. */
    private static Map<TableName, Position> positions(List<Token> tokens) {
        Map<TableName, Position> positions = new HashMap<>();
        for (int i = 0; i + 6 < tokens.size(); i++) {
            if (!tokens.get(i).isWord("setval")
                    || !tokens.get(i + 1).is("(")
                    || tokens.get(i + 2).kind() != Kind.STRING) {
                continue;
            }
            List<Token> name = SqlTokens.of(tokens.get(i + 2).text());
            boolean negative = tokens.get(i + 4).is("-");
            int value = negative ? i + 5 : i + 4;
            if (name.size() == 3 && value + 2 < tokens.size()) {
                positions.put(
                        new TableName(name.get(0).text(), name.get(2).text()),
                        new Position(
                                Long.parseLong((negative ? "-" : "")
                                        + tokens.get(value).text()),
                                tokens.get(value + 2).isWord("true")));
            }
        }
        return positions;
    }
}
