package io.hyperkeep.crash;

import io.hyperkeep.scenario.Operator;
import java.io.File;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a first backup came, as its repository tells.
 *
 * @param files their paths; of those that came and went while it was looked, some
 */
record Draft(List<String> files) {
    private static final String SEALING = "(finish.sql|SHA256SUMS|RESTORE.md|manifest.json|manifest.json.sha256)";

    static Draft of(Operator operator) {
        return new Draft(below(operator.repository.toFile()));
    }

    /** Files below a folder; those that are deleted meanwhile are no error. */
    static List<String> below(File folder) {
        List<String> files = new ArrayList<>();
        File[] entries = folder.listFiles();
        for (File entry : entries == null ? new File[0] : entries) {
            if (entry.isDirectory()) {
                files.addAll(below(entry));
            } else {
                files.add(entry.getPath());
            }
        }
        return files;
    }

    boolean isBegun() {
        return files.stream().anyMatch(file -> file.contains("/backups/"));
    }

    /** Number of units that are done. */
    long dataFiles() {
        return files.stream()
                .filter(file -> file.contains("/data/") && !file.endsWith(".tmp"))
                .count();
    }

    /** What sealing writes, under its final name or not. */
    List<String> sealing() {
        return files.stream()
                .filter(file -> file.matches(".*/(" + SEALING + "|\\." + SEALING + "\\.tmp)"))
                .toList();
    }

    boolean isSealed() {
        return files.stream().anyMatch(file -> file.endsWith("/manifest.json"));
    }

    String phase() {
        if (isSealed()) {
            return "sealed";
        } else if (!sealing().isEmpty()) {
            return "seal";
        } else if (dataFiles() > 0) {
            return "export";
        }
        return isBegun() ? "dump-schema" : "start";
    }
}
