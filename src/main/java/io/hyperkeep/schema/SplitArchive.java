package io.hyperkeep.schema;

import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the text that {@code pg_restore --verbose} prints for one section into entries.
 *
 * <p>Text inside a function body may look like a header. It is taken for one only if it names an entry of the list,
 * and all its fields agree with that entry's; and if that happens twice for one entry, nothing is guessed: it fails.
 */
final class SplitArchive {
    /** A name holds any byte: one of a character of UTF-8 can be what a dot takes for the end of a line. */
    private static final Pattern LISTED = Pattern.compile("(\\d+); (\\d+) (\\d+) (.*)", Pattern.DOTALL);

    private static final Pattern HEADER =
            Pattern.compile("(?<=\\n)--\\n-- TOC entry (\\d+) \\(class (\\d+) OID (\\d+)\\)\\n"
                    + "(?:-- Dependencies:([ \\d]*)\\n)?-- Name: ([^\\n]*)\\n(?:-- Data Pos: [-\\d]+\\n)?--\\n\\n");

    private static final Pattern TRAILER =
            Pattern.compile("(?:-- Completed on [^\\n]*\\n\\n)?--\\n-- PostgreSQL database dump complete\\n--\\n\\n"
                    + "(?:\\\\unrestrict \\w+\\n\\n)?\\z");

    /**
     * pg_restore changes these two between entries, above the header of the first entry that needs the change; so they
     * are moved into the entries, which can be run alone then.
     */
    private static final Pattern SETTINGS = Pattern.compile(
            "(?:SET default_tablespace = ([^\\n]+);\\n\\n)?(?:SET default_table_access_method = ([^\\n]+);\\n\\n)?\\z");

    private static final String NO_TABLESPACE = "''";
    private static final String HEAP = "heap";

    private final Section section;
    private final Map<Integer, Listed> listed = new LinkedHashMap<>();
    private final String text;

    private SplitArchive(Section section, String list, String text) {
        this.section = section;
        this.text = text;
        list.lines().map(LISTED::matcher).filter(Matcher::matches).forEach(line -> {
            Listed entry = new Listed(
                    Integer.parseInt(line.group(1)),
                    Long.parseLong(line.group(2)),
                    Long.parseLong(line.group(3)),
                    line.group(4));
            listed.put(entry.id, entry);
        });
    }

    /**
     * What pg_restore printed, cut.
     *
     * @param preamble session settings that go before any entry
     * @param entries in the order in which they run
     * @param trailer what goes after the last one
     */
    record Parts(String preamble, List<ArchiveEntry> entries, String trailer) {}

    /**
     * @param list what {@code pg_restore -l} printed for this section
     * @param text what {@code pg_restore --verbose -f} printed for this section, one character for each byte
     * @throws BackupException CLIENT_TOOL when the two do not agree
     */
    static Parts run(Section section, String list, String text) {
        return new SplitArchive(section, list, text).parts();
    }

    private record Listed(int id, long catalog, long oid, String rest) {}

    private record Header(Listed listed, List<Integer> needs, Names names, int start, int end) {}

    private record Names(
            String type,
            @Nullable String schema,
            String tag,
            @Nullable String owner) {}

    private Parts parts() {
        List<Header> headers = headers();
        Matcher trailer = TRAILER.matcher(text);
        if (!trailer.find() || (!headers.isEmpty() && trailer.start() < headers.get(headers.size() - 1).end)) {
            throw unreadable("it has no end");
        }
        List<ArchiveEntry> entries = new ArrayList<>();
        String tablespace = NO_TABLESPACE;
        String accessMethod = HEAP;
        int first = headers.isEmpty() ? trailer.start() : headers.get(0).start;
        String above = text.substring(0, first);
        String preamble = SETTINGS.matcher(above).replaceFirst("");
        for (int i = 0; i < headers.size(); i++) {
            Matcher settings = SETTINGS.matcher(above);
            if (settings.find()) {
                tablespace = settings.group(1) == null ? tablespace : settings.group(1);
                accessMethod = settings.group(2) == null ? accessMethod : settings.group(2);
            }
            Header header = headers.get(i);
            int end = i + 1 < headers.size() ? headers.get(i + 1).start : trailer.start();
            above = text.substring(header.end, end);
            String body = SETTINGS.matcher(above).replaceFirst("");
            entries.add(entry(header, withSettings(header.names.type, body, tablespace, accessMethod)));
        }
        String defaults = "SET default_tablespace = '';\n\nSET default_table_access_method = heap;\n\n";
        return new Parts(preamble + defaults, entries, text.substring(trailer.start()));
    }

