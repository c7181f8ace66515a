package io.hyperkeep.cli;

import io.hyperkeep.jobs.PlannedRun;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Prints what a run would do. */
final class ReportPlan {
    private final Session session;

    ReportPlan(Session session) {
        this.session = session;
    }

    /**
     * Prints the plan and returns the exit code: nothing was done, so warnings do not change it.
     *
     * @param planned what would be done
     * @param done the verb, for people
     * @param size heading of the size
     */
    int print(PlannedRun planned, String done, String size) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("dryRun", true);
        document.put("tables", planned.tables().stream().map(ReportPlan::table).toList());
        document.put("units", planned.units());
        document.put("jobs", planned.jobs());
        document.put("differently", planned.differently());
        document.put("warnings", BackupDocument.warnings(planned.warnings()));
        session.results().print(document, () -> text(planned, done, size));
        return 0;
    }

    private static Map<String, @Nullable Object> table(PlannedRun.Table table) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("table", table.name().toString());
        if (table.target() != null) {
            document.put("target", table.target().toString());
        }
        document.put("kind", table.kind().name().toLowerCase(Locale.ROOT));
        document.put("chunks", table.chunks());
        document.put("units", table.units());
        document.put("rows", table.rows());
        document.put("bytes", table.bytes());
        return document;
    }

    private static String[] row(PlannedRun.Table table, boolean renamed) {
        Stream<String> names = renamed
                ? Stream.of(
                        table.name().toString(), (table.target() == null ? table.name() : table.target()).toString())
                : Stream.of(table.name().toString());
        return Stream.concat(
                        names,
                        Stream.of(
                                table.kind().name().toLowerCase(Locale.ROOT),
                                Figures.count(table.chunks()),
                                Figures.count(table.units()),
                                table.rows() == null ? "not counted" : Figures.count(table.rows()),
                                Figures.size(table.bytes())))
                .toArray(String[]::new);
    }

    private static String text(PlannedRun planned, String done, String size) {
        boolean renamed = planned.tables().stream().anyMatch(table -> table.target() != null);
        Columns columns = renamed
                ? new Columns("TABLE", "AS", "KIND", "CHUNKS>", "UNITS>", "ROWS>", size)
                : new Columns("TABLE", "KIND", "CHUNKS>", "UNITS>", "ROWS>", size);
        planned.tables().forEach(table -> columns.row(row(table, renamed)));
        long bytes =
                planned.tables().stream().mapToLong(PlannedRun.Table::bytes).sum();
        StringBuilder text = new StringBuilder(columns.toString())
                .append(Figures.count(planned.tables().size(), "table"))
                .append(" in ")
                .append(Figures.count(planned.units(), "unit"))
                .append(", ")
                .append(Figures.size(bytes))
                .append(", would be ")
                .append(done)
                .append("; nothing was done.")
                .append(System.lineSeparator());
        if (!planned.jobs().isEmpty()) {
            text.append(JobColumns.of(planned.jobs()));
        }
        planned.differently()
                .forEach(sentence -> text.append(sentence).append('.').append(System.lineSeparator()));
        planned.warnings()
                .forEach(warning ->
                        text.append("WARNING: ").append(warning.text()).append(System.lineSeparator()));
        return text.toString();
    }
}
