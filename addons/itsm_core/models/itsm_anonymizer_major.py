import re

from odoo import api, models
from odoo.tools import SQL

from .itsm_anonymizer_messages import TICKET

#: Texts about a major incident, written by staff for many to read: the names of the
#: people on the ticket are struck out, the rest is worth keeping.
STRUCK_TEXTS = {
    "major_reason",
    "major_review_summary",
    "major_review_cause",
    "major_review_well",
    "major_review_badly",
}


class ItsmAnonymizerMajor(models.AbstractModel):
    """The part that strikes out names in what is kept about major incidents."""

    _name = "itsm.anonymizer.major"
    _description = "Removal of Names from Major Incidents"

    def _strike_names(self, ids):
        """Strike out people's names in texts on major incidents that are kept.

        There are few of these: each is gone through by itself.
        """
        majors = (
            self.env[TICKET]
            .sudo()
            .with_context(active_test=False)
            .search([("id", "in", ids), ("major_declared_at", "!=", False)])
        )
        for major in majors:
            pattern = self._get_name_pattern(major)
            if not pattern:
                continue
            for records, names in (
                (major, sorted(STRUCK_TEXTS)),
                (major.announcement_ids, ["name", "body"]),
                (major.major_update_ids, ["body", "note"]),
            ):
                self._strike_in(records, names, pattern)

    def _strike_in(self, records, names, pattern):
        replacement = self.env._("[removed]")
        for record in records:
            values = {
                name: pattern.sub(replacement, record[name])
                for name in names
                if record[name]
            }
            if values:
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s WHERE id = %s",
                        SQL.identifier(record._table),
                        SQL(", ").join(
                            SQL("%s = %s", SQL.identifier(name), value)
                            for name, value in values.items()
                        ),
                        record.id,
                    )
                )

    @api.model
    def _get_name_pattern(self, ticket):
        """Return a pattern of the names and addresses of a ticket's people.

        Family and first names count from four letters on: shorter ones are parts of
        too many other words.
        """
        messages = ticket.message_ids
        people = (
            ticket.partner_id
            | ticket.affected_partner_id
            | ticket.message_partner_ids
            | messages.author_id
        ).filtered(
            lambda partner: (
                not partner.is_company
                and not partner.with_context(active_test=False).user_ids.filtered(
                    lambda user: not user.share
                )
            )
        ) | (ticket.partner_id | ticket.affected_partner_id).filtered(
            lambda partner: not partner.is_company
        )
        return self._compile_name_pattern(
            people, ticket.partner_name, ticket.partner_email
        )

    @api.model
    def _compile_name_pattern(self, people, name=None, address=None):
        """Return a pattern of the names and addresses of people, or None.

        :param people: ``res.partner`` records
        :param str name: of somebody without a contact
        :param str address: of somebody without a contact
        """
        words = set()
        for known in [*people.mapped("name"), name]:
            if known:
                words.add(known)
                words.update(part for part in known.split() if len(part) > 3)
        words.update(people.filtered("email").mapped("email"))
        words.update(people.filtered("email_normalized").mapped("email_normalized"))
        if address:
            words.add(address)
        if not words:
            return None
        longest_first = sorted(words, key=len, reverse=True)
        names = "|".join(map(re.escape, longest_first))
        return re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE)
