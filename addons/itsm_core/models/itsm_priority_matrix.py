from odoo import api, models
from odoo.tools import html2plaintext

from ..tools.uninstall import guard_unlink

HISTORY_LIMIT = 50


class ItsmPriorityRule(models.Model):
    """The nine rules as one matrix on one screen, with its history."""

    _name = "itsm.priority.rule"
    _inherit = ["itsm.priority.rule"]

    @guard_unlink
    def _log_removal_on_general_rule(self):
        """Keep in the history that a company gave up a rule of its own."""
        general = {
            (rule.impact, rule.urgency): rule
            for rule in self.search([("company_id", "=", False)])
        }
        priorities = dict(self._fields["priority"]._description_selection(self.env))
        for rule in self.filtered("company_id"):
            general[rule.impact, rule.urgency]._message_log(
                body=self.env._(
                    "%(company)s gave up its own priority, which was %(priority)s.",
                    company=rule.company_id.name,
                    priority=priorities[rule.priority],
                )
            )

    def _creation_message(self):
        self.ensure_one()
        priorities = dict(self._fields["priority"]._description_selection(self.env))
        return self.env._(
            "%(priority)s from the beginning", priority=priorities[self.priority]
        )

    @api.model
    def get_matrix_screen(self, own=False):
        """Return what the matrix screen shows.

        :param bool own: the matrix of the current company; else the general one
        :return: labels of levels and priorities, the cells, the history, and
            whether the user may change it
        :rtype: dict
        """
        company = self.env.company
        domain = [("company_id", "=", False)]
        if own:
            domain = [("company_id", "in", (False, company.id))]
        rules = self.search(domain)
        cells = {}
        for rule in rules.sorted(lambda rule: bool(rule.company_id)):
            cells[f"{rule.impact}-{rule.urgency}"] = {
                "id": rule.id,
                "priority": rule.priority,
                "own": bool(rule.company_id),
            }
        describe = {
            name: self._fields[name]._description_selection(self.env)
            for name in ("impact", "urgency", "priority")
        }
        return {
            "impacts": describe["impact"],
            "urgencies": describe["urgency"],
            "priorities": describe["priority"][::-1],
            "cells": cells,
            "company": company.name,
            "editable": self.has_access("write"),
            "history": rules._get_history(),
        }

    @api.model
    def set_matrix_cell(self, impact, urgency, priority, own=False):
        """Set the priority for one impact and urgency.

        :param str impact: "1" high to "3" low
        :param str urgency: "1" high to "3" low
        :param priority: "0" (P4) to "3" (P1); False to follow the general matrix
            again, where ``own`` is set
        :param bool own: for the current company alone
        """
        company = self.env.company if own else self.env["res.company"]
        rule = self.search(
            [
                ("impact", "=", impact),
                ("urgency", "=", urgency),
                ("company_id", "=", company.id),
            ]
        )
        if own and not priority:
            rule.unlink()
        elif rule:
            rule.priority = priority
        else:
            self.create(
                {
                    "impact": impact,
                    "urgency": urgency,
                    "priority": priority,
                    "company_id": company.id,
                }
            )

    def _get_history(self):
        """Return what was changed in these rules, the latest first.

        :return: dicts of date (UTC), author, cell, old and new priority, or note
        """
        # sudo: whoever may read a rule may read what is in its chatter; tracking
        # values themselves are open to administrators only.
        messages = (
            self.env["mail.message"]
            .sudo()
            .search(
                [("model", "=", self._name), ("res_id", "in", self.ids)],
                order="id desc",
                limit=HISTORY_LIMIT,
            )
        )
        rules = {rule.id: rule for rule in self}
        rows = []
        for message in messages:
            rule = rules[message.res_id]
            row = {
                "id": message.id,
                "date": message.date,
                "author": message.author_id.name or message.email_from,
                "cell": rule.display_name.rpartition(":")[0],
                "company": rule.company_id.name or "",
            }
            values = message.tracking_value_ids.filtered(
                lambda value: value.field_id.name == "priority"
            )
            if values:
                row["old"] = values[0].old_value_char
                row["new"] = values[0].new_value_char
                rows.append(row)
            elif message.body:
                row["note"] = html2plaintext(message.body)
                rows.append(row)
        return rows
