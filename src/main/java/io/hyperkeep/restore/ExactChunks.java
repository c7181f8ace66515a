package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Creates chunks by their bounds, with the function that the Community edition has for it. */
final class ExactChunks {
    // six locks for each new chunk, out of a lock table that holds 6,400 by default
    private static final int BATCH = 100;

    private ExactChunks() {}

    /** Creates them in transactions of their own; the function leaves a chunk that exists alone. */
    static void create(Connection connection, TableName table, List<ChunkEntry> chunks) throws SQLException {
        for (int from = 0; from < chunks.size(); from += BATCH) {
            List<String> statements = new ArrayList<>();
            for (ChunkEntry chunk : chunks.subList(from, Math.min(from + BATCH, chunks.size()))) {
                statements.add("SELECT FROM _timescaledb_functions.create_chunk("
                        + Identifiers.literal(Identifiers.quote(table)) + "::regclass, "
                        + Identifiers.literal(json(chunk.slices())) + "::jsonb)");
            }
            CreateChunks.inTransaction(connection, statements);
        }
    }

    private static String json(List<Slice> slices) {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        for (Slice slice : slices) {
            ArrayNode range = json.putArray(slice.column());
            range.add(slice.start());
            range.add(slice.end());
        }
        return json.toString();
    }
}
