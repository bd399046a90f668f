import hashlib
import hmac
import re
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from ..tools.uninstall import guard_unlink

LONGEST_TOKEN = 200
ALERTMANAGER = """\
receivers:
  - name: itsm
    webhook_configs:
      - url: {url}
        send_resolved: true
        http_config:
          authorization:
            credentials_file: /etc/alertmanager/itsm-token
"""
CURL = """\
curl {url} \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{{"id": "backup-2026-03-02", "title": "Backup failed", "severity": "critical",
       "labels": {{"host": "fel-bak-01"}}}}'
"""
#: Compared with where a source is not there, so that its absence takes as long.
NO_HASH = hashlib.sha256(b"").hexdigest()


class ItsmEventSource(models.Model):
    """A monitoring system that sends its events, and the token that it sends with."""

    _name = "itsm.event.source"
    _description = "Event Source"
    _inherit = ["mail.thread"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(
        string="Name in the Address",
        required=True,
        copy=False,
        tracking=True,
        help="The last part of the address that the monitoring system sends to.",
    )
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        tracking=True,
    )
    note = fields.Text(string="Notes")
    url = fields.Char(string="Address", compute="_compute_url")
    setup_alertmanager = fields.Text(
        string="Prometheus Alertmanager", compute="_compute_url"
    )
    setup_curl = fields.Text(string="Anything Else", compute="_compute_url")
    token_hash = fields.Char(groups=NO_ACCESS, readonly=True, copy=False)
    token_date = fields.Datetime(
        string="Token Made On",
        readonly=True,
        copy=False,
        tracking=True,
        help="Empty: there is no token, and nothing is taken.",
    )
    rate_limit = fields.Integer(
        string="Events a Second at Most",
        default=500,
        required=True,
        tracking=True,
        help="On average over ten seconds. What comes beyond is refused with “429 Too "
        "Many Requests”, and well-behaved senders try again later.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        check_company=True,
        tracking=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Gets the incidents for which neither a rule nor the service names one.",
    )
    service_id = fields.Many2one(
        "itsm.service",
        check_company=True,
        tracking=True,
        ondelete="restrict",
        index="btree_not_null",
        help="What events are about where no rule says it.",
    )
    is_resolving = fields.Boolean(
        string="Resolve What Is Over",
        default=True,
        tracking=True,
        help="Where nobody has taken the incident. Otherwise a note tells it.",
    )
    reopen_minutes = fields.Integer(
        string="Reopen Within",
        default=60,
        required=True,
        tracking=True,
        help="A fault that comes back so soon after its incident was resolved reopens "
        "it. 0: it opens another.",
    )
    storm_count = fields.Integer(
        string="Storm From",
        default=10,
        required=True,
        tracking=True,
        help="So many incidents on one service make a storm, which is one parent "
        "incident with the others below it. 0: never.",
    )
    storm_minutes = fields.Integer(
        default=10,
        required=True,
        tracking=True,
        help="Within how many minutes.",
    )
    event_count = fields.Integer(string="Events", compute="_compute_last_event")
    last_event_date = fields.Datetime(
        string="Last Event", compute="_compute_last_event"
    )

    _code_uniq = models.Constraint(
        "UNIQUE(code)", "Another source has this name in the address. Choose another."
    )
    _rate_limit_range = models.Constraint(
        "CHECK (rate_limit BETWEEN 1 AND 100000)",
        "A source may send 1 to 100,000 events a second.",
    )

    _minutes_range = models.Constraint(
        "CHECK (reopen_minutes BETWEEN 0 AND 10080"
        " AND storm_minutes BETWEEN 1 AND 1440"
        " AND storm_count BETWEEN 0 AND 10000 AND storm_count <> 1)",
        "A fault reopens its incident within a week (10,080 minutes) at most, and a "
        "storm is 2 to 10,000 incidents within a day (1,440 minutes), or 0 for never.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("code")
    def _compute_url(self):
        base = self.get_base_url()
        for source in self:
            source.url = f"{base}/itsm/event/{source.code or '…'}"
            source.setup_alertmanager = ALERTMANAGER.format(url=source.url)
            source.setup_curl = CURL.format(url=source.url)

    def _compute_last_event(self):
        rows = self.env["itsm.event"]._read_group(
            [("source_id", "in", self.ids)],
            ["source_id"],
            ["__count", "last_received_at:max"],
        )
        found = {source: (count, last) for source, count, last in rows}
        for source in self:
            count, last = found.get(source._origin, (0, False))
            source.event_count = count
            source.last_event_date = last

    # ------------------------------------------------------------------
    # Upkeep
    # ------------------------------------------------------------------

    @api.constrains("code")
    def _check_code(self):
        for source in self:
            if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{1,49}", source.code):
                raise ValidationError(
                    self.env._(
                        "The name in the address takes 2 to 50 small letters, digits, "
                        "hyphens and underscores, and begins with a letter or digit."
                    )
                )

    @api.onchange("name")
    def _onchange_name(self):
        if self.name and not self.code:
            code = self.env["ir.http"]._slugify(self.name, max_length=50)
            self.code = code.replace(".", "-") if len(code) > 1 else False

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_token_by_button(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_token_by_button(vals)
        if "company_id" in vals and any(
            source.company_id.id != vals["company_id"] and source.event_count
            for source in self
        ):
            raise UserError(
                self.env._(
                    "A source with events stays in its company. Archive it, and make "
                    "another one for the other company."
                )
            )
        return super().write(vals)

    def _check_token_by_button(self, vals):
        if (vals.get("token_date") or vals.get("token_hash")) and not self.env.su:
            raise UserError(self.env._("Tokens are made by the button alone."))

    @guard_unlink
    def _unlink_only_unused(self):
        if self.filtered("event_count"):
            raise UserError(
                self.env._("Events refer to this source. Archive it instead.")
            )

    # ------------------------------------------------------------------
    # Token
    # ------------------------------------------------------------------

    def action_make_token(self):
        """Make a token, which ends the one before, and show it this once."""
        self.ensure_one()
        self.check_access("write")
        token = secrets.token_urlsafe(32)
        # sudo: nobody writes these fields. The right to change the source was checked.
        self.sudo().write(
            {"token_hash": self._hash(token), "token_date": fields.Datetime.now()}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Token of %s", self.name),
            "res_model": "itsm.event.token",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_token": token,
                "default_url": self.url,
            },
        }

    def action_revoke_token(self):
        """End the token: what is sent with it is refused from now on."""
        self.check_access("write")
        # sudo: as above.
        self.sudo().write({"token_hash": False, "token_date": False})

    @api.model
    def _hash(self, token):
        """Return what is kept of a token.

        A plain SHA-256, without salt and stretching: those protect what people choose,
        and nobody guesses or tabulates 256 random bits. A slow hash would only make
        each delivery slow.
        """
        return hashlib.sha256(token.encode()).hexdigest()

    @api.model
    def _authenticate(self, code, token):
        """Return the source that a token opens, as ``(id, company id, limit)`` or None.

        Reads one row by SQL, as it runs for every delivery and for no user.

        :param str code: from the address
        :param str token: as sent by anybody
        """
        row = None
        if "\x00" not in code:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT id, company_id, rate_limit, token_hash
                      FROM itsm_event_source
                     WHERE code = %s AND active AND token_hash IS NOT NULL
                    """,
                    code,
                )
            )
            row = rows[0] if rows else None
        sent = self._hash(token[: LONGEST_TOKEN + 1])
        # Compared also where there is no such source, so that time tells nothing.
        fits = hmac.compare_digest(sent, row[3] if row else NO_HASH)
        return row[:3] if row and fits else None

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_open_events(self):
        """Show the events of this source."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.itsm_event_action"
        )
        return {
            **action,
            "domain": [("source_id", "=", self.id)],
            "context": {},
        }


class ItsmEventToken(models.AbstractModel):
    """Shows a new token, this once. It has no table, so that nothing of it is kept."""

    _name = "itsm.event.token"
    _description = "Token, Shown Once"

    # Forms of a model without a table need it.
    id = fields.Id()
    token = fields.Char(readonly=True)
    url = fields.Char(string="Address", readonly=True)
