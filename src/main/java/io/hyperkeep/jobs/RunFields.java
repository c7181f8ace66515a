package io.hyperkeep.jobs;

import io.hyperkeep.runs.RunRecords;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.MDC;

/**
 * Tells every log line which run it is of, by SLF4J's diagnostic context: {@code run}, {@code database}, {@code plan},
 * and {@code unit} where one unit is worked on. What a thread had before, it has again afterwards.
 */
public final class RunFields {
    private RunFields() {}

    /** Work that may throw what it says. */
    @FunctionalInterface
    interface Work<T, E extends Exception> {
        T run() throws E;
    }

    /** Does work of an attempt on this thread. */
    static <T, E extends Exception> T within(Attempt attempt, Work<T, E> work) throws E {
        Map<String, String> fields = new HashMap<>();
        RunRecords.Begin begin = attempt.record();
        fields.put("database", begin.database());
        if (begin.plan() != null) {
            fields.put("plan", begin.plan());
        }
        return within(fields, work);
    }

    /** Says the run's number, once it is known, to the work that this thread does. */
    static void numbered(long run) {
        MDC.put("run", String.valueOf(run));
    }

    /** The work of one unit, for another thread, with the fields that this one has now. */
    static <T> Callable<T> ofUnit(String unit, Callable<T> work) {
        Map<String, String> fields = current();
        fields.put("unit", unit);
        return () -> within(fields, work::call);
    }

    /** Work for another thread, with the fields that this one has now. */
    public static Runnable carried(Runnable work) {
        Map<String, String> fields = current();
        return () -> within(fields, () -> {
            work.run();
            return fields;
        });
    }

    private static <T, E extends Exception> T within(Map<String, String> fields, Work<T, E> work) throws E {
        Map<String, String> before = current();
        fields.forEach(MDC::put);
        try {
            return work.run();
        } finally {
            MDC.setContextMap(before);
        }
    }

    private static Map<String, String> current() {
        Map<String, String> fields = MDC.getCopyOfContextMap();
        return fields == null ? new HashMap<>() : fields;
    }
}
