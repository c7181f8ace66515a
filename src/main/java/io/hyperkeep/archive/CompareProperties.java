package io.hyperkeep.archive;

import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.verify.Finding;
import java.util.ArrayList;
import java.util.List;

/** Compares what is said of a database as a whole. A pure function. */
public final class CompareProperties {
    private CompareProperties() {}

    /** @param on what findings are about */
    public static List<Finding> run(String on, DatabaseProperties expected, DatabaseProperties now) {
        List<Finding> findings = new ArrayList<>();
        Finding.ifDifferent(findings, on, "owner", expected.owner(), now.owner());
        Finding.ifDifferent(findings, on, "comment", expected.comment(), now.comment());
        Finding.ifDifferent(findings, on, "connection limit", expected.connectionLimit(), now.connectionLimit());
        Finding.ifDifferent(findings, on, "rights", expected.grants(), now.grants());
        Finding.ifDifferent(findings, on, "settings", expected.settings(), now.settings());
        return findings;
    }
}
