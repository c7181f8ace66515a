package io.hyperkeep.web;

import io.hyperkeep.config.ConfigurationSource;
import io.hyperkeep.config.ServeConfiguration;
import io.hyperkeep.jobs.Attempts;
import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.jobs.EngineConfiguration;
import io.hyperkeep.jobs.LaunchRun;
import io.hyperkeep.jobs.Notify;
import io.hyperkeep.jobs.RunPlan;
import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.schedule.Scheduling;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The daemon's parts: the engine, as every command has it, and what answers on the management port. */
@Configuration(proxyBeanMethods = false)
@Import({EngineConfiguration.class, MonitoringConfiguration.class, ReloadController.class})
@ImportAutoConfiguration({
    TomcatServletWebServerAutoConfiguration.class,
    DispatcherServletAutoConfiguration.class,
    WebMvcAutoConfiguration.class,
    ErrorMvcAutoConfiguration.class,
    HttpMessageConvertersAutoConfiguration.class,
    JacksonAutoConfiguration.class
})
public class DaemonConfiguration {
    @Bean
    Scheduling scheduling(
            LaunchRun launch,
            RunPlan plans,
            ControlRuns control,
            Attempts attempts,
            RunRecords records,
            RunQueries runs,
            Firings firings,
            ObjectProvider<Notify> people,
            ConfigurationSource source,
            DataSource metadata,
            Clock clock) {
        boolean shared = source.current().metadata().url() != null;
        return new Scheduling(
                new Scheduling.Engine(
                        launch,
                        plans,
                        control,
                        attempts,
                        records,
                        runs,
                        firings,
                        people.getIfAvailable(() -> Notify.NOBODY)),
                shared ? metadata : null,
                clock);
    }

    @Bean
    ServeConfiguration serveConfiguration(ConfigurationSource source, Scheduling scheduling) {
        return new ServeConfiguration(source, scheduling);
    }
}
