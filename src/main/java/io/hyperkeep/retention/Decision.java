package io.hyperkeep.retention;

import java.util.List;

/**
 * What becomes of a backup, and why.
 *
 * @param backup which one
 * @param kept whether it stays
 * @param reasons in words, at least one
 */
public record Decision(SealedBackup backup, boolean kept, List<String> reasons) {
    public Decision {
        reasons = List.copyOf(reasons);
    }

    /** The reasons as one text. */
    public String why() {
        return String.join(", ", reasons);
    }
}
