package io.hyperkeep.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know whom: doors know the engine, the engine knows the flow, the flow knows the manifest. */
@AnalyzeClasses(packages = "io.hyperkeep", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
    private static final String[] FLOW = {
        "io.hyperkeep.database..",
        "io.hyperkeep.discovery..",
        "io.hyperkeep.plan..",
        "io.hyperkeep.schema..",
        "io.hyperkeep.export..",
        "io.hyperkeep.manifest..",
        "io.hyperkeep.storage..",
        "io.hyperkeep.restore..",
        "io.hyperkeep.archive..",
        "io.hyperkeep.cluster..",
        "io.hyperkeep.verify..",
        "io.hyperkeep.retention..",
        "io.hyperkeep.check..",
        "io.hyperkeep.process..",
        "io.hyperkeep.secret.."
    };

    @ArchTest
    static final ArchRule manifest_knows_nothing_of_ours = noClasses()
            .that()
            .resideInAPackage("io.hyperkeep.manifest..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.hyperkeep.database..",
                    "io.hyperkeep.discovery..",
                    "io.hyperkeep.plan..",
                    "io.hyperkeep.schema..",
                    "io.hyperkeep.export..",
                    "io.hyperkeep.storage..",
                    "io.hyperkeep.restore..",
                    "io.hyperkeep.verify..",
                    "io.hyperkeep.problem..",
                    "io.hyperkeep.runs..",
                    "io.hyperkeep.jobs..",
                    "io.hyperkeep.cli..",
                    "io.hyperkeep.config..")
            .because("a program that only reads backups must be able to use it alone");

    @ArchTest
    static final ArchRule the_flow_knows_no_spring = noClasses()
            .that()
            .resideInAnyPackage(FLOW)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework..")
            .because(
                    "the work itself is plain Java, tested without a context and independent of the framework's versions");

    @ArchTest
    static final ArchRule the_flow_knows_neither_engine_nor_doors = noClasses()
            .that()
            .resideInAnyPackage(FLOW)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.hyperkeep.jobs..",
                    "io.hyperkeep.schedule..",
                    "io.hyperkeep.cli..",
                    "io.hyperkeep.web..",
                    "io.hyperkeep.config..",
                    "io.hyperkeep.hooks..",
                    "io.hyperkeep.notify..")
            .because("dependencies point inward: doors, engine, flow, manifest");

    @ArchTest
    static final ArchRule the_engine_knows_no_doors = noClasses()
            .that()
            .resideInAnyPackage("io.hyperkeep.jobs..", "io.hyperkeep.runs..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.hyperkeep.schedule..",
                    "io.hyperkeep.cli..",
                    "io.hyperkeep.web..",
                    "io.hyperkeep.config..",
                    "io.hyperkeep.hooks..",
                    "io.hyperkeep.notify..")
            .because("a run must not depend on who started it");

    @ArchTest
    static final ArchRule schedules_know_no_doors = noClasses()
            .that()
            .resideInAPackage("io.hyperkeep.schedule..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.hyperkeep.cli..", "io.hyperkeep.web..", "io.hyperkeep.config..")
            .because("what fires must not depend on where it was configured or who asks");

    @ArchTest
    static final ArchRule only_schedules_know_quartz = noClasses()
            .that()
            .resideOutsideOfPackage("io.hyperkeep.schedule..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.quartz..")
            .because("who else needs a time asks for an instant");

    @ArchTest
    static final ArchRule doors_do_not_lead_into_each_other = noClasses()
            .that()
            .resideInAPackage("io.hyperkeep.web..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.hyperkeep.cli..")
            .because("the daemon answers without a command line, and commands without the daemon");

    @ArchTest
    static final ArchRule only_jobs_know_spring_batch = noClasses()
            .that()
            .resideOutsideOfPackage("io.hyperkeep.jobs..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework.batch..")
            .because("its API changes with every major version: one package has to follow");

    @ArchTest
    static final ArchRule only_notify_knows_mail_and_http = noClasses()
            .that()
            .resideOutsideOfPackage("io.hyperkeep.notify..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta.mail..", "java.net.http..")
            .because("what hangs there must be bounded in one place, and no command pays for loading it");

    @ArchTest
    static final ArchRule only_the_flow_knows_the_driver = noClasses()
            .that()
            .resideOutsideOfPackages("io.hyperkeep.database..", "io.hyperkeep.export..", "io.hyperkeep.restore..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.postgresql..")
            .because("everything else uses JDBC, so that COPY and its cancelling are in one place");

    @ArchTest
    static final ArchRule problems_know_nothing = noClasses()
            .that()
            .resideInAPackage("io.hyperkeep.problem..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.hyperkeep.(database|plan|jobs|cli|manifest|storage)..")
            .because("every package uses it");

    @ArchTest
    static final ArchRule no_cycles_in_the_flow = slices().matching("io.hyperkeep.(*)..")
            .should()
            .beFreeOfCycles()
            .because("a package that can not be read alone is no package");

    @ArchTest
    static final ArchRule names_say_what_a_class_does = noClasses()
            .should()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .because("such a name hides that nobody knew what the class is for");

    @ArchTest
    static final ArchRule records_of_the_manifest_are_public = classes()
            .that()
            .resideInAPackage("io.hyperkeep.manifest..")
            .and()
            .areRecords()
            .should()
            .bePublic()
            .because("they are the format");
}
