package io.hyperkeep.verify;

import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Sequences: what they are like, and where they stand. */
final class CompareSequences implements Comparer {
    @Override
    public List<Finding> compare(Expected expected, Inventory found) {
        Map<TableName, SequenceState> there =
                found.sequences().stream().collect(Collectors.toMap(SequenceState::sequence, Function.identity()));
        List<Finding> findings = new ArrayList<>();
        for (SequenceState sequence : expected.sequences()) {
            String on = "sequence " + sequence.sequence();
            SequenceState now = there.get(sequence.sequence());
            if (now == null) {
                findings.add(Finding.missing(on));
                continue;
            }
            Finding.ifDifferent(findings, on, "owning table", sequence.ownedBy(), now.ownedBy());
            Finding.ifDifferent(findings, on, "definition", sequence.definition(), now.definition());
            Finding.ifDifferent(findings, on, "last value", sequence.lastValue(), now.lastValue());
            if (sequence.called() != now.called()) {
                findings.add(new Finding(
                        on,
                        "its last value was " + (now.called() ? "" : "not ") + "handed out, in the backup it was "
                                + (sequence.called() ? "" : "not"),
                        String.valueOf(sequence.called()),
                        String.valueOf(now.called())));
            }
        }
        return findings;
    }
}
