from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.boolean_search import boolean_search

#: The context key of the day that balances are asked for, as text: default today.
BALANCE_DAY = "itsm_balance_day"
#: How many days ahead it is told that licences run out.
EXPIRY_DAYS = 90
OVER_USED = "itsm_core.mail_activity_type_licence_over_used"


class ItsmSoftware(models.Model):
    """Entitlements against installations."""

    _name = "itsm.software"
    _inherit = ["itsm.software"]

    entitled = fields.Integer(
        compute="_compute_balance",
        help="What licences that are valid on the day allow.",
    )
    used = fields.Integer(
        compute="_compute_balance", help="What is installed on the day, counted."
    )
    free = fields.Integer(compute="_compute_balance")
    over_used = fields.Integer(
        compute="_compute_balance",
        help="How much more is used than there are licences for.",
    )
    uncounted = fields.Integer(
        string="Items without Cores",
        compute="_compute_balance",
        help="Items that count for nothing, because nobody recorded their cores.",
    )
    use_percent = fields.Integer(string="Used (%)", compute="_compute_balance")
    balance = fields.Selection(
        [
            ("none", "Nothing to Count"),
            ("over", "Over-Used"),
            ("under", "Under-Used"),
            ("fit", "Well Used"),
        ],
        compute="_compute_balance",
    )
    is_over_used = fields.Boolean(compute="_compute_balance", search="_search_over")
    is_under_used = fields.Boolean(compute="_compute_balance", search="_search_under")
    next_expiry_date = fields.Date(
        string="Next Licence Ends",
        compute="_compute_next_expiry_date",
        help="The last day of the first licence to run out.",
    )
    over_use_told = fields.Boolean(
        readonly=True,
        copy=False,
        help="The responsible was told. Told again once it had been mended.",
    )

    # ------------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------------

    @api.model
    def _get_balance_day(self):
        return fields.Date.to_date(
            self.env.context.get(BALANCE_DAY)
        ) or fields.Date.context_today(self)

    @api.depends_context(BALANCE_DAY, "tz")
    def _compute_balance(self):
        rows = {}
        if self.ids:
            query = SQL(
                "SELECT * FROM (%s) b WHERE id = ANY(%s)",
                self._get_balance_query(self._get_balance_day()),
                self.ids,
            )
            rows = {row[0]: row[1:] for row in self.env.execute_query(query)}
        for software in self:
            entitled, used, uncounted, balance = rows.get(
                software._origin.id, (0, 0, 0, "none")
            )
            software.entitled = entitled
            software.used = used
            software.uncounted = uncounted
            software.free = max(entitled - used, 0)
            software.over_used = max(used - entitled, 0)
            software.use_percent = 100 * used // entitled if entitled else 0
            software.balance = balance
            software.is_over_used = balance == "over"
            software.is_under_used = balance == "under"

    @api.model
    def _get_balance_query(self, day):
        """Return SQL of ``id, entitled, used, uncounted, balance`` of all software.

        A licence counts from its first to its last day, and no longer than its item is
        in the configuration. An installation counts from its first day to the day
        before it was removed, and as long as its item is not retired.
        """
        self.env["itsm.licence.entitlement"].flush_model()
        self.env["itsm.software.installation"].flush_model()
        self.env["itsm.ci"].flush_model(
            ["lifecycle_state", "retired_date", "properties"]
        )
        self.flush_model(["metric", "minimum_use"])
        return SQL(
            """
            SELECT s.id,
                   COALESCE(e.quantity, 0) AS entitled,
                   COALESCE(u.used, 0) AS used,
                   COALESCE(u.uncounted, 0) AS uncounted,
                   CASE WHEN COALESCE(u.used, 0) > COALESCE(e.quantity, 0)
                        THEN 'over'
                        WHEN COALESCE(e.quantity, 0) = 0
                        THEN 'none'
                        WHEN COALESCE(u.used, 0) * 100 < e.quantity * s.minimum_use
                        THEN 'under'
                        ELSE 'fit' END AS balance
              FROM itsm_software s
         LEFT JOIN (SELECT l.software_id, sum(l.quantity) AS quantity
                      FROM itsm_licence_entitlement l
                      JOIN itsm_ci c ON c.id = l.licence_id
                     WHERE l.date_from <= %(day)s
                       AND (l.date_to IS NULL OR l.date_to >= %(day)s)
                       AND %(alive)s
                  GROUP BY l.software_id) e ON e.software_id = s.id
         LEFT JOIN (%(used)s) u ON u.software_id = s.id
            """,
            day=day,
            alive=self._get_alive_condition(day),
            used=self._get_used_query(day),
        )

    @api.model
    def _get_alive_condition(self, day):
        """Return SQL that tells whether the item ``c`` was not retired on a day."""
        return SQL(
            "(c.lifecycle_state <> 'retired' OR c.retired_date > %s)",
            day,
        )

    @api.model
    def _get_used_query(self, day):
        """Return SQL of ``software_id, used, uncounted`` of what is installed."""
        cores = SQL(
            "CASE WHEN jsonb_typeof(c.properties -> 'cpu_cores') = 'number'"
            " THEN (c.properties ->> 'cpu_cores')::numeric::int ELSE 0 END"
        )
        return SQL(
            """
            SELECT i.software_id,
                   CASE i.metric
                        WHEN 'core' THEN sum(i.cores)
                        WHEN 'device' THEN count(*)
                        WHEN 'user' THEN count(DISTINCT i.holder)
                        ELSE sum(i.installations) END AS used,
                   count(*) FILTER (WHERE i.metric = 'core' AND i.cores = 0)
                       AS uncounted
              FROM (SELECT i.software_id, i.ci_id, t.metric,
                           count(DISTINCT i.id) AS installations,
                           max(%(cores)s) AS cores,
                           max(COALESCE('p' || u.partner_id, 'c' || i.ci_id)) AS holder
                      FROM itsm_software_installation i
                      JOIN itsm_software t ON t.id = i.software_id
                      JOIN itsm_ci c ON c.id = i.ci_id
                 LEFT JOIN itsm_ci_use u
                        ON u.ci_id = i.ci_id AND u.date_from <= %(day)s
                       AND (u.date_to IS NULL OR u.date_to > %(day)s)
                     WHERE i.date_from <= %(day)s
                       AND (i.date_to IS NULL OR i.date_to > %(day)s)
                       AND %(alive)s
                  GROUP BY i.software_id, i.ci_id, t.metric) i
          GROUP BY i.software_id, i.metric
            """,
            day=day,
            cores=cores,
            alive=self._get_alive_condition(day),
        )

    def _get_balance_domain(self, balance):
        """Return the domain of software that is over-used or under-used."""
        query = SQL(
            "(SELECT id FROM (%s) b WHERE balance = %s)",
            self._get_balance_query(self._get_balance_day()),
            balance,
        )
        return [("id", "in", query)]

    @boolean_search
    def _search_over(self):
        return self._get_balance_domain("over")

    @boolean_search
    def _search_under(self):
        return self._get_balance_domain("under")

    @api.depends_context(BALANCE_DAY, "tz")
    def _compute_next_expiry_date(self):
        day = self._get_balance_day()
        dates = dict(
            self.env["itsm.licence.entitlement"]._read_group(
                [
                    ("software_id", "in", self.ids),
                    ("date_from", "<=", day),
                    ("date_to", ">=", day),
                    ("licence_id.lifecycle_state", "!=", "retired"),
                ],
                ["software_id"],
                ["date_to:min"],
            )
        )
        for software in self:
            software.next_expiry_date = dates.get(software._origin)

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_open_entitlements(self):
        """Open the licences."""
        self.ensure_one()
        return self._get_library_action(
            "itsm.licence.entitlement",
            self.display_name,
            [("software_id", "=", self.id)],
            default_software_id=self.id,
        )

    # ------------------------------------------------------------------
    # Telling the responsible
    # ------------------------------------------------------------------

    @api.model
    def _cron_follow_licences(self):
        """Tell of over-use and of licences that run out, once each.

        Safe to run twice and to be stopped midway.
        """
        for (company,) in self._read_group([], ["company_id"]):
            # Days begin where the company is.
            local = self.with_context(tz=company.partner_id.tz or "UTC")
            local._tell_over_use(company)
            local.env["itsm.licence.entitlement"]._tell_expiry(company)

    @api.model
    def _tell_over_use(self, company):
        own = [("company_id", "=", company.id)]
        over = self.search([*own, ("is_over_used", "=", True)])
        told = self.with_context(active_test=False).search(
            [*own, ("over_use_told", "=", True)]
        )
        (told - over).over_use_told = False
        new = over - told
        today = fields.Date.context_today(self)
        self._remind(
            OVER_USED,
            [(software, software.owner_id, today) for software in new],
            self.env._("More is used than there are licences for: buy or remove"),
        )
        new.over_use_told = True
