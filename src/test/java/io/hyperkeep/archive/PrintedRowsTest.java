package io.hyperkeep.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.manifest.RowDigester;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows in what pg_restore prints of an archive: as its version 17 writes a script of data alone. */
class PrintedRowsTest {
    private static final String HEAD = """
            --
            -- PostgreSQL database dump
            --

            \\restrict q4mF8N

            SET statement_timeout = 0;
            SELECT pg_catalog.set_config('search_path', '', false);

            """;
    private static final String TAIL = """


            --
            -- PostgreSQL database dump complete
            --

            \\unrestrict q4mF8N

            """;

    private static List<CopiedRows.Sum> read(String script) throws Exception {
        return PrintedRows.read(new ByteArrayInputStream(script.getBytes(StandardCharsets.UTF_8)));
    }

    private static CopiedRows.Sum sum(String... rows) {
        RowDigester digester = new RowDigester();
        for (String row : rows) {
            byte[] bytes = (row + "\n").getBytes(StandardCharsets.UTF_8);
            digester.add(bytes, 0, bytes.length);
        }
        return new CopiedRows.Sum(rows.length, digester.digest());
    }

    private static String copy(String name, String... rows) {
        return "--\n-- Data for Name: " + name.replace('\n', ' ') + "; Type: TABLE DATA; Schema: app; Owner: -\n--\n\n"
                + "COPY app.\"" + name.replace("\"", "\"\"") + "\" (a, \"b FROM stdin;\") FROM stdin;\n"
                + (rows.length == 0 ? "" : String.join("\n", rows) + "\n") + "\\.\n\n\n";
    }

    @Test
    void the_rows_of_each_table_are_told_apart_whatever_it_is_called_and_whatever_they_look_like() throws Exception {
        String wide = "w".repeat(1_000_003);
        String script = HEAD
                + copy("plain", "1\t2", "COPY app.x (a) FROM stdin;", "-- Data", "\\\\.", "")
                + copy("none")
                + copy("a \"quoted\" one; FROM stdin;\nCOPY in \"two lines", "\\N", wide, "\"")
                + copy("last", "1")
                + TAIL;

        assertThat(read(script))
                .containsExactly(
                        sum("1\t2", "COPY app.x (a) FROM stdin;", "-- Data", "\\\\.", ""),
                        sum(),
                        sum("\\N", wide, "\""),
                        sum("1"));
    }

    @Test
    void a_script_that_ends_within_rows_is_refused() {
        String whole = copy("plain", "1\t2");
        for (String cut : List.of("\\.\n\n\n", "2\n\\.\n\n\n", ".\n\n\n")) {
            assertThatThrownBy(() -> read(HEAD + whole.substring(0, whole.length() - cut.length())))
                    .isInstanceOf(IOException.class)
                    .hasMessage("it is no whole script of COPY statements");
        }
    }
}
