from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Command, Date
from odoo.tools import format_date, formatLang

from ..tools import order_form
from .itsm_catalog_order import render_answers


class ItsmCatalogItem(models.Model):
    """Requesting an item: what is asked, what was typed, what becomes of it."""

    _name = "itsm.catalog.item"
    _inherit = ["itsm.catalog.item"]

    def _get_choices(self, question, requester, typed=None):
        """Return what can be chosen: ``{what is sent: (value, label)}``.

        :param question: an ``itsm.catalog.question`` of this item
        :param requester: ``res.partner`` who answers
        :param str typed: of colleagues, the e-mail address that is looked up, as
            nobody is shown a list of them
        """
        if question.attribute_type == "selection":
            return {key: (key, label) for key, label in question._choices().items()}
        if question.attribute_type != "many2one":
            return {}
        if question._is_colleague():
            colleague = requester._find_itsm_colleague(typed)
            if not colleague:
                return {}
            return {typed: (colleague.id, colleague.name)}
        if question.comodel == "itsm.service":
            records = requester._get_published_services(self.env.company)
        else:
            # sudo: what the requester uses is no secret to the requester.
            records = (
                self.env["itsm.ci"]
                .sudo()
                .search(
                    [
                        ("user_partner_id", "=", requester.id),
                        ("is_service", "=", False),
                        ("company_id", "in", [False, self.env.company.id]),
                    ]
                )
            )
        return {str(record.id): (record.id, record.display_name) for record in records}

    def _get_form_questions(self, requester):
        """Return the form as a page shows it: a list of dictionaries for JSON.

        :param requester: ``res.partner`` who answers
        """
        placeholder = self.env._("E-mail address of your colleague")
        # sudo: the form of an item that the caller has found for the user.
        return [
            {
                "key": line.key,
                "label": line.name,
                "kind": "colleague" if line._is_colleague() else line.attribute_type,
                "required": line.is_required,
                "help": line.help_text or "",
                "placeholder": placeholder if line._is_colleague() else "",
                "choices": [
                    [key, label]
                    for key, (_value, label) in self._get_choices(
                        line, requester
                    ).items()
                ],
            }
            for line in self.sudo().question_ids
        ]

    def action_order(self):
        """Open the form with which the item is requested."""
        self.ensure_one()
        self._check_may_order()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "itsm.catalog.order.wizard",
            "views": [(False, "form")],
            "target": "current",
            "context": {"default_item_id": self.id},
        }

    def _read_order_form(self, raw, requester):
        """Read what was typed into the form.

        :param dict raw: by key of the question, as a browser sent it
        :param requester: ``res.partner`` who answers
        :return: values by key, and sentences by key that say what is wrong
        """
        self.ensure_one()
        raw = raw if isinstance(raw, dict) else {}
        # sudo: the form of an item that the caller has found for the user.
        lines = self.sudo().question_ids
        questions = [
            order_form.Question(
                key=line.key,
                kind=line.attribute_type,
                required=line.is_required,
                choices={
                    key: value
                    for key, (value, _label) in self._get_choices(
                        line, requester, order_form.clean(raw.get(line.key))
                    ).items()
                },
                limits=(line.minimum, line.maximum) if line.is_limited else None,
                future=line.is_future,
            )
            for line in lines
        ]
        values, wrong = order_form.read_answers(
            questions, raw, Date.context_today(self)
        )
        kinds = {line.key: line for line in lines}
        return values, {
            key: self._describe_wrong(kinds[key], answer)
            for key, answer in wrong.items()
        }

    def _describe_wrong(self, question, wrong):
        """Return the sentence that stands beside the field."""
        if wrong.code == order_form.MISSING:
            if question.attribute_type == "boolean":
                return self.env._("Please confirm this.")
            if question.attribute_type in ("selection", "many2one"):
                return self.env._("Choose one.")
            return self.env._("Please fill this in.")
        if wrong.code == order_form.NOT_OFFERED:
            if question._is_colleague():
                return self.env._("We know no colleague of yours with this address.")
            return self.env._("This is not offered any more. Choose another one.")
        limit = wrong.limit
        if limit is not None:
            digits = 0 if float(limit).is_integer() else 2
            limit = formatLang(self.env, limit, digits=digits)
        return {
            order_form.TOO_LONG: self.env._(
                "This is too long: keep it below %s characters.", limit
            ),
            order_form.NOT_A_NUMBER: self.env._(
                "This is not a number. Write it in digits, such as 12."
            ),
            order_form.NOT_WHOLE: self.env._("A whole number, please."),
            order_form.TOO_SMALL: self.env._("At least %s.", limit),
            order_form.TOO_LARGE: self.env._("At most %s.", limit),
            order_form.NOT_A_DATE: self.env._("This is not a day of the calendar."),
            order_form.IN_THE_PAST: self.env._(
                "This day is over. Choose today or a later day."
            ),
        }[wrong.code]

    # ------------------------------------------------------------------
    # Ordering
    # ------------------------------------------------------------------

    def _make_order(self, raw, values, requester, partner, channel=None):
        """Make the request and its ticket, and ask for the approval it needs.

        :param dict raw: what was typed, kept so that it can be requested again
        :param dict values: as read by :meth:`_read_order_form`
        :param requester: ``res.partner`` who asks
        :param partner: ``res.partner`` who gets it
        :param channel: ``helpdesk.ticket.channel``, or nothing
        :return: the ``itsm.catalog.order``, in superuser mode
        :raise AccessError: where the item is not offered, or to these people
        :raise UserError: where nobody could approve it
        """
        self.ensure_one()
        self._check_may_order()
        self._check_persons(requester, partner)
        # sudo: nobody has the right to create requests but by this method, which
        # sets what was checked, and of the ticket nothing else.
        item = self.sudo()
        answers = item._describe_answers(values)
        waits = bool(item.with_context(active_test=False).approval_ids)
        ticket = (
            self.env["helpdesk.ticket"]
            .sudo()
            .create(
                item._prepare_order_ticket(answers, requester, partner, channel, waits)
            )
        )
        order = (
            self.env["itsm.catalog.order"]
            .sudo()
            .create(
                {
                    "name": item.name,
                    "ticket_id": ticket.id,
                    "item_id": item.id,
                    "owner_id": item.owner_id.id,
                    "requester_id": requester.id,
                    "partner_id": partner.id,
                    "manager_ids": [
                        Command.set(partner._get_itsm_managers(requester).ids)
                    ],
                    "currency_id": item.currency_id.id,
                    "price": item.price,
                    "expected_days": item.expected_days,
                    "answers": item._prepare_answers(values),
                    "answer_list": answers,
                    "typed": {
                        line.key: order_form.clean(raw.get(line.key))
                        for line in item.question_ids
                    },
                    "needs_approval": waits,
                    "step_ids": [
                        Command.create(step._prepare_order_step())
                        for step in item.step_ids
                    ],
                }
            )
        )
        if not waits:
            order._set_state("free")
        ticket.order_id = order
        ticket.message_subscribe(partner_ids=(requester | partner).ids)
        if waits:
            order.request_validation()
        else:
            order._begin_fulfilment()
        return order

    def _check_persons(self, requester, partner):
        """Refuse to ask in the name of others, or for who is no colleague.

        Agents ask on behalf of customers.

        :raise AccessError: naming the person
        """
        if self.env.user.has_group("itsm_core.group_user"):
            return
        if requester != self.env.user.partner_id:
            raise AccessError(self.env._("You can only request in your own name."))
        if partner != requester and partner not in requester._get_itsm_colleagues(
            [("id", "=", partner.id)]
        ):
            raise AccessError(
                self.env._(
                    "You can request for yourself and for colleagues. %s is none that "
                    "we know of.",
                    partner.sudo().name,
                )
            )

    def _prepare_order_ticket(self, answers, requester, partner, channel, waits):
        """Return the values of the ticket."""
        title = self.name
        if partner != requester:
            title = self.env._(
                "%(item)s for %(person)s", item=title, person=partner.sudo().name
            )
        team = self.team_id or self.service_id.team_id
        vals = {
            "affected_partner_id": partner.id if partner != requester else False,
            "channel_id": channel.id if channel else False,
            "company_id": self.env.company.id,
            "description": render_answers(answers) or self.name,
            "name": title,
            "partner_email": requester.sudo().email,
            "partner_id": requester.id,
            "partner_name": requester.sudo().name,
            "service_id": self.service_id.id,
            "team_id": team.id,
            "ticket_type": "request",
            "user_id": False,
        }
        if waits:
            # From its first moment on: clocks do not run before the approval.
            ticket = self.env["helpdesk.ticket"].new(
                {"team_id": team.id, "company_id": self.env.company.id}
            )
            stages = self.env["helpdesk.ticket.team"]._get_stages_by_state(
                ticket, "pending"
            )
            vals.update(stage_id=stages[ticket].id, pending_reason="approval")
        return vals

    def _prepare_answers(self, values):
        """Return the answers as values of Odoo properties."""
        return {
            key: Date.to_string(value) if hasattr(value, "isoformat") else value
            for key, value in values.items()
            if value is not None
        }

    def _describe_answers(self, values):
        """Return pairs of question and answer, as text in the reader's language."""
        pairs = []
        for line in self.question_ids:
            value = values.get(line.key)
            kind = line.attribute_type
            if kind == "boolean":
                text = self.env._("Yes") if value else self.env._("No")
            elif value is None:
                text = ""
            elif kind == "date":
                text = format_date(self.env, value)
            elif kind == "float":
                text = formatLang(self.env, value)
            elif kind == "selection":
                text = line._choices()[value]
            elif kind == "many2one":
                text = self.env[line.comodel].sudo().browse(value).display_name
            else:
                text = str(value)
            pairs.append([line.name, text])
        return pairs
