"""Reports as JUnit XML: one suite for each submission, one test case for each check."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from backproof.model import Report, Verdict
from backproof.reporting.text import explain, printable


def _xml_text(text: str) -> str:
    """Text without the characters that XML 1.0 forbids (form feeds and the like)."""
    return "".join(c for c in printable(text) if c not in "\ufffe\uffff")


def junit_xml(reports: Iterable[Report]) -> str:
    """The JUnit XML text of a run."""
    root = ElementTree.Element("testsuites")
    for report in reports:
        suite = ElementTree.SubElement(root, "testsuite", name=_xml_text(report.submission))
        counts = {"failures": 0, "errors": 0, "skipped": 0}
        for result in report.results:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=f"{report.assignment}.{result.question}",
                name=result.check,
                time=f"{result.seconds:.3f}",
            )
            if result.verdict.earns_points:
                continue
            if result.verdict is Verdict.FAILED:
                kind, count = "failure", "failures"
            elif result.verdict in (Verdict.SKIPPED, Verdict.UNDECIDED):
                kind, count = "skipped", "skipped"
            else:
                kind, count = "error", "errors"
            counts[count] += 1
            node = ElementTree.SubElement(case, kind, message=result.verdict.value)
            node.text = _xml_text(explain(result))
        suite.attrib |= {"tests": str(len(report.results)), "time": f"{report.seconds:.3f}"}
        suite.attrib |= {name: str(count) for name, count in counts.items()}
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
