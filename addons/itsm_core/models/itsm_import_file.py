import hashlib
import os
import sqlite3
import tempfile

from odoo import api, models
from odoo.exceptions import UserError

from ..tools.history_file import HistoryFile, HistoryFileError
from ..tools.history_spool import HistorySpool
from .itsm_import_profile import describe_roles


class ItsmImport(models.Model):
    """Reading a file, as far as it can be refused in one sentence."""

    _inherit = "itsm.import"

    # ------------------------------------------------------------------
    # From the command line
    # ------------------------------------------------------------------

    @api.model
    def _run_file(self, path, profile=None, timezone=None, progress=None):
        """Load a file and return its import, committing whole tickets on the way.

        :param str path: CSV file on this machine
        :param profile: ``itsm.import.profile``, its name, or None to guess it from
            the header
        :param str timezone: IANA name, in place of the profile's
        :param progress: called with ``(tickets done, tickets in the file)``
        :rtype: odoo.addons.itsm_core.models.itsm_import.ItsmImport
        :raise UserError: in one sentence, where the file cannot be loaded
        """
        self._check_administrator()
        profile = self._find_profile(profile)
        with tempfile.TemporaryDirectory() as folder:
            spool_path = os.path.join(folder, "rows")
            try:
                with open(path, "rb") as stream:
                    run = self._prepare(
                        stream, os.path.basename(path), spool_path, profile, timezone
                    )
            except OSError as error:
                raise UserError(
                    self.env._(
                        "%(path)s cannot be read: %(reason)s.",
                        path=path,
                        reason=error.strerror or str(error),
                    )
                ) from error
            self._commit()
            spool = HistorySpool(spool_path, read_only=True)
            try:
                while run.state != "done":
                    run._load_batch(spool)
                    self._commit()
                    if progress:
                        progress(run.tickets_done, run.tickets_total)
            except BaseException:
                # Also when somebody presses Ctrl-C: what was kept is whole.
                self._roll_back()
                run.action_stop()
                self._commit()
                raise
            finally:
                spool.close()
        return run

    def _commit(self):
        """Keep what was stored, so that it need not be loaded again."""
        self.env["ir.cron"]._commit_progress()

    def _roll_back(self):
        """Give up what was not kept yet."""
        self.env.cr.rollback()

    @api.model
    def _find_profile(self, profile):
        """Return a profile by record or name."""
        Profile = self.env["itsm.import.profile"]
        if not profile or not isinstance(profile, str):
            return profile or Profile
        found = Profile.search([("name", "=ilike", profile)], limit=1)
        if not found:
            raise UserError(
                self.env._(
                    "There is no import profile '%(name)s'. There are: %(names)s.",
                    name=profile,
                    names=", ".join(Profile.search([]).mapped("name")),
                )
            )
        return found

    @api.model
    def _prepare(self, stream, file_name, spool_path, profile=None, timezone=None):
        """Read a whole file into a spool and return an import that is ready.

        :param stream: binary file
        :param str spool_path: where to put the rows
        :raise UserError: where the file cannot be used
        """
        digest = hashlib.sha256()
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
        stream.seek(0)
        try:
            encoding = profile.encoding if profile else "utf-8"
            file = HistoryFile(stream, encoding)
            if not profile:
                profile = self.env["itsm.import.profile"]._guess(file.header)
                if not profile:
                    raise HistoryFileError("no_profile", found=", ".join(file.header))
                if profile.encoding != encoding:
                    stream.seek(0)
                    file = HistoryFile(stream, profile.encoding)
            mapping = profile._get_mapping(timezone)
            self._spool_rows(file, mapping, spool_path)
        except HistoryFileError as error:
            raise self._explain(error) from error
        return self._create_run(
            file_name, digest.hexdigest(), mapping, file.header, spool_path, profile
        )

    @api.model
    def _spool_rows(self, file, mapping, spool_path):
        """Read the rows of a file into a spool.

        :raise HistoryFileError: where the file cannot be used
        """
        bound = mapping.bind(file.header)
        spool = HistorySpool(spool_path)
        try:
            spool.fill(file, bound.number_index, bound.indexes)
        except sqlite3.Error as error:
            raise HistoryFileError("disk", reason=error) from error
        finally:
            spool.close()

    @api.model
    def _create_run(self, file_name, checksum, mapping, header, spool_path, profile):
        spool = HistorySpool(spool_path)
        try:
            rows, tickets = spool.rows, spool.tickets
        finally:
            spool.close()
        return self.create(
            {
                "file_name": file_name,
                "checksum": checksum,
                "profile_id": profile.id,
                "source": mapping.source,
                "mapping": mapping.to_dict(),
                "header": header,
                "rows_total": rows,
                "tickets_total": tickets,
            }
        )

    @api.model
    def _explain(self, error):
        """Return a :class:`UserError` that says what is wrong with a file."""
        details = dict(error.details)
        if error.code == "missing_roles":
            details["roles"] = describe_roles(self.env, details["roles"])
        if error.code == "not_csv":
            details["kind"] = self._describe_kind(details["kind"])
        return UserError(self._get_explanations()[error.code] % details)

    def _describe_kind(self, kind):
        _ = self.env._
        return {
            "zip": _("a workbook or an archive"),
            "office": _("a workbook or document of an office program"),
            "pdf": _("a PDF document"),
            "gzip": _("a compressed file"),
            "utf16": _("text in UTF-16 (\"Unicode\")"),
            "json": _("JSON"),
            "xml": _("XML or a web page"),
        }[kind]

    def _get_explanations(self):
        """Return a sentence for each code of :class:`HistoryFileError`."""
        _ = self.env._
        return {
            "empty": _("The file is empty."),
            "no_rows": _("The file has a header but no rows."),
            "not_csv": _(
                "This is %(kind)s, not CSV. Export the tickets again as CSV (UTF-8)."
            ),
            "encoding": _(
                "Line %(line)s has a character at position %(position)s (byte "
                "%(byte)s) that is not %(encoding)s. Choose the encoding of the "
                "file, or export it again as UTF-8."
            ),
            "nul": _(
                "Line %(line)s contains a zero byte: this is no text. Export the "
                "tickets again as CSV (UTF-8)."
            ),
            "long_line": _(
                "Line %(line)s is longer than a million characters: this is no "
                "table. Export the tickets again as CSV (UTF-8)."
            ),
            "line_ends": _(
                "Line %(line)s ends in an old way (a single carriage return). Save "
                "the file with Windows or Unix line ends."
            ),
            "quotes": _(
                "A quotation mark in the row that begins on line %(line)s is not "
                "closed, or has text behind it. A quotation mark inside a cell has "
                "to be doubled."
            ),
            "one_column": _(
                "The header is one column, '%(column)s'. The columns have to be "
                "separated by commas, semicolons, tabs or vertical bars."
            ),
            "nameless_column": _("Column %(position)s of the header has no name."),
            "duplicate_columns": _(
                "The header has these columns twice: %(columns)s. Rename one of each."
            ),
            "missing_columns": _(
                "The file lacks the columns: %(columns)s. It has: %(found)s."
            ),
            "missing_roles": _(
                "Choose the columns for: %(roles)s. There is no history without them."
            ),
            "no_profile": _(
                "No import profile fits the columns of this file: %(found)s. Import "
                "it under Settings / Import Incidents, where you can say what the "
                "columns mean."
            ),
            "too_many_rows": _(
                "Ticket %(number)s has %(rows)s rows. Choose the column that holds "
                "the number of the ticket."
            ),
            "disk": _("The rows of the file cannot be kept: %(reason)s."),
        }
