package io.hyperkeep.cli;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.PrintWriter;
import java.util.Map;
import java.util.function.Supplier;

/** Prints a command's one result on standard output. */
final class Results {
    private final PrintWriter out;
    private final boolean json;

    /**
     * @param out standard output
     * @param json whether a script reads it
     */
    Results(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /**
     * Prints the result.
     *
     * @param document the JSON document, in the order of its fields
     * @param text the same for people, with line ends
     * @throws BackupException when standard output does not take it all: a cut result must not look like a success
     */
    void print(Map<String, ?> document, Supplier<String> text) {
        if (json) {
            out.println(new JsonText().of(document));
        } else {
            out.print(text.get());
        }
        if (out.checkError()) {
            throw new BackupException(
                    Problem.STORAGE, "the result could not be written to standard output", "is the disk full?");
        }
    }
}
