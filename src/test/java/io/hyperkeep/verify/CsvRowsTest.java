package io.hyperkeep.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.RowDigester;
import io.hyperkeep.manifest.UnitEntry;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvRowsTest {
    private static final List<String> ROWS = List.of(
            "1,plain\n",
            "2,\"with \"\" quote, comma\nand line feeds\n\n\"\n",
            "\n",
            "\"\"\n",
            "3,\"" + "long ".repeat(100) + "\"\n",
            "4,Ünïcode\r\n");

    @Test
    void rows_are_the_same_however_the_file_is_cut_into_buffers() {
        String csv = "id,\"odd\nname\"\n" + String.join("", ROWS);
        byte[] bytes = csv.getBytes(StandardCharsets.UTF_8);
        RowDigester expected = new RowDigester();
        ROWS.forEach(row -> {
            byte[] one = row.getBytes(StandardCharsets.UTF_8);
            expected.add(one, 0, one.length);
        });
        for (int size = 1; size <= bytes.length; size++) {
            CsvRows rows = new CsvRows();
            for (int from = 0; from < bytes.length; from += size) {
                byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(from + size, bytes.length));
                rows.add(piece, piece.length);
            }
            assertThat(rows.differs(unit(ROWS.size(), bytes.length, expected.digest())))
                    .as("buffers of %d bytes", size)
                    .isEmpty();
        }
    }

    @Test
    void says_what_differs() {
        assertThat(differs("a\n1\n2", unit(2, 6, RowDigest.NONE))).isEqualTo("ends in the middle of a row");
        assertThat(differs("a\n1\n\"2\n", unit(2, 7, RowDigest.NONE))).isEqualTo("ends in the middle of a row");
        assertThat(differs("a\n1\n2\n", unit(2, 7, RowDigest.NONE))).isEqualTo("holds 6 bytes of CSV instead of 7");
        assertThat(differs("a\n1\n2\n", unit(3, 6, RowDigest.NONE))).isEqualTo("holds 2 rows instead of 3");
        assertThat(differs("a\n1\n2\n", unit(2, 6, RowDigest.NONE)))
                .isEqualTo("holds other rows: their digest differs");
    }

    private static String differs(String csv, UnitEntry unit) {
        CsvRows rows = new CsvRows();
        byte[] bytes = csv.getBytes(StandardCharsets.UTF_8);
        rows.add(bytes, bytes.length);
        return rows.differs(unit).orElse("");
    }

    private static UnitEntry unit(long rows, long csvBytes, RowDigest digest) {
        return new UnitEntry("u1", "data/f", List.of(), rows, csvBytes, 1, "00", digest, 1, false, null);
    }
}
