package io.hyperkeep.restore;

import io.hyperkeep.database.DatabaseSettings;
import org.jspecify.annotations.Nullable;

/**
 * A restore to try, into a database that is made for it and dropped afterwards; holds no secret.
 *
 * @param restore what to restore and how; its target is the scratch database, whose policies and jobs stay off
 * @param server a database of the server to try it on, which is not changed
 * @param source name of the database that was backed up
 * @param plan the plan whose backup it is, or null
 */
public record DrillRequest(
        RestoreRequest restore,
        DatabaseSettings server,
        String source,
        @Nullable String plan) {
    public DrillRequest {
        // jobs of a copy that nobody watches must not act
        restore = restore.with(JobsAtEnd.OFF);
    }

    /** The same, in a scratch database of another name. */
    public DrillRequest anew() {
        return new DrillRequest(restore.withTarget(ScratchDatabase.on(server)), server, source, plan);
    }

    /** The same, with the server reached in another way. */
    public DrillRequest withServer(DatabaseSettings other) {
        return new DrillRequest(restore, other, source, plan);
    }
}
