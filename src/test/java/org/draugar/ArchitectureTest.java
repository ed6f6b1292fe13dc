package org.draugar;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.draugar.http.JsonText;
import org.draugar.http.Refusal;
import org.draugar.location.Fix;
import org.draugar.location.Numbers;
import org.draugar.location.Times;
import org.draugar.transport.NonBlockingResponse;
import org.draugar.transport.PacedWebSocket;

/** Keeps the shape of the code what the documents say it is. */
@AnalyzeClasses(packages = "org.draugar", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule packagesFormNoCircle =
            slices().matching("org.draugar.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule doorsDoNotKnowEachOther = slices().matching("org.draugar.(websocket|fallback|socketio)..")
            .should()
            .notDependOnEachOther();

    private static final DescribedPredicate<JavaClass> FLUSHED_STREAM = HasName.Predicates.nameMatching(
                    "org\\.draugar\\.transport\\.FlushedStream.*")
            .forSubtype();

    private static final DescribedPredicate<JavaClass> BODIES =
            HasName.Predicates.nameMatching("org\\.draugar\\.http\\.Bodies.*").forSubtype();

    @ArchTest
    static final ArchRule theSocketIoEngineCouldServeAnotherApplication = classes()
            .that()
            .resideInAPackage("..socketio.engine..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "java..", "jakarta.json..", "jakarta.servlet..", "jakarta.websocket..", "..engine..")
                    .or(BODIES)
                    .or(type(JsonText.class))
                    .or(type(NonBlockingResponse.class))
                    .or(type(PacedWebSocket.class)));

    @ArchTest
    static final ArchRule whatTheEngineBorrowsCouldGoWithIt = classes()
            .that(type(JsonText.class)
                    .or(BODIES)
                    .or(type(Refusal.class))
                    .or(type(NonBlockingResponse.class))
                    .or(type(PacedWebSocket.class))
                    .or(FLUSHED_STREAM))
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage("java..", "jakarta.inject..", "jakarta.servlet..", "jakarta.websocket..")
                            .or(BODIES)
                            .or(type(Refusal.class))
                            .or(FLUSHED_STREAM));

    @ArchTest
    static final ArchRule featuresDoNotKnowHowMessagesTravel = noClasses()
            .that()
            .resideInAnyPackage(
                    "..family..",
                    "..encryption..",
                    "..location..",
                    "..places..",
                    "..alerts..",
                    "..delivery..",
                    "..presence..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta.websocket..", "..websocket..", "..socketio..", "..fallback..", "..protocol..");

    @ArchTest
    static final ArchRule deliveryMovesEnvelopesAndKnowsNoFeature = noClasses()
            .that()
            .resideInAPackage("..delivery..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..location..", "..places..", "..alerts..", "..presence..", "..identity..", "..store..");

    @ArchTest
    static final ArchRule formatsKnowPositionsAndNothingElse = classes()
            .that()
            .resideInAPackage("..formats..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage("java..", "javax.xml..", "jakarta.json..", "..formats..")
                    .or(type(Fix.class))
                    .or(type(Times.class))
                    .or(type(Numbers.class)));

    @ArchTest
    static final ArchRule theClientKnowsOnlyTheContract = noClasses()
            .that()
            .resideInAPackage("..client..")
            .should()
            .dependOnClassesThat(resideInAPackage("org.draugar..").and(not(resideInAPackage("org.draugar.client.."))));

    @ArchTest
    static final ArchRule nothingServesAsAClient = noClasses()
            .that()
            .resideOutsideOfPackage("..client..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..client..");

    @ArchTest
    static final ArchRule nothingUnderstandsOneServerOnly = noClasses()
            .that()
            .resideOutsideOfPackage("..client..")
            .should()
            .dependOnClassesThat(resideInAPackage("fish.payara..")
                    .or(resideInAPackage("org.glassfish.."))
                    .or(resideInAPackage("io.undertow.."))
                    .or(resideInAPackage("org.jboss.."))
                    .or(resideInAPackage("org.wildfly..")));

    @ArchTest
    static final ArchRule sqlStaysInRepositories = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "..store..",
                    "..alarms..",
                    "..audit..",
                    "..family..",
                    "..identity..",
                    "..encryption..",
                    "..location..",
                    "..trackers..",
                    "..places..",
                    "..alerts..",
                    "..notifications..",
                    "..homeassistant..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.jdbi..", "java.sql..");
}
