package io.rediscdc.benchmarks.floor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ServiceLoader;
import org.apache.kafka.connect.sink.SinkConnector;
import org.apache.kafka.connect.source.SourceConnector;
import org.junit.jupiter.api.Test;

class FloorPluginTest {

    /** A worker gets this module's jar, and nothing that the rest of it needs. */
    @Test
    void needsOnlyWhatAWorkerHas() {
        classes()
                .that()
                .resideInAPackage("io.rediscdc.benchmarks.floor")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.apache.kafka..", "io.rediscdc.benchmarks.floor")
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.rediscdc.benchmarks"));
    }

    @Test
    void workersFindThem() {
        assertThat(ServiceLoader.load(SourceConnector.class)).hasAtLeastOneElementOfType(FloorSource.class);
        assertThat(ServiceLoader.load(SinkConnector.class)).hasAtLeastOneElementOfType(FloorSink.class);
    }
}
