"""Reports for people and for programs."""

from backproof.reporting.classcsv import class_csv
from backproof.reporting.gradebooks import Gradebook, filled, read_gradebook
from backproof.reporting.gradescope import gradescope_json
from backproof.reporting.jsonreport import SCHEMA, read_report, report_json, report_table
from backproof.reporting.junit import junit_xml
from backproof.reporting.names import page_name
from backproof.reporting.schema import report_schema
from backproof.reporting.text import explain, summary_line, text_report

__all__ = [
    "SCHEMA",
    "Gradebook",
    "class_csv",
    "explain",
    "filled",
    "gradescope_json",
    "junit_xml",
    "page_name",
    "read_gradebook",
    "read_report",
    "report_json",
    "report_schema",
    "report_table",
    "summary_line",
    "text_report",
]
