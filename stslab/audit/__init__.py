"""The report for auditors: a page that tells what was tested, with what answer, and what that does not prove."""
