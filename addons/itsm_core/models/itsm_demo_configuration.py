from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

#: What the upgrade changed: item, field or attribute, before.
UPGRADE = (
    ("app_erp", "version", "11.9.7"),
    ("erp_app_1", "memory_gb", 16),
    ("erp_app_2", "memory_gb", 16),
)


class ItsmDemoConfiguration(models.AbstractModel):
    """Stores what the demo story did with its items: clusters, a baseline."""

    _name = "itsm.demo.configuration"
    _description = "Configuration of the Demo Story"

    @api.model
    def _load(self):
        demo = self.env["itsm.demo"].with_context(tracking_disable=True)
        keys = demo._find_keys("demo_ci_", "itsm.ci")
        items = {key: demo.env["itsm.ci"].browse(ci_id) for key, ci_id in keys.items()}
        self._load_cluster(items)
        self._load_baseline(demo, items)

    @api.model
    def _load_cluster(self, items):
        """One of two hosts carries all; test systems may stand still."""
        cluster = items["nim_cluster"]
        hosts = (items["nim_host_1"] | items["nim_host_2"]).ids
        relations = cluster.relation_ids.filtered(
            lambda relation: relation.target_id.id in hosts
        )
        cluster.env["itsm.ci.redundancy"].create(
            {
                "name": "Hosts",
                "ci_id": cluster.id,
                "minimum_up": 1,
                "relation_ids": [fields.Command.set(relations.ids)],
            }
        )
        cluster.exclude_from_impact(
            "affected",
            items["erp_test"].id,
            cluster.env._("The test system may stand still: nobody is promised it."),
        )

    @api.model
    def _load_baseline(self, demo, items):
        """Freeze the Freight ERP as it was before its upgrade, weeks ago."""
        services = demo._find_keys("demo_service_", "itsm.service")
        users = demo._find_keys("demo_user_", "res.users")
        baseline = demo.env["itsm.ci.baseline"].create(
            {
                "name": demo.env._("Freight ERP before release 12"),
                "purpose": demo.env._(
                    "What to go back to if the release had failed. Nothing but the "
                    "version and the memory of its servers was meant to change."
                ),
                "scope": "service",
                "service_id": services["erp"],
                "owner_id": users["ilie"],
                "company_id": demo.env.company.id,
            }
        )
        after = [self._set(items[key], name, value) for key, name, value in UPGRADE]
        baseline._freeze()
        for (key, name, _before), value in zip(UPGRADE, after, strict=True):
            self._set(items[key], name, value)
        baseline._load_state(
            "frozen", frozen_date=fields.Datetime.now() - relativedelta(weeks=5)
        )

    @api.model
    def _set(self, item, name, value):
        """Set a field or an attribute of an item; return what it was."""
        if name in item._fields:
            before = item[name]
            item[name] = value
        else:
            before = item.properties[name]
            item.properties = {name: value}
        return before
