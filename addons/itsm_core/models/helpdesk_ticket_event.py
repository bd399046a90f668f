from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, plaintext2html

from ..tools.event_storm import plan_storm
from .helpdesk_ticket_stage import UNFINISHED_STATES

READERS = "itsm_core.group_user,itsm_core.group_auditor"


class HelpdeskTicket(models.Model):
    """Incidents that monitoring opened: one for each fault, storms under a parent."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    event_source_id = fields.Many2one(
        "itsm.event.source",
        string="Reported By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups=READERS,
    )
    event_fingerprint = fields.Char(readonly=True, copy=False, groups=READERS)
    is_event_storm = fields.Boolean(
        string="Storm of Events",
        readonly=True,
        copy=False,
        groups=READERS,
        help="Opened for many events that came at once; they hang below it.",
    )
    event_count = fields.Integer(
        string="Events", compute="_compute_events", groups=READERS
    )
    event_first_date = fields.Datetime(
        string="First Event", compute="_compute_events", groups=READERS
    )
    event_last_date = fields.Datetime(
        string="Last Event", compute="_compute_events", groups=READERS
    )

    _one_open_incident_per_fault = models.UniqueIndex(
        "(event_source_id, event_fingerprint) WHERE event_fingerprint IS NOT NULL"
        " AND itsm_state IN ('new', 'open', 'pending')",
        "There is an open incident about this fault already. Work on that one.",
    )
    _event_storm_index = models.Index(
        "(event_source_id, service_id) WHERE is_event_storm"
    )

    def _compute_events(self):
        rows = self.env["itsm.event"]._read_group(
            [("ticket_id", "in", self.ids)],
            ["ticket_id"],
            ["__count", "repeat_count:sum", "received_at:min", "last_received_at:max"],
        )
        found = {ticket: values for ticket, *values in rows}
        for ticket in self:
            count, repeated, first, last = found.get(
                ticket._origin, (0, 0, False, False)
            )
            ticket.event_count = count + (repeated or 0)
            ticket.event_first_date = first
            ticket.event_last_date = last

    def action_open_events(self):
        """Show the events about this incident, and those of its children."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.itsm_event_action"
        )
        return {
            **action,
            "name": self.env._("Events of %s", self.display_name),
            "domain": [("ticket_id", "child_of", self.ids)],
            "context": {},
        }

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    @api.model
    def _open_for_events(self, source, firsts):
        """Open incidents for faults that have none.

        :param dict firsts: ``{fingerprint: (first event, its judgement)}``
        :return: ``{fingerprint: ticket}``
        """
        by_service = defaultdict(dict)
        for fault, first in firsts.items():
            by_service[first[1].service_id][fault] = first
        result = {}
        for service_id, faults in by_service.items():
            result |= self._open_of_service(source, service_id, faults)
        return result

    @api.model
    def _open_of_service(self, source, service_id, faults):
        """As above, for faults of one service, which may be a storm."""
        parent = self.search(
            [
                ("event_source_id", "=", source.id),
                ("service_id", "=", service_id or False),
                ("is_event_storm", "=", True),
                ("itsm_state", "in", UNFINISHED_STATES),
            ],
            limit=1,
        )
        loose = self.browse()
        since = fields.Datetime.now() - timedelta(minutes=source.storm_minutes)
        if source.storm_count:
            loose = self.search(
                [
                    ("event_source_id", "=", source.id),
                    ("event_fingerprint", "!=", False),
                    ("service_id", "=", service_id or False),
                    ("parent_id", "=", False),
                    ("child_ids", "=", False),
                    ("opened_at", ">=", since),
                    ("itsm_state", "in", UNFINISHED_STATES),
                ],
                order="id",
            )
        plan = plan_storm(
            len(faults),
            len(loose),
            len(parent.child_ids) if parent else None,
            source.storm_count,
        )
        own = list(faults.items())[: plan.children]
        tickets = self.create(
            [
                {
                    **self._get_event_values(source, event, judgement),
                    "event_fingerprint": fault,
                }
                for fault, (event, judgement) in own
            ]
        )
        result = {
            fault: ticket for (fault, _first), ticket in zip(own, tickets, strict=True)
        }
        if plan.has_parent:
            if not parent:
                parent = self._open_storm(source, faults)
            (loose[: plan.adopted] | tickets).write({"parent_id": parent.id})
            result |= dict.fromkeys(faults.keys() - result.keys(), parent)
        return result

    @api.model
    def _open_storm(self, source, faults):
        """Open the parent of a storm, as bad as the worst of its faults."""
        event, judgement = min(
            faults.values(), key=lambda first: (first[1].impact, first[1].urgency)
        )
        service = self.env["itsm.service"].browse(judgement.service_id or [])
        return self.create(
            {
                **self._get_event_values(source, event, judgement),
                "name": self.env._("Storm of events: %s", service.name or source.name),
                "description": plaintext2html(
                    self.env._(
                        "%(count)s faults and more were reported by %(monitoring)s "
                        "within %(minutes)s minutes. Their incidents hang below.",
                        count=source.storm_count,
                        monitoring=source.name,
                        minutes=source.storm_minutes,
                    )
                ),
                "ci_ids": False,
                "is_event_storm": True,
            }
        )

    @api.model
    def _get_event_values(self, source, event, judgement):
        """Return the values of an incident about an event."""
        text = plaintext2html(event.description or event.name)
        if event.label_text:
            text += Markup("<p><code>%s</code></p>") % Markup("<br/>").join(
                event.label_text.splitlines()
            )
        if event.url:
            text += Markup('<p><a href="%s">%s</a></p>') % (event.url, event.url)
        return {
            "name": event.name,
            "description": text,
            "ticket_type": "incident",
            "company_id": source.company_id.id,
            "channel_id": self.env["ir.model.data"]._xmlid_to_res_id(
                "itsm_core.ticket_channel_monitoring"
            ),
            "impact": judgement.impact,
            "urgency": judgement.urgency,
            "service_id": judgement.service_id,
            "ci_ids": [fields.Command.set([judgement.ci_id])]
            if judgement.ci_id
            else False,
            "team_id": judgement.team_id,
            "event_source_id": source.id,
        }

    # ------------------------------------------------------------------
    # Ending
    # ------------------------------------------------------------------

    def _is_untouched(self):
        """Tell whether nobody has taken the ticket: it is new, and nobody was named.

        Whom a team's rule names has not taken it yet.
        """
        self.ensure_one()
        return self.itsm_state == "new" and (
            not self.user_id or self.team_id.assignment_method != "manual"
        )

    @api.model
    def _end_for_events(self, source, by_ticket):
        """Resolve incidents that are over and that nobody has taken.

        Where somebody has, a note tells that monitoring sees it no more.

        :param dict by_ticket: ``{ticket: its events that say so}``
        """
        tickets = self.browse(ticket.id for ticket in by_ticket)
        going_on = tickets._find_going_on()
        over = tickets - going_on
        untouched = self.browse()
        if source.is_resolving:
            untouched = over.filtered(
                lambda t: t._is_untouched() and not t.open_child_count
            )
        untouched._resolve_for_events()
        for ticket in over - untouched:
            event = by_ticket[ticket][-1]
            ticket._post_note(
                self.env._(
                    "Monitoring reports that it is over: “%(event)s”, %(time)s UTC.",
                    event=event.name,
                    time=event.ends_at or event.received_at,
                )
            )
        parents = untouched.parent_id.filtered(
            lambda t: (
                t.is_event_storm
                and source.is_resolving
                and not t.open_child_count
                and t._is_untouched()
            )
        )
        (parents - parents._find_going_on())._resolve_for_events()

    def _find_going_on(self):
        """Return those of these tickets with a fault whose last event is no end."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT last.ticket_id
                  FROM (SELECT DISTINCT ON (ticket_id, source_id, fingerprint)
                               ticket_id, status
                          FROM itsm_event
                         WHERE ticket_id = ANY(%s)
                      ORDER BY ticket_id, source_id, fingerprint,
                               COALESCE(CASE WHEN status = 'resolved' THEN ends_at END,
                                        starts_at, received_at) DESC,
                               status DESC, id DESC) last
                 WHERE last.status = 'firing'
                """,
                self.ids,
            )
        )
        return self.browse([ticket_id for (ticket_id,) in rows])

    def _resolve_for_events(self):
        """Resolve tickets in the name of monitoring."""
        if self:
            self._itsm_move(
                "resolved",
                resolution_code_id=self.env["ir.model.data"]._xmlid_to_res_id(
                    "itsm_core.resolution_itself"
                ),
                resolution=self.env._(
                    "Monitoring reported that it is over before anybody took it."
                ),
            )
