package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no statement can create, in backups of either kind. */
@Timeout(180)
class UndumpedTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    void it_is_named_by_the_backup(String kind) throws Exception {
        Operator operator = new Operator(folder, server);
        String source = server.createDatabase("undumped", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.\"no index\" (at timestamptz NOT NULL)",
                "CREATE UNIQUE INDEX gone ON public.\"no index\" (at)",
                "SELECT create_hypertable('public.\"no index\"', 'at', create_default_indexes => false)",
                "INSERT INTO public.\"no index\" VALUES ('2026-01-01'), ('2026-02-01')",
                "ALTER TABLE public.\"no index\" REPLICA IDENTITY USING INDEX gone",
                "DROP INDEX public.gone",
                // what has one is not named
                "CREATE TABLE public.whole (n int NOT NULL CONSTRAINT whole_n UNIQUE)",
                "ALTER TABLE public.whole REPLICA IDENTITY USING INDEX whole_n",
                "CREATE FUNCTION public.less(int4range, int4) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT upper($1) < $2'",
                "CREATE OPERATOR public.<<< (LEFTARG = int4range, RIGHTARG = int4, FUNCTION = public.less,"
                        + " COMMUTATOR = OPERATOR(public.>>>))");
        Operator.Ended backedUp = operator.run(operator.backup(source, "--kind", kind));
        assertThat(backedUp.exitCode()).as(backedUp.err()).isEqualTo(3);
        assertThat(backedUp.err().lines().filter(line -> line.startsWith("WARNING: ")))
                .containsExactlyInAnyOrder(
                        "WARNING: the replica identity of table public.no index is an index that was dropped, which is not in"
                                + " the backup: the restored table has the default replica identity; ALTER TABLE ... REPLICA"
                                + " IDENTITY gives it one that a backup has",
                        "WARNING: operator public.>>>(integer, int4range) has no function: another operator names it, and it"
                                + " was never defined; that it belongs to postgres is not in the backup");

        String target = server.newDatabase("undumped");
        server.execute("DROP DATABASE " + target.replaceAll(".*/", ""));
        Operator.Ended restored = operator.run(operator.restore("latest", target, "--create-database"));
        assertThat(restored.exitCode()).as(restored.err()).isEqualTo(0);
    }
}
