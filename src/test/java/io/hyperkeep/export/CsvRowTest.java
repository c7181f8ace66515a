package io.hyperkeep.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvRowTest {
    @Test
    void splits_a_row_as_copy_writes_it() {
        assertThat(fields("a,\"b,\"\"c\nd\",,\"\",é\n", 5)).containsExactly("a", "b,\"c\nd", null, "", "é");
    }

    @Test
    void reads_no_further_than_asked() {
        assertThat(fields("1,2,3\n", 2)).containsExactly("1", "2");
    }

    @Test
    void a_lone_empty_field_is_null() {
        assertThat(fields("\n", 1)).containsExactly((String) null);
    }

    private static List<String> fields(String row, int count) {
        return CsvRow.fields(row.getBytes(StandardCharsets.UTF_8), count);
    }
}
