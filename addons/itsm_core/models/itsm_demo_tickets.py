from odoo import api, models
from odoo.fields import Command
from odoo.tools import plaintext2html

from ..tools.ticket_history import TicketHistory
from .helpdesk_ticket_facts import HISTORY, HISTORY_KEY
from .helpdesk_ticket_stage import DONE_STATES

#: Stands for the system that the tickets of the story were recorded in.
SOURCE = "Harborline"


class ItsmDemoTickets(models.AbstractModel):
    """Stores the tickets of the demo story, with their past."""

    _name = "itsm.demo.tickets"
    _description = "Tickets of the Demo Story"

    @api.model
    def _store(self, played, company):
        """Load tickets as history: with true dates, and no mail to anybody.

        :param list played: ``(story, outcome)``, see :mod:`..demo.play`
        :param company: ``res.company`` the tickets belong to
        """
        find = self._make_finder()
        histories = [self._prepare(story, outcome, find) for story, outcome in played]
        loaded = self.env["itsm.history.loader"].load_tickets(histories, company)
        ids = {
            history.number: ticket.ticket_id
            for history, ticket in zip(histories, loaded, strict=True)
        }
        children = {}
        for story, _outcome in played:
            if story.fields["parent"]:
                children.setdefault(story.fields["parent"], []).append(ids[story.key])
        Ticket = self.env["helpdesk.ticket"].with_context(
            **{HISTORY_KEY: HISTORY, "tracking_disable": True}
        )
        for parent, child_ids in children.items():
            Ticket.browse(child_ids).write({"parent_id": ids[parent]})
        # What is still open is today's work and no history.
        Ticket.browse(
            ids[story.key]
            for story, outcome in played
            if outcome.dates.itsm_state not in DONE_STATES
        ).write({"is_history": False})
        for story, outcome in played:
            if story.fields["major"]:
                ticket = Ticket.browse(ids[story.key])
                self.env["itsm.demo.majors"]._tell(ticket, story, outcome, find)

    @api.model
    def _make_finder(self):
        """Return a function that gives the id for a kind and key of the story."""
        find_keys = self.env["itsm.demo"]._find_keys
        ids = {
            kind: find_keys(prefix, model)
            for kind, prefix, model in (
                ("category", "demo_category_", "helpdesk.ticket.category"),
                ("channel", "demo_channel_", "helpdesk.ticket.channel"),
                ("ci", "demo_ci_", "itsm.ci"),
                ("code", "resolution_", "itsm.resolution.code"),
                ("person", "demo_person_", "res.partner"),
                ("service", "demo_service_", "itsm.service"),
                ("tag", "demo_tag_", "helpdesk.ticket.tag"),
                ("team", "demo_team_", "helpdesk.ticket.team"),
                ("user", "demo_user_", "res.users"),
            )
        }
        users = self.env["res.users"].browse(ids["user"].values())
        for key, user in zip(ids["user"], users, strict=True):
            ids["person"].setdefault(key, user.partner_id.id)
        for channel in ("email", "phone", "web"):
            xmlid = f"helpdesk_mgmt.helpdesk_ticket_channel_{channel}"
            ids["channel"][channel] = self.env.ref(xmlid).id
        ids["channel"]["monitoring"] = self.env.ref(
            "itsm_core.ticket_channel_monitoring"
        ).id

        def find(kind, key):
            return ids[kind][key] if key else False

        return find

    @api.model
    def _prepare(self, story, outcome, find):
        """Return the history that the loader stores."""
        written = [step for step in outcome.messages if step.verb == "say"]
        facts = {}
        if written:
            facts["first_response_date"] = written[0].at
            facts["last_contact_date"] = written[-1].at
        moments = [story.opened_at]
        moments += [step.at for step in story.steps if step.at <= outcome.until]
        return TicketHistory(
            source=SOURCE,
            number=story.key,
            values=self._prepare_values(story, outcome, find),
            spans=[
                span._replace(
                    team=find("team", span.team),
                    assignee=(find("user", span.assignee), None),
                    service=find("service", span.service),
                )
                for span in outcome.spans
            ],
            dates=outcome.dates,
            moments=moments,
            assigned_at=outcome.assigned_at,
            facts=facts,
            messages=[
                self._prepare_message(story, step, find) for step in outcome.messages
            ],
        )

    @api.model
    def _prepare_values(self, story, outcome, find):
        told = story.fields
        caller = self.env["res.partner"].browse(find("person", told["caller"]))
        impact, urgency = told["level"]

        def find_all(kind, keys):
            names = (key.strip() for key in keys.split(","))
            return [Command.set([find(kind, name) for name in names if name])]

        return {
            # The next one of the sequence, as every ticket has it.
            "number": "/",
            "name": told["subject"],
            "description": plaintext2html(told["text"]),
            "ticket_type": told["type"],
            "impact": impact,
            "urgency": urgency,
            "partner_id": caller.id,
            "partner_name": caller.name,
            "partner_email": caller.email,
            "service_id": find("service", told["service"]),
            "category_id": find("category", told["category"]),
            "channel_id": find("channel", told["channel"]),
            "tag_ids": find_all("tag", told["tags"]),
            "ci_ids": find_all("ci", told["ci"]),
            "team_id": find("team", outcome.team),
            "user_id": find("user", outcome.user),
            "pending_reason": outcome.pending_reason,
            "resolution_code_id": find("code", outcome.code),
            "resolution": outcome.resolution,
            "due_date": story.due,
            "customer_replied": bool(told["replied"]),
            **self.env["itsm.demo.majors"]._prepare_values(story, outcome, find),
        }

    @api.model
    def _prepare_message(self, story, step, find):
        author = self.env["res.partner"].browse(
            find("person", step.who or story.fields["caller"])
        )
        return {
            "date": step.at,
            "author_id": author.id,
            "email_from": author.email_formatted,
            "body": plaintext2html(step.text),
            "is_internal": step.verb == "note",
        }
