import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS, Domain

from ..tools.change_feed import (
    CANCELLED,
    CONFIRMED,
    TENTATIVE,
    Event,
    build_calendar,
)
from ..tools.change_window import find_openings

#: What a calendar shows: from three months ago to a year ahead, and no more than that.
PAST = timedelta(days=92)
FUTURE = timedelta(days=366)
CHANGES_AT_MOST = 2000
#: Windows come again and again: a week back and three months ahead.
WINDOWS_PAST = timedelta(days=7)
WINDOWS_FUTURE = timedelta(days=92)
OPENINGS_AT_MOST = 500
LONGEST_TOKEN = 100
STATUSES = {
    "assessment": TENTATIVE,
    "approval": TENTATIVE,
    "scheduled": CONFIRMED,
    "implementation": CONFIRMED,
    "review": CONFIRMED,
    "closed": CONFIRMED,
    "failed": CONFIRMED,
    "backed_out": CONFIRMED,
}


class ItsmChangeFeed(models.Model):
    """The secret address at which a user's calendar finds the schedule of change.

    Whoever has the address reads what its user may read, as long as the user may.
    Only a hash of it is kept, so that it can be made and revoked but not looked up.
    """

    _name = "itsm.change.feed"
    _description = "Calendar Address"
    _rec_name = "user_id"
    _order = "user_id"

    user_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="cascade",
    )
    scope = fields.Selection(
        [
            ("mine", "What I carry out, and where I have tasks"),
            ("services", "Changes that affect my services"),
            ("all", "All changes"),
        ],
        string="Shows",
        default="mine",
        required=True,
    )
    has_windows = fields.Boolean(
        string="With Windows",
        help="Blackouts and maintenance windows, as entries that take no time.",
    )
    token_hash = fields.Char(groups=NO_ACCESS, readonly=True, copy=False)
    issued_date = fields.Datetime(
        string="Address Made On",
        readonly=True,
        copy=False,
        help="Empty: no calendar finds it.",
    )

    _user_uniq = models.Constraint(
        "UNIQUE(user_id)", "Everybody has one calendar address."
    )
    _token_hash_uniq = models.UniqueIndex("(token_hash) WHERE token_hash IS NOT NULL")

    # ------------------------------------------------------------------
    # Whose it is
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_issued_by_button(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_issued_by_button(vals)
        if any(
            feed.user_id.id != vals.get("user_id", feed.user_id.id) for feed in self
        ):
            # The address is known to who made it, and reads as its user.
            raise UserError(self.env._("A calendar address stays with its user."))
        return super().write(vals)

    def _check_issued_by_button(self, vals):
        if vals.get("issued_date") and not self.env.su:
            raise UserError(
                self.env._("When the address was made follows from the button.")
            )

    @api.model
    def action_open_own(self):
        """Open the calendar address of the current user."""
        feed = self.search([("user_id", "=", self.env.uid)]) or self.create({})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Calendar Address"),
            "res_model": self._name,
            "res_id": feed.id,
            "views": [(False, "form")],
        }

    def action_renew(self):
        """Make an address, which ends the one before, and show it this once."""
        self.ensure_one()
        self.check_access("write")
        if self.user_id != self.env.user:
            raise UserError(
                self.env._(
                    "Only %s can make this address. You can revoke it.",
                    self.user_id.name,
                )
            )
        token = secrets.token_urlsafe(32)
        # sudo: nobody writes these fields. The user was checked above.
        self.sudo().write(
            {"token_hash": self._hash(token), "issued_date": fields.Datetime.now()}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Your Calendar Address"),
            "res_model": "itsm.change.feed.address",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_url": f"{self.get_base_url()}/itsm/change/calendar/{token}.ics"
            },
        }

    def action_revoke(self):
        """End the addresses: whoever has one finds nothing from now on."""
        self.check_access("write")
        # sudo: nobody writes these fields. Who may end it was checked above.
        self.sudo().write({"token_hash": False, "issued_date": False})

    @api.model
    def _hash(self, token):
        # Without salt and stretching: nobody guesses 256 random bits.
        return hashlib.sha256(token.encode()).hexdigest()

    # ------------------------------------------------------------------
    # What it shows
    # ------------------------------------------------------------------

    @api.model
    def _get_calendar(self, token):
        """Return the calendar at an address, or None where there is none.

        :param str token: as sent by anybody
        :rtype: bytes
        """
        if len(token) > LONGEST_TOKEN:
            return None
        # sudo: visitors are nobody. The hash finds whom they read as, and from there
        # on that user's rights and rules apply.
        feed = self.sudo().search([("token_hash", "=", self._hash(token))])
        user = feed.user_id
        if not user.active or not user._is_internal():
            return None
        feed = feed.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang, tz="UTC"
        )
        if not feed.has_access("read") or not feed.env["itsm.change"].has_access(
            "read"
        ):
            return None
        events = feed._get_change_events()
        if feed.has_windows:
            events += feed._get_window_events()
        return build_calendar(feed.env._("Schedule of Change"), events)

    def _get_uid(self, name):
        # sudo: the name of the database for others; it is no secret.
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return f"{name}@{uuid}"

    def _get_change_domain(self):
        now = fields.Datetime.now()
        domain = (
            Domain("planned_stop", ">=", now - PAST)
            & Domain("planned_start", "<=", now + FUTURE)
            & (
                Domain("state", "in", list(STATUSES))
                # Those that stood in calendars once: they are taken out of there.
                | Domain("state", "=", "cancelled")
                & Domain("scheduled_date", "!=", False)
            )
        )
        if self.scope == "services":
            domain &= Domain("service_ids.owner_id", "=", self.env.uid)
        elif self.scope == "mine":
            domain &= Domain("implementer_id", "=", self.env.uid) | Domain(
                "task_ids.user_id", "=", self.env.uid
            )
        return domain

    def _get_change_events(self):
        changes = self.env["itsm.change"].search(
            self._get_change_domain(),
            order="planned_start, id",
            limit=CHANGES_AT_MOST,
        )
        labels = {
            name: dict(changes._fields[name]._description_selection(self.env))
            for name in ("change_type", "risk_level", "state")
        }
        base = self.get_base_url()
        return [
            Event(
                uid=self._get_uid(f"change-{change.id}"),
                start=change.planned_start,
                stop=change.planned_stop,
                changed=change.write_date,
                summary=change.display_name,
                description=self._describe_change(change, labels),
                url=f"{base}/odoo/itsm-changes/{change.id}",
                status=STATUSES.get(change.state, CANCELLED),
            )
            for change in changes
        ]

    def _describe_change(self, change, labels):
        lines = [
            self.env._("Type: %s", labels["change_type"][change.change_type]),
            self.env._("State: %s", labels["state"][change.state]),
        ]
        if change.risk_level:
            lines.append(
                self.env._("Risk: %s", labels["risk_level"][change.risk_level])
            )
        if change.service_ids:
            names = ", ".join(change.service_ids.mapped("name"))
            lines.append(self.env._("Services: %s", names))
        if change.implementer_id:
            lines.append(self.env._("Implementer: %s", change.implementer_id.name))
        return "\n".join(lines)

    def _get_window_events(self):
        now = fields.Datetime.now()
        windows = self.env["itsm.change.window"].search(
            [("kind", "in", ("maintenance", "blackout"))]
        )
        labels = dict(windows._fields["kind"]._description_selection(self.env))
        events = [
            Event(
                uid=self._get_uid(f"window-{window.id}-{start:%Y%m%dT%H%M%S}"),
                start=start,
                stop=stop,
                changed=window.write_date,
                summary=f"{labels[window.kind]}: {window.name}",
                description=", ".join(window._get_items().mapped("name")),
                is_busy=False,
            )
            for window in windows
            for start, stop in find_openings(
                window._to_window(), now - WINDOWS_PAST, now + WINDOWS_FUTURE
            )
        ]
        events.sort(key=lambda event: (event.start, event.uid))
        return events[:OPENINGS_AT_MOST]


class ItsmChangeFeedAddress(models.AbstractModel):
    """Shows an address once, and keeps it nowhere."""

    _name = "itsm.change.feed.address"
    _description = "Calendar Address, Shown Once"

    # Forms of a model without a table need it.
    id = fields.Id()
    url = fields.Char(string="Address", readonly=True)
