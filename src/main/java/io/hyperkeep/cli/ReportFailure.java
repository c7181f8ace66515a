package io.hyperkeep.cli;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.secret.MaskLogins;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells what went wrong, on standard error: the only place that prints failures. */
final class ReportFailure {
    private final Screen screen;
    private final boolean json;
    private final boolean verbose;

    /**
     * @param screen standard error
     * @param json whether a script reads it
     * @param verbose whether stack traces are wanted
     */
    ReportFailure(Screen screen, boolean json, boolean verbose) {
        this.screen = screen;
        this.json = json;
        this.verbose = verbose;
    }

    /** Prints the failure and returns its exit code. */
    int report(Throwable failure) {
        if (failure instanceof BackupException known) {
            if (verbose && known.getCause() != null) {
                screen.line(stackTrace(known.getCause()));
            }
            return report(known.problem(), known.getMessage(), known.hint());
        }
        if (verbose) {
            screen.line(stackTrace(failure));
        }
        return report(
                Problem.UNEXPECTED,
                "unexpected " + failure.getClass().getSimpleName() + ": " + failure.getMessage(),
                verbose
                        ? "this is a defect in hyperkeep; please report it with the stack trace above."
                        : "this is a defect in hyperkeep; please report it with what --verbose prints.");
    }

    /** Prints a problem and returns its exit code. */
    int report(Problem problem, String message, @Nullable String hint) {
        // a URI in the wrong place is repeated by the message that says so, and must not show its password
        String masked = MaskLogins.in(message);
        if (json) {
            Map<String, @Nullable String> error = new LinkedHashMap<>();
            error.put("code", problem.code());
            error.put("message", masked);
            error.put("hint", hint);
            screen.line(new JsonText().of(Map.of("error", error)));
        } else {
            screen.line("hyperkeep: " + masked + (hint == null ? "" : System.lineSeparator() + "HINT: " + hint));
        }
        return problem.exitCode();
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return MaskLogins.in(text.toString().stripTrailing());
    }
}
