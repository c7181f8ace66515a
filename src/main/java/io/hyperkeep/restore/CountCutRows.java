package io.hyperkeep.restore;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.crew.Hand;
import io.hyperkeep.manifest.RowDigester;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.BackupFolder;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads the files of which a restore takes only some rows, and counts and digests those: as the manifest does for whole
 * files, this says what the target must have in the end. Thread-safe.
 */
public final class CountCutRows {
    private static final int BUFFER = 1 << 17;

    private final BackupFolder backup;

    public CountCutRows(BackupFolder backup) {
        this.backup = backup;
    }

    /**
     * Counts them.
     *
     * @param plan whose files were checked
     * @param jobs number of threads
     * @return the plan with the numbers of rows that it did not know
     * @throws BackupException DAMAGED when a file does not hold what it should
     */
    public RestorePlan run(RestorePlan plan, int jobs) {
        List<PlannedUnit> open =
                plan.units().stream().filter(unit -> !unit.isCounted()).toList();
        if (open.isEmpty()) {
            return plan;
        }
        Map<String, PlannedUnit> counted = new ConcurrentHashMap<>();
        CopyIn.Files files = CopyIn.Files.of(backup, plan.manifest().data());
        Crew.work("count-rows", jobs, open, () -> new Counting(files, counted));
        return plan.counted(counted);
    }

    private record Counting(CopyIn.Files files, Map<String, PlannedUnit> counted) implements Hand<PlannedUnit> {
        @Override
        public void work(PlannedUnit unit) throws InterruptedException {
            RowDigester digester = new RowDigester();
            CutRows rows = new CutRows(unit.requireCut());
            byte[] buffer = new byte[BUFFER];
            try (InputStream csv = files.open(unit.unit())) {
                for (int n = csv.readNBytes(buffer, 0, BUFFER); n > 0; n = csv.readNBytes(buffer, 0, BUFFER)) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                    rows.add(buffer, n, new Digesting(digester));
                }
            } catch (IOException | IllegalArgumentException e) {
                throw new BackupException(
                        Problem.DAMAGED,
                        "cannot read " + files.backup().file(unit.unit()) + ": " + e.getMessage(),
                        "`hyperkeep verify` checks every file of the backup",
                        e);
            }
            counted.put(unit.unit().id(), unit.with(new PlannedUnit.Kept(digester.rows(), digester.digest())));
        }

        @Override
        public void cancel() {
            // it ends by itself, soon
        }

        @Override
        public void close() {
            // each file was closed when it was read
        }
    }

    private record Digesting(RowDigester digester) implements CutRows.Kept<RuntimeException> {
        @Override
        public void header(byte[] bytes, int offset, int length) {
            // no row
        }

        @Override
        public void row(byte[] bytes, int offset, int length) {
            digester.add(bytes, offset, length);
        }
    }
}
