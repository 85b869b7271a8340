package io.rediscdc;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Flavour;
import org.junit.jupiter.api.Test;

/** Which part of this module may know which: formats below the model, the model below records, Kafka only on top. */
class LayersTest {

    private static final String[] BELOW_KAFKA = {
        "io.rediscdc.format..", "io.rediscdc.command..", "io.rediscdc.error..", "io.rediscdc.model.."
    };

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.rediscdc");

    @Test
    void formatsCommandsAndModelKnowNoKafka() {
        noClasses()
                .that()
                .resideInAnyPackage(BELOW_KAFKA)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "org.apache.avro..", "io.lettuce..")
                .check(classes);
    }

    @Test
    void formatsCommandsAndModelKnowNoRecords() {
        noClasses()
                .that()
                .resideInAnyPackage(BELOW_KAFKA)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.rediscdc.record..", "io.rediscdc.converter..")
                .check(classes);
    }

    @Test
    void recordsDoNotKnowTheirConverter() {
        noClasses()
                .that()
                .resideInAPackage("io.rediscdc.record..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.rediscdc.converter..")
                .check(classes);
    }

    @Test
    void formatsAndCommandsKnowNoChanges() {
        noClasses()
                .that()
                .resideInAnyPackage("io.rediscdc.format..", "io.rediscdc.command..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.rediscdc.model..").and(not(belongToAnyOf(Flavour.class))))
                .check(classes);
    }

    @Test
    void errorsKnowNothing() {
        classes()
                .that()
                .areAssignableTo(RedisCdcException.class)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "io.rediscdc.error..")
                .check(classes);
    }
}
