package io.hyperkeep.storage;

import io.hyperkeep.runs.RunProcess;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a database's folder: what a lock's file says, in JSON.
 *
 * @param use what for
 * @param what the same for people, such as {@code backup run 12}
 * @param host name of the machine, for people
 * @param machine tells whose process numbers it has, as {@link RunProcess#machine()}
 * @param pid process number
 * @param started as {@link RunProcess#started()}
 * @param since when the lock was taken, by that machine's clock; for people
 */
record LockHolder(
        FolderUse use,
        String what,
        String host,
        @Nullable String machine,
        long pid,
        @Nullable Long started,
        Instant since) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    static LockHolder of(FolderUse use, String what, RunProcess process, Instant since) {
        return new LockHolder(use, what, process.host(), process.machine(), process.pid(), process.started(), since);
    }

    RunProcess process() {
        return new RunProcess(host, machine, pid, started);
    }

    @Override
    public String toString() {
        return what + " on " + host + ", process " + pid + ", since " + TIME.format(since);
    }
}
