package io.hyperkeep.restore;

import io.hyperkeep.manifest.SchemaEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The order of what comes after the data. A pure function.
 *
 * @param waves indexes and the constraints that have one; the entries of a wave need none of the same wave, so that
 *     they may be built at the same time
 * @param foreignKeys after every unique constraint that they may need
 * @param rest triggers, rules, policies, publications and all else, in their order
 * @param late foreign keys that have to wait until chunks are compressed, and what needs one of these
 * @param eventTriggers with what is said of them: after everything that they would fire on
 */
record PostDataStages(
        List<List<SchemaEntry>> waves,
        List<SchemaEntry> foreignKeys,
        List<SchemaEntry> rest,
        List<SchemaEntry> late,
        List<SchemaEntry> eventTriggers) {
    private static final Set<String> INDEXES = Set.of("INDEX", "CONSTRAINT", "INDEX ATTACH");
    private static final Set<String> NOTES = Set.of("COMMENT", "SECURITY LABEL");
    private static final int FOREIGN_KEYS = Integer.MAX_VALUE - 2;
    private static final int REST = Integer.MAX_VALUE - 1;
    private static final int LATE = Integer.MAX_VALUE;

    static PostDataStages of(RestorePlan plan) {
        return of(plan.postData(), plan::referencesCompressed);
    }

    /**
     * @param entries post-data entries in the order in which pg_dump has them, which their needs respect
     * @param waits whether an entry has to wait until chunks are compressed
     */
    static PostDataStages of(List<SchemaEntry> entries, Predicate<SchemaEntry> waits) {
        Map<Integer, Integer> stages = new HashMap<>();
        List<List<SchemaEntry>> waves = new ArrayList<>();
        List<SchemaEntry> foreignKeys = new ArrayList<>();
        List<SchemaEntry> rest = new ArrayList<>();
        List<SchemaEntry> late = new ArrayList<>();
        List<SchemaEntry> eventTriggers = new ArrayList<>();
        for (SchemaEntry entry : entries) {
            if (isOfEventTrigger(entry)) {
                eventTriggers.add(entry);
                continue;
            }
            int stage = waits.test(entry) ? LATE : stage(entry, stages);
            stages.put(entry.id(), stage);
            if (stage == LATE) {
                late.add(entry);
            } else if (stage == REST) {
                rest.add(entry);
            } else if (stage == FOREIGN_KEYS) {
                foreignKeys.add(entry);
            } else {
                while (waves.size() <= stage) {
                    waves.add(new ArrayList<>());
                }
                waves.get(stage).add(entry);
            }
        }
        return new PostDataStages(waves, foreignKeys, rest, late, eventTriggers);
    }

    /** Also its comment or its security label. */
    private static boolean isOfEventTrigger(SchemaEntry entry) {
        return entry.type().equals("EVENT TRIGGER")
                || NOTES.contains(entry.type()) && entry.name().startsWith("EVENT TRIGGER ");
    }

    private static int stage(SchemaEntry entry, Map<Integer, Integer> before) {
        // needs that are not here are of pre-data: done already
        int needed = entry.needs().stream()
                .map(before::get)
                .filter(java.util.Objects::nonNull)
                .mapToInt(Integer::intValue)
                .max()
                .orElse(-1);
        if (needed == REST || needed == LATE) {
            return needed;
        }
        if (entry.type().equals("FK CONSTRAINT")) {
            return FOREIGN_KEYS;
        }
        return INDEXES.contains(entry.type()) && needed != FOREIGN_KEYS ? needed + 1 : REST;
    }
}
