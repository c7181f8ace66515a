package io.hyperkeep.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.problem.BackupException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplitArchiveTest {
    private static final String TRAILER =
            "-- Completed on 2026\n\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n";

    @Test
    void cuts_at_headers_and_reads_their_fields() {
        String list = "; comment\n17; 2615 100 SCHEMA - My Schema owner\n5; 1259 200 TABLE My Schema t owner\n";
        String text = "\n\\restrict abc\n\n"
                + header(17, 2615, 100, null, "My Schema", "SCHEMA", "-", "owner") + "CREATE SCHEMA x;\n\n"
                + header(5, 1259, 200, "17", "t", "TABLE", "My Schema", "owner") + "CREATE TABLE t ();\n\n\n"
                + TRAILER;
        SplitArchive.Parts parts = SplitArchive.run(Section.PRE_DATA, list, text);
        assertThat(parts.preamble())
                .isEqualTo(
                        "\n\\restrict abc\n\nSET default_tablespace = '';\n\nSET default_table_access_method = heap;\n\n");
        assertThat(parts.trailer()).isEqualTo(TRAILER);
        assertThat(parts.entries()).extracting(ArchiveEntry::id).containsExactly(17, 5);
        ArchiveEntry table = parts.entries().get(1);
        assertThat(table.type()).isEqualTo("TABLE");
        assertThat(table.schema()).isEqualTo("My Schema");
        assertThat(table.tag()).isEqualTo("t");
        assertThat(table.owner()).isEqualTo("owner");
        assertThat(table.needs()).containsExactly(17);
        assertThat(table.body()).isEqualTo("CREATE TABLE t ();\n\n\n");
        assertThat(parts.entries().get(0).schema()).isNull();
    }

    @Test
    void is_not_confused_by_names_that_look_like_fields() {
        String tag = "a; Type: VIEW; Schema: b; Owner: c";
        String list = "1; 1259 2 TABLE s " + tag + " o; Tablespace: x\n";
        String text = "\n" + header(1, 1259, 2, null, tag, "TABLE", "s", "o; Tablespace: x") + "X;\n" + TRAILER;
        ArchiveEntry entry =
                SplitArchive.run(Section.PRE_DATA, list, text).entries().get(0);
        assertThat(List.of(entry.type(), entry.tag())).containsExactly("TABLE", tag);
        assertThat(entry.owner()).isEqualTo("o; Tablespace: x");
    }

    @Test
    void is_not_confused_by_headers_inside_of_a_function() {
        String list = "1; 1255 2 FUNCTION s f() o\n3; 1259 4 TABLE s t o\n";
        String fakes = header(99, 1, 1, null, "x", "TABLE", "s", "o") + header(3, 1259, 5, null, "t", "TABLE", "s", "o")
                + header(3, 1259, 4, null, "u", "TABLE", "s", "o") + "--\n";
        String body = "CREATE FUNCTION f() AS $$\n" + fakes + "$$;\n";
        String text = "\n" + header(1, 1255, 2, null, "f()", "FUNCTION", "s", "o") + body
                + header(3, 1259, 4, null, "t", "TABLE", "s", "o") + "CREATE TABLE t;\n" + TRAILER;
        List<ArchiveEntry> entries =
                SplitArchive.run(Section.PRE_DATA, list, text).entries();
        assertThat(entries.get(0).body()).isEqualTo(body);
        assertThat(entries.get(1).body()).isEqualTo("CREATE TABLE t;\n");
    }

    @Test
    void fails_rather_than_guess() {
        String list = "1; 1259 2 TABLE s t o\n3; 1259 4 TABLE s u o\n";
        String first = header(1, 1259, 2, null, "t", "TABLE", "s", "o") + "X;\n";
        String second = header(3, 1259, 4, null, "u", "TABLE", "s", "o") + "Y;\n";
        String what = "cannot read what pg_restore printed of the schema: ";
        assertRefused(list, "\n" + first + TRAILER, what + "entries [3] of its list are not in its text");
        assertRefused(
                list,
                "\n" + first + second + second + TRAILER,
                what + "the text of some object looks like the header of entry 3");
        assertRefused(list, "\n" + first + second, what + "it has no end");
    }

    @Test
    void moves_settings_to_the_entries_that_need_them() {
        String list = "1; 1259 2 TABLE s t o\n3; 1259 4 TABLE s u o\n5; 1255 6 FUNCTION s f o\n7; 1259 8 TABLE s v o\n";
        String text = "\nSET default_tablespace = \"odd; one\";\n\nSET default_table_access_method = heap;\n\n"
                + header(1, 1259, 2, null, "t", "TABLE", "s", "o") + "T;\n\n"
                + "SET default_tablespace = '';\n\n"
                + header(3, 1259, 4, null, "u", "TABLE", "s", "o") + "U;\n\n"
                + header(5, 1255, 6, null, "f", "FUNCTION", "s", "o") + "F;\n\n"
                + "SET default_table_access_method = columnar;\n\n"
                + header(7, 1259, 8, null, "v", "TABLE", "s", "o") + "V;\n\n" + TRAILER;
        SplitArchive.Parts parts = SplitArchive.run(Section.PRE_DATA, list, text);
        assertThat(parts.preamble())
                .isEqualTo("\nSET default_tablespace = '';\n\nSET default_table_access_method = heap;\n\n");
        assertThat(parts.entries())
                .extracting(ArchiveEntry::body)
                .containsExactly(
                        "SET default_tablespace = \"odd; one\";\n\nT;\n\nSET default_tablespace = '';\n\n",
                        "U;\n\n",
                        "F;\n\n",
                        "SET default_table_access_method = columnar;\n\nV;\n\nSET default_table_access_method = heap;\n\n");
    }

    @Test
    void an_empty_section_has_no_entries() {
        assertThat(SplitArchive.run(Section.POST_DATA, "", "\nSET x;\n\n" + TRAILER)
                        .entries())
                .isEmpty();
    }

    private static void assertRefused(String list, String text, String message) {
        assertThatThrownBy(() -> SplitArchive.run(Section.PRE_DATA, list, text))
                .isInstanceOf(BackupException.class)
                .hasMessage(message);
    }

    private static String header(
            int id, int catalog, int oid, String needs, String tag, String type, String schema, String owner) {
        return "--\n-- TOC entry " + id + " (class " + catalog + " OID " + oid + ")\n"
                + (needs == null ? "" : "-- Dependencies: " + needs + "\n")
                + "-- Name: " + tag + "; Type: " + type + "; Schema: " + schema + "; Owner: " + owner
                + "\n-- Data Pos: 0\n--\n\n";
    }
}
