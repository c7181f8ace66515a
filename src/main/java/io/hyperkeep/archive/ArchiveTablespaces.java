package io.hyperkeep.archive;

import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.restore.MissingTablespaces;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an archive has in tablespaces, as the definitions say that pg_restore prints of it. */
public final class ArchiveTablespaces {
    private static final Pattern HEADER = Pattern.compile(
            "-- Name: (.*); Type: (TABLE|MATERIALIZED VIEW|INDEX|CONSTRAINT); Schema: (.*); Owner: .*; Tablespace: (.*)");

    private ArchiveTablespaces() {}

    /**
     * Objects by their tablespace.
     *
     * @param archive pg_dump's file or folder
     */
    public static Map<String, List<String>> of(ClientTool pgRestore, Path archive) {
        Map<String, List<String>> objects = new TreeMap<>();
        ClientProcess.offline(pgRestore)
                .arguments("--section=pre-data", "--section=post-data", "--file=-", archive.toString())
                .read(printed -> {
                    BufferedReader lines = new BufferedReader(new InputStreamReader(printed, StandardCharsets.UTF_8));
                    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                        Matcher header = HEADER.matcher(line);
                        if (header.matches()) {
                            objects.computeIfAbsent(header.group(4), of -> new ArrayList<>())
                                    .add(MissingTablespaces.label(header.group(2), header.group(3), header.group(1)));
                        }
                    }
                });
        return objects;
    }
}
