package io.hyperkeep.manifest;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What the jobs of a manifest must be like. For one manifest. */
final class JobRules {
    private final List<JobEntry> jobs;

    JobRules(List<JobEntry> jobs) {
        this.jobs = jobs;
    }

    void require() throws UnreadableManifest {
        for (int i = 0; i < jobs.size(); i++) {
            job("jobs[" + i + "]", jobs.get(i));
        }
        Field.unique("jobs", jobs.stream().map(JobEntry::id));
    }

    private static void job(String path, JobEntry job) throws UnreadableManifest {
        procedure(path + ".procedure", job.procedure());
        procedure(path + ".check", job.check());
        if (job.on() != null) {
            Field.name(path + ".on", job.on());
        }
        Field.name(path + ".owner", job.owner());
        Field.name(path + ".schedule.interval", job.schedule().interval());
        Field.require(
                job.limits().maxRetries() >= -1,
                path + ".limits.maxRetries",
                job.limits().maxRetries(),
                "a number from -1 on");
        if (job.config() != null) {
            Field.sql(path + ".config", job.config(), JobRules::isObject, "a JSON object");
        }
        for (Map.Entry<String, TableName> relation : job.relations().entrySet()) {
            Field.oneOf(
                    path + ".relations",
                    relation.getKey(),
                    JobEntry.HYPERTABLE,
                    JobEntry.MATERIALIZATION,
                    JobEntry.INDEX);
            Field.name(path + ".relations." + relation.getKey(), relation.getValue());
        }
        Field.require(
                job.relations().isEmpty() || job.config() != null,
                path + ".config",
                job.config(),
                "a JSON object, which relations belong to");
    }

    private static void procedure(String path, JobEntry.@Nullable Procedure procedure) throws UnreadableManifest {
        if (procedure != null) {
            Field.name(path + ".schema", procedure.schema());
            Field.name(path + ".name", procedure.name());
        }
    }

    private static boolean isObject(String json) {
        try {
            return JsonMapper.shared().readTree(json).isObject();
        } catch (JacksonException e) {
            return false;
        }
    }
}
