from datetime import datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.event_rules import apply_rules
from ..tools.label_matchers import fit, read_matchers


class Suppression(NamedTuple):
    """Why an event opens no incident.

    :ivar datetime until: when it is judged anew; None: never
    """

    reason: str
    until: datetime | None
    silence_id: int | None


class Judgement(NamedTuple):
    """What an event is about, and whether anybody is to hear of it."""

    ci_id: int
    service_id: int
    team_id: int
    impact: str
    urgency: str
    rule_ids: tuple
    suppression: Suppression | None


class ItsmCi(models.Model):
    _name = "itsm.ci"
    _inherit = ["itsm.ci"]

    def _get_planned_work(self, _moment):
        """Return the work that is planned on these items at a moment.

        There is none in this add-on; add-ons that plan changes say so here.

        :param datetime _moment: UTC
        :return: ``{id of item: (end of the work, its name)}``
        """
        return {}

    def _judge_events_anew(self):
        """Have events judged anew that work on these items keeps back.

        For when that work ends at another time than was planned.
        """
        self.env["itsm.event"].flush_model()
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_event SET suppressed_until = %(now)s
                 WHERE state = 'suppressed' AND silence_id IS NULL
                   AND suppressed_until > %(now)s
                   AND (ci_id = ANY(%(items)s) OR service_id IN (
                        SELECT id FROM itsm_service WHERE ci_id = ANY(%(items)s)))
                """,
                now=now,
                items=self.ids,
            )
        )
        if self.env.cr.rowcount:
            self.env["itsm.event"].invalidate_model(["suppressed_until"])
            self.env["itsm.event"]._have_worked_on()


class ItsmEvent(models.Model):
    """Judging events: by the rules, the silences and the work that is planned."""

    _name = "itsm.event"
    _inherit = ["itsm.event"]

    @api.model
    def _judge(self, source, labels_list):
        """Say what events are about, and whether they are suppressed now.

        In a number of queries that does not depend on how many there are. Stores
        nothing.

        :param source: ``itsm.event.source``
        :param list labels_list: the labels of each event
        :rtype: list[Judgement]
        """
        company = source.company_id
        now = fields.Datetime.now()
        rules = self.env["itsm.event.rule"]._get_rules(company)
        rule_names = {
            rule.id: rule.name
            for rule in self.env["itsm.event.rule"].browse(r.rule_id for r in rules)
        }
        silences = [
            (silence, read_matchers(silence.matchers))
            for silence in self.env["itsm.event.silence"].search(
                [
                    ("company_id", "=", company.id),
                    ("is_active", "=", True),
                    "|",
                    ("source_ids", "=", False),
                    ("source_ids", "in", source.ids),
                ],
                order="stop desc, id",
            )
        ]
        answers = [apply_rules(rules, source.id, labels) for labels in labels_list]
        items = self._find_named("itsm.ci", company, [a.ci_names for a in answers])
        services = self._find_named(
            "itsm.service", company, [a.service_names for a in answers]
        )
        abouts = [
            self._get_about(source, answer, items, services) for answer in answers
        ]
        all_items = self.env["itsm.ci"].browse(
            {item.id for about in abouts for item in about[0] | about[1].ci_id}
        )
        works = all_items._get_planned_work(now) if all_items else {}
        judgements = []
        for labels, answer, (item, service) in zip(
            labels_list, answers, abouts, strict=True
        ):
            suppression = None
            silence = next(
                (s for s, matchers in silences if fit(matchers, labels)), None
            )
            work = works.get(item.id) or works.get(service.ci_id.id)
            if answer.recorded_by:
                suppression = Suppression(
                    self.env._(
                        "The rule “%s” says to record it only.",
                        rule_names[answer.recorded_by],
                    ),
                    None,
                    None,
                )
            elif silence:
                suppression = Suppression(
                    self.env._(
                        "Silenced by %(user)s: %(reason)s",
                        user=silence.user_id.name,
                        reason=silence.name,
                    ),
                    silence.stop,
                    silence.id,
                )
            elif work:
                suppression = Suppression(
                    self.env._("Expected during %s.", work[1]), work[0], None
                )
            judgements.append(
                Judgement(
                    item.id or 0,
                    service.id or 0,
                    answer.team_id or service.team_id.id or source.team_id.id or 0,
                    answer.impact,
                    answer.urgency,
                    answer.rule_ids,
                    suppression,
                )
            )
        return judgements

    @api.model
    def _get_about(self, source, answer, items, services):
        """Return the item and the service of an event, as far as they are known."""
        item = self.env["itsm.ci"].browse(answer.ci_id or [])
        for name in answer.ci_names:
            item = item or items.get(name.lower(), item)
        service = self.env["itsm.service"].browse(answer.service_id or [])
        for name in answer.service_names:
            service = service or services.get(name.strip().lower(), service)
        # A service is an item, too.
        service = service or item.service_ids[:1] or source.service_id
        return item, service

    @api.model
    def _find_named(self, model, company, names_list):
        """Return ``{name in small letters: record}`` of those that names stand for.

        A name that several have stands for none of them.
        """
        names = {name.strip().lower() for names in names_list for name in names}
        records = self.env[model]
        if not names:
            return {}
        found = {}
        for record in records.search(
            [
                ("name", "in", self._find_spellings(names)),
                ("company_id", "in", [False, company.id]),
            ]
        ):
            key = record.name.strip().lower()
            found[key] = records if key in found else record
        return found

    @api.model
    def _find_spellings(self, names):
        """Return how items with these names, in small letters, are written."""
        self.env["itsm.ci"].flush_model(["name"])
        self.env.cr.execute(
            "SELECT DISTINCT name FROM itsm_ci WHERE LOWER(name) = ANY(%s)",
            [list(names)],
        )
        return [name for (name,) in self.env.cr.fetchall()]
