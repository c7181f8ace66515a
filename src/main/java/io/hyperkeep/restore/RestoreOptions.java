package io.hyperkeep.restore;

import java.util.Objects;

/**
 * How a restore is to come out, beside what is restored and where to.
 *
 * @param compress what becomes of chunks that were compressed
 * @param strict whether to refuse a target that can not carry everything, instead of warning of it
 * @param alterations in what the target is to differ from the backup
 */
public record RestoreOptions(CompressMode compress, boolean strict, Alterations alterations) {
    /** As in the source, as far as the target can. */
    public static final RestoreOptions DEFAULT = new RestoreOptions(CompressMode.AS_SOURCE, false, Alterations.NONE);

    public RestoreOptions {
        // a run of an earlier version recorded none
        alterations = Objects.requireNonNullElse(alterations, Alterations.NONE);
    }

    /** The same with these alterations. */
    public RestoreOptions with(Alterations others) {
        return new RestoreOptions(compress, strict, others);
    }
}
