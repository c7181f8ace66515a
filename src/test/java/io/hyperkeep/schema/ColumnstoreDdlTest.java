package io.hyperkeep.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.manifest.Columnstore;
import io.hyperkeep.manifest.Columnstore.OrderBy;
import io.hyperkeep.manifest.Columnstore.SparseIndex;
import io.hyperkeep.manifest.TableName;
import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnstoreDdlTest {
    private static final TableName TABLE = new TableName("app", "Mé\"trics");
    private static final Columnstore EVERYTHING = new Columnstore(
            List.of("Dev,ice", "o'clock"),
            List.of(new OrderBy("At", true, false), new OrderBy("v\"", false, true)),
            List.of(new SparseIndex("bloom", List.of("note"))),
            3_600_000_000L);

    @Test
    void everything_is_quoted_twice_and_directions_are_written_out() {
        assertThat(ColumnstoreDdl.change(TABLE, null, EVERYTHING))
                .containsExactly("ALTER TABLE \"app\".\"Mé\"\"trics\" SET (timescaledb.compress,"
                        + " timescaledb.compress_segmentby = '\"Dev,ice\", \"o''clock\"',"
                        + " timescaledb.compress_orderby = '\"At\" DESC NULLS LAST, \"v\"\"\" ASC NULLS FIRST',"
                        + " timescaledb.sparse_index = 'bloom(\"note\")',"
                        + " timescaledb.compress_chunk_time_interval = '3600000000 microseconds')");
    }

    @Test
    void none_is_not_the_same_as_any() {
        assertThat(ColumnstoreDdl.change(TABLE, null, Columnstore.AUTOMATIC))
                .containsExactly("ALTER TABLE \"app\".\"Mé\"\"trics\" SET (timescaledb.compress)");
        assertThat(ColumnstoreDdl.change(TABLE, null, new Columnstore(List.of(), null, List.of(), null)))
                .containsExactly("ALTER TABLE \"app\".\"Mé\"\"trics\" SET (timescaledb.compress,"
                        + " timescaledb.compress_segmentby = '', timescaledb.sparse_index = '')");
    }

    @Test
    void what_is_left_open_again_is_reset_and_what_is_the_same_is_left_alone() {
        assertThat(ColumnstoreDdl.change(TABLE, EVERYTHING, EVERYTHING)).isEmpty();
        assertThat(ColumnstoreDdl.change(TABLE, EVERYTHING, new Columnstore(List.of("a"), null, null, null)))
                .containsExactly(
                        "ALTER TABLE \"app\".\"Mé\"\"trics\" RESET (timescaledb.compress_segmentby, timescaledb.compress_orderby,"
                                + " timescaledb.sparse_index)",
                        "ALTER TABLE \"app\".\"Mé\"\"trics\" SET (timescaledb.compress_segmentby = '\"a\"')");
    }
}
