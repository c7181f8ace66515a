package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hyperkeep.database.Query;
import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hypertable with rows in an object store, which TimescaleDB reads through a foreign table. */
class TieredChunkTest {
    @RegisterExtension
    @Order(1)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    /** Without a user mapping: reading the foreign table would fail. */
    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    void the_tiered_rows_are_named_and_all_others_come_back(String kind) throws SQLException {
        assumeTrue(EveryObject.hasContributed(server), "needs PostgreSQL's contributed extensions");
        String source = server.createDatabase("tiered", true);
        try (Connection connection = server.connect(source);
                Statement statement = connection.createStatement()) {
            for (String sql : new String[] {
                "CREATE EXTENSION postgres_fdw",
                "CREATE SERVER store FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1')",
                "CREATE TABLE public.m (at timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.m', 'at', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.m SELECT '2026-01-01'::timestamptz + n * interval '7 hours', n"
                        + " FROM generate_series(1, 30) n",
                "CREATE FOREIGN TABLE public.m_tiered (at timestamptz NOT NULL, v int) SERVER store",
                "SELECT _timescaledb_functions.attach_osm_table_chunk('public.m', 'public.m_tiered')"
            }) {
                statement.execute(sql);
            }
        }

        Ended backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve(kind), "--kind", kind)
                .exitsWith(3);
        assertThat(backup.warnings())
                .contains("tiered-chunk: tiered rows of hypertable public.m are not in the backup");
        String target = server.newDatabase("tiered_back");
        hyperkeep.restore(server, backup.backup(), target, "--create-database").exitsWith(0);

        try (Connection connection = server.connect(target);
                Statement statement = connection.createStatement()) {
            statement.execute("SET timescaledb.enable_tiered_reads = off");
            String rows =
                    Query.one(connection, "SELECT count(*) || ' ' || sum(v) FROM public.m", row -> row.getString(1));
            assertThat(rows).isEqualTo("30 465");
        }
    }
}
