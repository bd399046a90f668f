from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.itsm_core.models.res_partner_stand_in import NOBODY

BATCH = 1000
#: Texts in which somebody who is named beside them may be named as well.
EVIDENCE_TEXTS = ("name", "note", "file_name")
DEPLOYMENT_TEXTS = ("note", "backout_note", "skip_reason")
PARTY_TEXTS = ("role", "duty")
#: Staff at work stay after the retention period, as they do on tickets.
NO_STAFF = SQL(
    "NOT EXISTS (SELECT FROM res_users u"
    " WHERE u.partner_id = p.id AND u.active AND u.share IS NOT TRUE)"
)


class ItsmAnonymization(models.Model):
    _name = "itsm.anonymization"
    _inherit = ["itsm.anonymization"]

    release_evidence_count = fields.Integer(
        string="Acceptances of Releases",
        readonly=True,
        help="Acceptances for a customer, whose contact was removed.",
    )
    transition_party_count = fields.Integer(
        string="Parties of Transitions",
        readonly=True,
        help="Parties of ended transition plans, whose person was removed.",
    )


class ItsmAnonymizer(models.AbstractModel):
    """The part that removes people from releases and from ended transition plans.

    That somebody accepted for a customer, and that somebody had a part, stays: the
    anonymous contact of their company stands in. Who has a part in a plan that is
    still carried out is needed there.
    """

    _name = "itsm.anonymizer"
    _inherit = ["itsm.anonymizer"]

    @api.model
    def _forget_person(self, person, address, companies):
        count = super()._forget_person(person, address, companies)
        for company in companies if person else ():
            asked = SQL("p.id = %s", person.id)
            self._anonymize_evidence(asked, company, "request")
            self._anonymize_parties(asked, company, "request")
        return count

    @api.model
    def _anonymize_evidence(self, condition, company, kind, months=0, limit=None):
        """Remove who accepted releases of a company for a customer, and log it.

        :param SQL condition: on the contact, as ``p``, and the release, as ``o``
        :param company: ``res.company``
        :param str kind: "retention" or "request"
        :param int months: the retention period that applied
        :param int limit: how many at most
        :return: number of acceptances
        """
        lines = self._find_naming(
            "itsm.release.evidence", "release_id", condition, company, limit
        )
        for person, accepted in lines.grouped("partner_id").items():
            deployments = accepted.release_id.deployment_ids
            self._strike_person(person, accepted, EVIDENCE_TEXTS)
            self._strike_person(person, deployments, DEPLOYMENT_TEXTS)
        return self._replace_people(
            lines, company, kind, months, "release_evidence_count"
        )

    @api.model
    def _anonymize_parties(self, condition, company, kind, months=0, limit=None):
        """Remove people from the parties of a company's ended plans, and log it.

        As ``_anonymize_evidence``, with the transition plan as ``o``.
        """
        lines = self._find_naming(
            "itsm.transition.party",
            "plan_id",
            SQL("o.state IN ('closed', 'refused', 'cancelled') AND %s", condition),
            company,
            limit,
        )
        for person, parts in lines.grouped("partner_id").items():
            self._strike_person(person, parts, PARTY_TEXTS)
        return self._replace_people(
            lines, company, kind, months, "transition_party_count"
        )

    def _strike_person(self, person, records, names):
        if pattern := self._compile_name_pattern(person):
            self._strike_in(records, names, pattern)

    def _find_naming(self, model, link, condition, company, limit):
        """Return records of a model that name a person who is no stand-in yet."""
        self.env.flush_all()
        Model = self.env[model]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT x.id
                  FROM %(table)s x
                  JOIN %(owner)s o ON o.id = x.%(link)s
                  JOIN res_partner p ON p.id = x.partner_id
                 WHERE p.is_company IS NOT TRUE AND p.is_itsm_stand_in IS NOT TRUE
                   AND o.company_id = %(company)s AND %(condition)s
              ORDER BY x.id LIMIT %(limit)s
                """,
                table=SQL.identifier(Model._table),
                owner=SQL.identifier(self.env[Model._fields[link].comodel_name]._table),
                link=SQL.identifier(link),
                company=company.id,
                condition=condition,
                limit=limit,
            )
        )
        # sudo: all that is named goes, whatever the user may read.
        return Model.sudo().browse([line_id for (line_id,) in rows])

    def _replace_people(self, lines, company, kind, months, counted):
        """Put the anonymous contact in the place of people. Return how often."""
        if not lines:
            return 0
        owners = {
            person: person.commercial_partner_id
            for person in lines.partner_id.with_context(active_test=False)
        }
        employers = lines.partner_id.browse(
            {owner.id for owner in owners.values() if owner.is_company}
        )
        stand_ins = self.env["res.partner"]._get_itsm_stand_ins(employers)
        nobody = self.env.ref(NOBODY).sudo()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s x SET partner_id = s.partner_id
                  FROM unnest(%s, %s) AS s (id, partner_id) WHERE x.id = s.id
                """,
                SQL.identifier(lines._table),
                lines.ids,
                [stand_ins.get(owners[line.partner_id], nobody).id for line in lines],
            )
        )
        self.env.invalidate_all(flush=False)
        self.env["itsm.anonymization"]._log(
            company, kind, months, **{counted: len(lines)}
        )
        return len(lines)


class ItsmRelease(models.Model):
    """Whom releases and transition plans name, after the retention period."""

    _name = "itsm.release"
    _inherit = ["itsm.release"]

    @api.model
    def _cron_anonymize(self):
        """Remove people from what ended before the retention period.

        Safe to be stopped midway: each batch is committed with its line in the log.
        """
        anonymizer = self.env["itsm.anonymizer"]
        # What was cancelled has no such date: then it was written last.
        ended = SQL(
            "%s AND o.state IN ('closed', 'refused', 'cancelled')"
            " AND COALESCE(o.closed_date, o.write_date)",
            NO_STAFF,
        )
        for forget in (anonymizer._anonymize_evidence, anonymizer._anonymize_parties):
            anonymizer._forget_expired(forget, ended, fields.Datetime.now(), BATCH)
