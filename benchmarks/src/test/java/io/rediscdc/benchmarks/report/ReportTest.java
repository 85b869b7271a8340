package io.rediscdc.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.measure.Measurement;
import io.rediscdc.benchmarks.measure.Summary;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ReportTest {

    private static final List<Measurement> MEASUREMENTS = List.of(
            new Measurement("snapshot", "a,b", 1, Map.of(Figure.SECONDS, 2.0, Figure.CHANGES_PER_SECOND, 500_000.0)),
            new Measurement("snapshot", "c<d", 1, Map.of(Figure.CHANGES_PER_SECOND, 1_000_000.0)),
            new Measurement("rate", "c<d", 1, Map.of(Figure.P50_MS, 1.0, Figure.P99_MS, 25.0)));

    @TempDir
    private Path directory;

    @Test
    void tableHasTheColumnsThatAreFilled() {
        List<String> lines = Table.of(Summary.of(MEASUREMENTS)).lines().toList();

        assertThat(lines).hasSize(5);
        assertThat(lines.get(0)).contains("changes/s").contains("p99 ms").doesNotContain("RSS");
        assertThat(lines.get(2)).contains("500,000").contains("2.00");
        assertThat(lines).extracting(String::length).containsOnly(lines.get(0).length());
    }

    @Test
    void csvHasALineForEachRun() {
        List<String> lines = Csv.of(MEASUREMENTS).lines().toList();

        assertThat(lines.get(0)).startsWith("scenario,tool,run,s,changes/s,");
        assertThat(lines.get(1)).startsWith("snapshot,\"a,b\",1,2.0000,500000.0000,,");
        assertThat(lines).hasSize(4);
    }

    @Test
    void chartHasABarForEachToolInProportion() throws Exception {
        Document svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(Chart.of(Summary.of(MEASUREMENTS)))));

        // The first is the background.
        assertThat(svg.getElementsByTagName("rect").getLength()).isEqualTo(4);
        assertThat(2 * width(svg, 1)).isEqualTo(width(svg, 2));
        assertThat(svg.getElementsByTagName("text").item(0).getTextContent()).isEqualTo("snapshot: changes/s");
        assertThat(svg.getElementsByTagName("text").item(5).getTextContent()).isEqualTo("rate: p99 ms");
    }

    @Test
    void writesAFileForEachScenario() throws Exception {
        new Report(directory, MEASUREMENTS).write();

        assertThat(directory.resolve("snapshot.csv")).content().hasLineCount(3);
        assertThat(directory.resolve("rate.csv")).exists();
        assertThat(Files.readString(directory.resolve("table.md"))).contains("cores");
        assertThat(directory.resolve("chart.svg")).isNotEmptyFile();
    }

    private static double width(Document svg, int rect) {
        return Double.parseDouble(svg.getElementsByTagName("rect")
                .item(rect)
                .getAttributes()
                .getNamedItem("width")
                .getTextContent());
    }
}
