package io.hyperkeep.restore;

/**
 * How a restore is to come out, beside what is restored and where to.
 *
 * @param compress what becomes of chunks that were compressed
 * @param strict whether to refuse a target that can not carry everything, instead of warning of it
 */
public record RestoreOptions(CompressMode compress, boolean strict) {
    /** As in the source, as far as the target can. */
    public static final RestoreOptions DEFAULT = new RestoreOptions(CompressMode.AS_SOURCE, false);
}
