"""What is wrong with a file, in words."""

from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from .itsm_import_profile import describe_roles

_lt = LazyTranslate(__name__)

#: What a file is that is not CSV.
KINDS = {
    "zip": _lt("a workbook or an archive"),
    "office": _lt("a workbook or document of an office program"),
    "image": _lt("a picture"),
    "pdf": _lt("a PDF document"),
    "gzip": _lt("a compressed file"),
    "utf16": _lt('text in UTF-16 ("Unicode")'),
    "json": _lt("JSON"),
    "xml": _lt("XML or a web page"),
}
#: A sentence for each code of ``HistoryFileError``.
SENTENCES = {
    "empty": _lt("The file is empty."),
    "no_rows": _lt("The file has a header but no rows."),
    "not_csv": _lt("This is %(kind)s, not CSV. Export it again as CSV (UTF-8)."),
    "encoding": _lt(
        "Line %(line)s has a character at position %(position)s (byte "
        "%(byte)s) that is not %(encoding)s. Choose the encoding of the "
        "file, or export it again as UTF-8."
    ),
    "nul": _lt(
        "Line %(line)s contains a zero byte: this is no text. Export it "
        "again as CSV (UTF-8)."
    ),
    "long_line": _lt(
        "Line %(line)s is longer than a million characters: this is no "
        "table. Export it again as CSV (UTF-8)."
    ),
    "line_ends": _lt(
        "Line %(line)s ends in an old way (a single carriage return). Save "
        "the file with Windows or Unix line ends."
    ),
    "quotes": _lt(
        "A quotation mark in the row that begins on line %(line)s is not "
        "closed, or has text behind it. A quotation mark inside a cell has "
        "to be doubled."
    ),
    "one_column": _lt(
        "The header is one column, '%(column)s'. The columns have to be "
        "separated by commas, semicolons, tabs or vertical bars."
    ),
    "nameless_column": _lt("Column %(position)s of the header has no name."),
    "duplicate_columns": _lt(
        "The header has these columns twice: %(columns)s. Rename one of each."
    ),
    "missing_columns": _lt(
        "The file lacks the columns: %(columns)s. It has: %(found)s."
    ),
    "missing_roles": _lt(
        "Choose the columns for: %(roles)s. There is no history without them."
    ),
    "no_profile": _lt(
        "No import profile fits the columns of this file: %(found)s. Import "
        "it under Settings / Import Incidents, where you can say what the "
        "columns mean."
    ),
    "too_many_rows": _lt(
        "Ticket %(number)s has %(rows)s rows. Choose the column that holds "
        "the number of the ticket."
    ),
    "disk": _lt("The rows of the file cannot be kept: %(reason)s."),
}


def explain(env, error):
    """Return an error for people that says why a file cannot be used.

    :param error: :class:`~..tools.history_file.HistoryFileError`
    :rtype: UserError
    """
    details = dict(error.details)
    if error.code == "missing_roles":
        details["roles"] = describe_roles(env, details["roles"])
    if error.code == "not_csv":
        details["kind"] = env._(KINDS[details["kind"]])
    sentence = env._(SENTENCES[error.code])
    return UserError(sentence % details)
