import hashlib
import os
import sqlite3
import tempfile

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.history_file import HistoryFile, HistoryFileError
from ..tools.history_spool import HistorySpool
from .itsm_import_errors import explain


class ItsmImportFile(models.AbstractModel):
    """How an import comes from a file, or is refused in one sentence."""

    _name = "itsm.import.file"
    _description = "Reading of an Imported File"

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
        self._check_importer()
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
            run._commit()
            spool = HistorySpool(spool_path, read_only=True)
            try:
                while run.state != "done":
                    run._load_batch(spool)
                    run._commit()
                    if progress:
                        progress(run.tickets_done, run.tickets_total)
            except BaseException:
                # Also when somebody presses Ctrl-C: what was kept is whole.
                run._roll_back()
                run.action_stop()
                run._commit()
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
                    names=", ".join(Profile.search(Domain.TRUE).mapped("name")),
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
            raise explain(self.env, error) from error
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
