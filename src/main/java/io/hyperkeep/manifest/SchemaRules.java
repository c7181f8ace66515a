package io.hyperkeep.manifest;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What the schema files' list of a manifest must be like. For one manifest. */
final class SchemaRules {
    private static final String PATH = "schema.entries";

    private final SchemaFiles schema;
    private final Map<String, FileEntry> files = new HashMap<>();

    SchemaRules(SchemaFiles schema) {
        this.schema = schema;
    }

    void require() throws UnreadableManifest {
        ManifestRules.files("schema.files", schema.files());
        schema.files().forEach(file -> files.put(file.file(), file));
        Field.notNegative(
                "schema.preambleLength.preData", schema.preambleLength().preData());
        Field.notNegative(
                "schema.preambleLength.postData", schema.preambleLength().postData());
        for (int i = 0; i < schema.entries().size(); i++) {
            entry(PATH + "[" + i + "]", schema.entries().get(i));
        }
        Field.unique(PATH, schema.entries().stream().map(SchemaEntry::id));
        circle();
    }

    private void entry(String path, SchemaEntry entry) throws UnreadableManifest {
        Field.name(path + ".type", entry.type());
        if (entry.table() != null) {
            Field.name(path + ".table", entry.table());
        }
        Field.notNegative(path + ".offset", entry.offset());
        Field.notNegative(path + ".length", entry.length());
        if (entry.type().equals(SchemaEntry.AGGREGATE)) {
            // it has no statement
            return;
        }
        String name =
                switch (entry.section()) {
                    case PRE_DATA -> "schema/pre-data.sql";
                    case LATE -> "schema/late.sql";
                    case POST_DATA -> "schema/post-data.sql";
                };
        FileEntry file = files.get(name);
        if (file == null) {
            throw new UnreadableManifest(path + " is in " + name + ", which schema.files does not have", null);
        }
        int preamble = entry.section() == SchemaEntry.Section.POST_DATA
                ? schema.preambleLength().postData()
                : schema.preambleLength().preData();
        Field.require(
                entry.offset() >= preamble && entry.offset() <= file.bytes() - entry.length(),
                path + ".offset",
                entry.offset(),
                "a place in " + name + " behind its first " + preamble + " bytes");
    }

    /** What needs itself, over however many others, cannot be created. */
    private void circle() throws UnreadableManifest {
        Map<Integer, SchemaEntry> entries =
                schema.entries().stream().collect(Collectors.toMap(SchemaEntry::id, entry -> entry));
        Map<Integer, Integer> users = new HashMap<>();
        for (SchemaEntry entry : schema.entries()) {
            entry.needs().stream().distinct().forEach(need -> users.merge(need, 1, Integer::sum));
        }
        Deque<SchemaEntry> unused = schema.entries().stream()
                .filter(entry -> !users.containsKey(entry.id()))
                .collect(Collectors.toCollection(ArrayDeque::new));
        int left = schema.entries().size();
        while (!unused.isEmpty()) {
            SchemaEntry entry = unused.pop();
            entries.remove(entry.id());
            left--;
            for (int need : entry.needs().stream().distinct().toList()) {
                SchemaEntry needed = entries.get(need);
                if (users.merge(need, -1, Integer::sum) == 0 && needed != null) {
                    unused.add(needed);
                }
            }
        }
        if (left > 0) {
            throw new UnreadableManifest(
                    PATH + " need one another in a circle: "
                            + entries.values().stream()
                                    .limit(3)
                                    .map(entry -> entry.id() + " (" + entry.label() + ")")
                                    .collect(Collectors.joining(", ")),
                    null);
        }
    }
}
