package io.hyperkeep.web;

import io.hyperkeep.config.ConfigurationSource;
import io.hyperkeep.jobs.Notify;
import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.StalePlans;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.jackson.JacksonEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.info.InfoContributorAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.info.InfoEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementContextAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.batch.autoconfigure.observation.BatchObservationAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.application.AvailabilityHealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.jvm.JvmMetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.system.SystemMetricsAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.actuate.endpoint.web.WebMvcHealthEndpointExtensionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.PropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Health and figures on the management port, by Spring Boot's Actuator.
 *
 * <p>Spring Batch measures jobs here, and no steps: these are no beans, so nobody gives them a registry. A step of one unit
 * is called after the unit, and a meter for each of them would be as many as chunks.
 */
@Configuration(proxyBeanMethods = false)
@PropertySource("classpath:io/hyperkeep/web/endpoints.properties")
@ImportAutoConfiguration({
    ApplicationAvailabilityAutoConfiguration.class,
    EndpointAutoConfiguration.class,
    WebEndpointAutoConfiguration.class,
    JacksonEndpointAutoConfiguration.class,
    ManagementContextAutoConfiguration.class,
    HealthContributorRegistryAutoConfiguration.class,
    HealthContributorAutoConfiguration.class,
    AvailabilityHealthContributorAutoConfiguration.class,
    AvailabilityProbesAutoConfiguration.class,
    HealthEndpointAutoConfiguration.class,
    WebMvcHealthEndpointExtensionAutoConfiguration.class,
    InfoContributorAutoConfiguration.class,
    InfoEndpointAutoConfiguration.class,
    MetricsAutoConfiguration.class,
    CompositeMeterRegistryAutoConfiguration.class,
    PrometheusMetricsExportAutoConfiguration.class,
    JvmMetricsAutoConfiguration.class,
    SystemMetricsAutoConfiguration.class,
    ObservationAutoConfiguration.class,
    BatchObservationAutoConfiguration.class
})
public class MonitoringConfiguration {
    @Bean
    ConfiguredPlans configuredPlans(ConfigurationSource source, Clock clock) {
        return new ConfiguredPlans(source, clock);
    }

    @Bean
    WatchPlans watchPlans(ConfiguredPlans plans, RunQueries runs, Firings firings, Clock clock) {
        return new WatchPlans(plans::watched, runs, firings, clock);
    }

    @Bean
    PlanHealth backupsHealthContributor(WatchPlans plans, Clock clock) {
        return new PlanHealth(plans, clock);
    }

    @Bean
    MetadataHealth metadataHealthIndicator(WatchPlans plans) {
        return new MetadataHealth(plans);
    }

    @Bean
    PlanMetrics planMetrics(
            WatchPlans plans, ConfiguredPlans configured, Clock clock, BuildProperties build, PrometheusRegistry all) {
        PlanMetrics metrics = new PlanMetrics(plans, configured::schedules, clock, String.valueOf(build.getVersion()));
        all.register(metrics);
        return metrics;
    }

    @Bean
    EveryMinute everyMinute(
            WatchPlans plans,
            ConfiguredPlans configured,
            JdbcClient metadata,
            ObjectProvider<Notify> people,
            Clock clock) {
        Notify notify = people.getIfAvailable(() -> Notify.NOBODY);
        return new EveryMinute(new TellStale(
                plans,
                new StalePlans(metadata),
                (name, text) -> configured.plan(name).ifPresent(plan -> notify.stale(plan, text)),
                clock));
    }
}