    private ArchiveEntry entry(Header header, String body) {
        Names names = header.names;
        return new ArchiveEntry(
                header.listed.id,
                header.listed.catalog,
                header.listed.oid,
                names.type,
                names.schema,
                names.tag,
                names.owner,
                section,
                header.needs,
                text.substring(header.start, header.end),
                body);
    }

    private static String withSettings(String type, String body, String tablespace, String accessMethod) {
        boolean stored = type.equals("TABLE") || type.equals("MATERIALIZED VIEW");
        String before = "";
        String after = "";
        if ((stored || type.equals("INDEX") || type.equals("CONSTRAINT")) && !tablespace.equals(NO_TABLESPACE)) {
            before += "SET default_tablespace = " + tablespace + ";\n\n";
            after += "SET default_tablespace = '';\n\n";
        }
        if (stored && !accessMethod.equals(HEAP)) {
            before += "SET default_table_access_method = " + accessMethod + ";\n\n";
            after += "SET default_table_access_method = heap;\n\n";
        }
        return before + body + after;
    }

    private List<Header> headers() {
        Map<Integer, Header> found = new LinkedHashMap<>();
        Matcher matcher = HEADER.matcher(text);
        int from = 0;
        while (matcher.find(from)) {
            Header header = header(matcher);
            if (header != null && found.put(header.listed.id, header) != null) {
                throw unreadable("the text of some object looks like the header of entry " + header.listed.id);
            }
            // after what only looks like a header, a true one may begin within it
            from = header == null ? matcher.start() + 1 : matcher.end();
        }
        List<Integer> missing =
                listed.keySet().stream().filter(id -> !found.containsKey(id)).toList();
        if (!missing.isEmpty()) {
            throw unreadable("entries " + missing + " of its list are not in its text");
        }
        return List.copyOf(found.values());
    }

    private @Nullable Header header(Matcher matcher) {
        Listed entry = matcher.group(1).length() > 9 ? null : listed.get(Integer.parseInt(matcher.group(1)));
        if (entry == null
                || !matcher.group(2).equals(Long.toString(entry.catalog))
                || !matcher.group(3).equals(Long.toString(entry.oid))) {
            return null;
        }
        Names names = names(matcher.group(5), entry.rest);
        if (names == null) {
            return null;
        }
        String needs = matcher.group(4) == null ? "" : matcher.group(4).strip();
        List<Integer> ids = needs.isEmpty()
                ? List.of()
                : Arrays.stream(needs.split(" "))
                        .map(Integer::valueOf)
                        .distinct()
                        .toList();
        return new Header(entry, ids, names, matcher.start(), matcher.end());
    }

    /**
     * Names may hold anything, {@code "; Type: "} too; so every way to read the line is tried, and the list, which has
     * the same fields in another order, tells which one is right.
     */
    private static @Nullable Names names(String line, String rest) {
        for (int type = line.indexOf("; Type: "); type >= 0; type = line.indexOf("; Type: ", type + 1)) {
            for (int schema = line.indexOf("; Schema: ", type);
                    schema >= 0;
                    schema = line.indexOf("; Schema: ", schema + 1)) {
                for (int owner = line.indexOf("; Owner: ", schema);
                        owner >= 0;
                        owner = line.indexOf("; Owner: ", owner + 1)) {
                    String tag = line.substring(0, type);
                    String typeName = line.substring(type + "; Type: ".length(), schema);
                    String schemaName = line.substring(schema + "; Schema: ".length(), owner);
                    String ownerName = line.substring(owner + "; Owner: ".length());
                    int tablespace = ownerName.lastIndexOf("; Tablespace: ");
                    String shortOwner = tablespace < 0 ? ownerName : ownerName.substring(0, tablespace);
                    for (String candidate : List.of(ownerName, shortOwner)) {
                        // an owner that is not known is "-" in one of the two and empty in the other
                        String listedOwner = candidate.equals("-") ? "" : candidate;
                        if (rest.equals(typeName + " " + schemaName + " " + tag + " " + listedOwner)) {
                            return new Names(typeName, orNull(schemaName), tag, orNull(candidate));
                        }
                    }
                }
            }
        }
        return null;
    }

    private static @Nullable String orNull(String name) {
        return name.equals("-") || name.isEmpty() ? null : name;
    }

    private static BackupException unreadable(String why) {
        return new BackupException(
                Problem.CLIENT_TOOL, "cannot read what pg_restore printed of the schema: " + why, null);
    }
}
