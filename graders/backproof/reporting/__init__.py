"""Reports for people and for programs."""

from backproof.reporting.classcsv import class_csv
from backproof.reporting.jsonreport import SCHEMA, read_report, report_json, report_table
from backproof.reporting.junit import junit_xml
from backproof.reporting.text import explain, summary_line, text_report

__all__ = [
    "SCHEMA",
    "class_csv",
    "explain",
    "junit_xml",
    "read_report",
    "report_json",
    "report_table",
    "summary_line",
    "text_report",
]
