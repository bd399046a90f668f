import csv
import io

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, file_open, file_path

#: Demo data of other add-ons, which would stand in the story's way: add-on, model
#: and a pattern for the names of its records.
STRAYS = (
    ("helpdesk_mgmt", "helpdesk.ticket", "%"),
    ("helpdesk_mgmt", "helpdesk.ticket.team", "%"),
    ("helpdesk_mgmt", "helpdesk.ticket.category", "%"),
    ("helpdesk_mgmt", "helpdesk.ticket.tag", "%"),
    ("maintenance", "maintenance.equipment", "%"),
    ("base", "res.users", "%demo%"),
    ("base", "res.partner", "partner\\_demo%"),
    ("base", "res.partner", "res\\_partner\\_%"),
)


class ItsmDemo(models.AbstractModel):
    """Loads what the demo story dates relative to today.

    Called by the demo data and by nothing else; the story itself is in ``demo/``.
    """

    _name = "itsm.demo"
    _description = "Demo Story"

    @api.model
    def _load_story(self):
        """Load items, services and tickets."""
        self._archive_strays()
        self.env["helpdesk.ticket.stage"]._name_after_states()
        self._load_items()
        self._load_rows("itsm.ci.relation", self._read_csv("relations.csv"))
        self._load_services()
        self.env["itsm.demo.configuration"]._load()
        self._load_tickets()
        self.env["itsm.demo.events"]._load()
        self._load_rota()
        self.env["itsm.demo.actions"]._load()
        self.env["itsm.demo.audits"]._load()
        self.env["itsm.demo.problems"]._load()
        self.env["itsm.demo.software"]._load()
        self.env["itsm.demo.requests"]._load()

    @api.model
    def _read_csv(self, name):
        """Return the rows of a file of the story as dictionaries."""
        with file_open(f"itsm_core/demo/{name}") as file:
            return list(csv.DictReader(io.StringIO(file.read())))

    @api.model
    def _find_keys(self, prefix, model=None):
        """Return ``{key: id}`` of records of this add-on, keyed without the prefix.

        :param str prefix: that their names have in common
        :param str model: only those of this model
        """
        domain = [("module", "=", "itsm_core"), ("name", "=like", f"{prefix}%")]
        if model:
            domain.append(("model", "=", model))
        rows = self.env["ir.model.data"].search_fetch(domain, ["name", "res_id"])
        return {row.name.removeprefix(prefix): row.res_id for row in rows}

    @api.model
    def _set_columns(self, records, **values):
        """Put values of the story's time where the ORM writes those of today.

        :param values: of stored columns, the same for all records
        """
        records.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE id = ANY(%s)",
                SQL.identifier(records._table),
                SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(column), value)
                    for column, value in values.items()
                ),
                records.ids,
            )
        )
        records.invalidate_recordset(list(values))

    # ------------------------------------------------------------------
    # People
    # ------------------------------------------------------------------

    @api.model
    def _archive_strays(self):
        """Archive the demo data of other add-ons: it tells of another company."""
        for module, model, pattern in STRAYS:
            names = self.env["ir.model.data"].search(
                [
                    ("module", "=", module),
                    ("model", "=", model),
                    ("name", "=like", pattern),
                ]
            )
            records = self.env[model].browse(names.mapped("res_id")).exists()
            records.filtered("active").action_archive()
            # helpdesk_mgmt mails people that two of its demo tickets are closed.
            self.env["mail.mail"].search(
                [("model", "=", model), ("res_id", "in", records.ids)]
            ).unlink()

    # ------------------------------------------------------------------
    # Items and services
    # ------------------------------------------------------------------

    @api.model
    def _load_items(self):
        """Load the configuration items with dates counted back from today."""
        today = fields.Date.context_today(self)
        by_class, states = {}, {}
        for place, row in enumerate(self._read_csv("items.csv")):
            states.setdefault(row.pop("lifecycle_state"), []).append(row["id"])
            age, warranty = row.pop("age_months"), row.pop("warranty_months")
            bought = today - relativedelta(months=int(age or 0), days=place % 28)
            ends = bought + relativedelta(months=int(warranty or 0))
            row["purchase_date"] = str(bought) if age else ""
            row["warranty_date"] = str(ends) if warranty else ""
            by_class.setdefault(row["class_id/id"], []).append(row)
        for rows in by_class.values():
            self._load_rows("itsm.ci", rows)
        keys = self._find_keys("demo_ci_", "itsm.ci")
        for state, names in states.items():
            items = self.env["itsm.ci"].browse(
                [keys[name.removeprefix("demo_ci_")] for name in names]
            )
            items._load_state(state)

    @api.model
    def _load_rows(self, model, rows):
        """Load rows as a CSV file of demo data would be, without empty columns."""
        columns = [name for name in rows[0] if any(row[name] for row in rows)]
        result = (
            self.env[model]
            .with_context(module="itsm_core", install_mode=True, noupdate=True)
            .load(columns, [[row[name] for name in columns] for row in rows])
        )
        errors = [message["message"] for message in result["messages"]]
        if errors:
            raise ValueError(f"{model}: {'; '.join(errors)}")

    @api.model
    def _load_services(self):
        """Put the services where they stand in their life."""
        today = fields.Date.context_today(self)
        keys = self._find_keys("demo_service_", "itsm.service")
        coming = self.env["itsm.service"].browse(keys.pop("telematics"))
        retired = self.env["itsm.service"].browse(keys["fax"])
        for place, service in enumerate(retired.browse(keys.values())):
            live_date = today - relativedelta(months=20 + 7 * place, days=3 * place)
            service._load_state("live", live_date=live_date)
        retired._load_state("retired")
        coming._load_state("transition")

    # ------------------------------------------------------------------
    # Tickets
    # ------------------------------------------------------------------

    @api.model
    def _load_tickets(self):
        """Load the year of work, and what lies on the desk today."""
        # Here, so that nothing of the story is imported but to load it.
        from ..demo.story import play_stories

        company = self.env.ref("base.main_company")
        played = play_stories(
            file_path("itsm_core/demo"),
            fields.Datetime.now(),
            self.env["itsm.priority.rule"]._get_matrix(company.id),
        )
        self.env["itsm.demo.tickets"]._store(played, company)

    @api.model
    def _load_rota(self):
        """Plan who is on duty in the coming weeks, and who is away."""
        from ..demo.clock import StoryClock
        from ..demo.rota import plan_absences, plan_shifts

        clock = StoryClock(fields.Datetime.now())
        users = self._find_keys("demo_user_", "res.users")
        teams = self._find_keys("demo_team_", "helpdesk.ticket.team")
        self.env["itsm.duty.shift"].create(
            [
                {
                    "team_id": teams[team],
                    "user_id": users[person],
                    "start": start,
                    "stop": stop,
                }
                for team, person, start, stop in plan_shifts(clock)
            ]
        )
        self.env["itsm.absence"].create(
            [
                {"user_id": users[person], "start": start, "stop": stop, "kind": kind}
                for person, start, stop, kind in plan_absences(clock)
            ]
        )
