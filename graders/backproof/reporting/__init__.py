"""Reports for people and for programs."""

from backproof.reporting.jsonreport import report_json, report_table
from backproof.reporting.junit import junit_xml
from backproof.reporting.text import explain, summary_line, text_report

__all__ = ["explain", "junit_xml", "report_json", "report_table", "summary_line", "text_report"]
