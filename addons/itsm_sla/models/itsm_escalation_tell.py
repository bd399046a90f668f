from collections import defaultdict

from markupsafe import Markup

from odoo import fields, models

from .itsm_escalation_rule import NOTIFY_ROLES

NAMED_AT_MOST = 20


class ItsmEscalation(models.Model):
    """Whom rules tell, and how: the desk, the customer, and the ticket itself."""

    _name = "itsm.escalation"
    _inherit = ["itsm.escalation"]

    def _get_on_duty(self):
        rule = self.rule_id
        if rule.notify_on_duty or rule.activity_role == "on_duty":
            return self.ticket_id.team_id._get_on_duty_batch()
        return {}

    def _get_users_of_role(self, role, on_duty):
        """Return who has a role for one escalation and can be told of it."""
        ticket = self.ticket_id
        users = self.env["res.users"]
        if role == "assignee":
            users = ticket.user_id
        elif role == "leader":
            users = ticket.team_id.user_id
        elif role == "members":
            users = ticket.team_id.user_ids
        elif role == "on_duty":
            users = on_duty.get(ticket.team_id, users)
        elif role == "service_owner":
            users = ticket.service_id.owner_id
        elif role == "agreement_owner":
            users = self.target_id.agreement_id.owner_id
        elif role == "user":
            users = self.rule_id.activity_user_id
        return self._keep_reachable(users)

    def _keep_reachable(self, users):
        return users.filtered(
            lambda user: (
                user.active
                and not user.share
                and self.ticket_id.company_id in user.company_ids
            )
        )

    def _notify(self, on_duty, results):
        """Tell each person of all their tickets at once."""
        rule = self.rule_id
        roles = [role for name, role in NOTIFY_ROLES.items() if rule[name]]
        if not roles and not rule.notify_user_ids:
            return
        of_user = defaultdict(self.browse)
        for escalation in self:
            users = escalation._keep_reachable(rule.notify_user_ids).union(
                *(escalation._get_users_of_role(role, on_duty) for role in roles)
            )
            for user in users:
                of_user[user] |= escalation
            results[escalation].append(
                self.env._(
                    "Notified: %(names)s.", names=", ".join(users.mapped("name"))
                )
                if users
                else self.env._("There was nobody to notify.")
            )
        audiences = defaultdict(self.env["res.users"].browse)
        for user, escalations in of_user.items():
            audiences[user.lang, escalations] |= user
        for (lang, escalations), users in audiences.items():
            escalations.with_context(lang=lang)._notify_users(users)

    def _notify_users(self, users):
        rule = self.rule_id
        items = Markup().join(
            Markup("<li>%s: %s</li>")
            % (e.ticket_id._get_html_link(title=e.ticket_id.display_name), e._tell())
            for e in self[:NAMED_AT_MOST]
        )
        if len(self) > NAMED_AT_MOST:
            items += Markup("<li>%s</li>") % self.env._(
                "and %(count)s more", count=len(self) - NAMED_AT_MOST
            )
        ticket = self.ticket_id
        subject = (
            self.env._(
                "%(rule)s: %(ticket)s", rule=rule.name, ticket=ticket.display_name
            )
            if len(ticket) == 1
            else self.env._(
                "%(rule)s: %(count)s tickets", rule=rule.name, count=len(ticket)
            )
        )
        thread = ticket if len(ticket) == 1 else self.env["mail.thread"]
        thread.with_context(lang=self.env.lang).message_notify(
            subject=subject,
            body=Markup("<p>%s</p><ul>%s</ul>") % (rule.name, items),
            partner_ids=users.partner_id.ids,
            email_layout_xmlid="mail.mail_notification_layout",
        )

    def _tell(self):
        """Return how far one clock has come, in words."""
        return self.env._(
            "%(percent)s %% of “%(target)s” used",
            percent=self.percent,
            target=self.target_id.display_name,
        )

    def _schedule(self, on_duty, results):
        """Plan an activity for today, the notification of which is the rule's."""
        rule = self.rule_id
        vals_list = []
        model_id = self.env["ir.model"]._get_id("helpdesk.ticket")
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "mail.mail_activity_data_todo"
        )
        for escalation in self:
            user = escalation._get_users_of_role(rule.activity_role, on_duty)[:1]
            if not user:
                results[escalation].append(
                    self.env._("There was nobody to plan an activity for.")
                )
                continue
            vals_list.append(
                {
                    "res_model_id": model_id,
                    "res_id": escalation.ticket_id.id,
                    "activity_type_id": type_id,
                    "summary": rule.activity_summary or rule.name,
                    "note": escalation._tell(),
                    "date_deadline": fields.Date.context_today(
                        self.with_context(tz=user.tz)
                    ),
                    "user_id": user.id,
                }
            )
            results[escalation].append(
                self.env._("Activity planned for %(name)s.", name=user.name)
            )
        # One mail for each activity would be a flood: the list of activities shows it.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            vals_list
        )

    def _warn(self, results):
        """Warn customers in time, where the agreement says so."""
        now = fields.Datetime.now()
        Clock = self.env["itsm.sla.clock"]
        clocks = {
            (clock.ticket_id, clock.target_id): clock
            for clock in Clock.search(
                [
                    ("ticket_id", "in", self.ticket_id.ids),
                    ("target_id", "in", self.target_id.ids),
                    ("kind", "=", "sla"),
                    ("state", "=", "running"),
                    ("due", ">", now),
                ]
            )
        }
        dues = {}
        for escalation in self:
            agreement = escalation.target_id.agreement_id
            if agreement.kind != "sla" or not agreement.warn_customer:
                continue
            ticket = escalation.ticket_id
            clock = clocks.get((ticket, escalation.target_id))
            if not clock:
                text = self.env._(
                    "It was too late to warn the customer, or the target does not "
                    "apply any more."
                )
            elif not ticket._has_mail_address():
                text = self.env._("There is no address to warn the customer at.")
            else:
                dues[ticket.id] = min(clock.due, dues.get(ticket.id, clock.due))
                text = self.env._("The customer was warned.")
            results[escalation].append(text)
        if dues:
            tickets = self.env["helpdesk.ticket"].browse(dues)
            tickets._for_mail(tickets.ids).with_context(
                itsm_warned_dues=dues
            )._queue_mail("sla_warning")

    def _note(self, results):
        """Say in each ticket what was done, once for all its clocks."""
        bodies = defaultdict(Markup)
        for escalation, sentences in results.items():
            bodies[escalation.ticket_id.id] += Markup("<p>%s<br/>%s</p>") % (
                self.env._(
                    "Escalated by “%(rule)s”: %(what)s.",
                    rule=self.rule_id.name,
                    what=escalation._tell(),
                ),
                " ".join(sentences),
            )
        self.ticket_id._message_log_batch(bodies)
