from odoo import api, fields, models
from odoo.tools import SQL

from .itsm_ci_use import USE_DAY


class ItsmDemoSoftware(models.AbstractModel):
    """Stores licences, the software library and who uses what of the demo story."""

    _name = "itsm.demo.software"
    _description = "Software and People of the Demo Story"

    @api.model
    def _load(self):
        """Load software with its licences, versions and installations, and leavers."""
        # Here, so that nothing of the story is imported but to load it.
        from ..demo import software as story

        demo = self.env["itsm.demo"]
        items = demo._find_keys("demo_ci_", "itsm.ci")
        people = demo._find_keys("demo_person_", "res.partner")
        self._load_uses(story, people, items)
        titles = self._load_software(story, demo)
        versions = self._load_versions(story, titles)
        self._load_installations(story, titles, versions, items)
        for person, days in story.LEAVERS.items():
            contact = self.env["res.partner"].browse(people[person])
            contact.itsm_leaving_date = self._get_day(days)
        self.env["itsm.software"]._cron_follow_licences()

    @api.model
    def _get_day(self, days):
        return fields.Date.add(fields.Date.context_today(self), days=days)

    @api.model
    def _load_uses(self, story, people, items):
        """Let uses begin when the items were bought, and add those that are over."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_ci_use u SET date_from = c.purchase_date FROM itsm_ci c
                 WHERE c.id = u.ci_id AND c.purchase_date < u.date_from
                """
            )
        )
        self.env["itsm.ci.use"].invalidate_model(flush=False)
        for item, person, first, last in story.FORMER_USES:
            ci = self.env["itsm.ci"].browse(items[item])
            for days, user in ((first, people[person]), (last, False)):
                dated = ci.with_context(
                    **{USE_DAY: self._get_day(days)}, tracking_disable=True
                )
                dated.user_partner_id = user
        # Nobody of the story is who loads it: owners hand their items over.
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE itsm_ci_use u
               SET create_uid = c.owner_id,
                   taken_by_id = CASE WHEN u.date_to IS NOT NULL THEN c.owner_id END
              FROM itsm_ci c
             WHERE c.id = u.ci_id AND c.owner_id IS NOT NULL
            """
        )
        self.env["itsm.ci.use"].invalidate_model(flush=False)

    @api.model
    def _load_software(self, story, demo):
        """Return ``{key: software}`` with licences."""
        users = demo._find_keys("demo_user_", "res.users")
        suppliers = demo._find_keys("demo_supplier_", "res.partner")
        company = self.env.ref("base.main_company")
        records = self.env["itsm.software"].create(
            [
                {
                    "name": name,
                    "metric": metric,
                    "publisher_id": suppliers.get(publisher),
                    "owner_id": users[owner],
                    "company_id": company.id,
                }
                for name, metric, publisher, owner in story.SOFTWARE.values()
            ]
        )
        titles = dict(zip(story.SOFTWARE, records, strict=True))
        licences = self._load_licences(story, titles, suppliers, company)
        self.env["itsm.licence.entitlement"].create(
            [
                {
                    "software_id": titles[software].id,
                    "licence_id": licences[name].id,
                    "quantity": quantity,
                    "date_from": self._get_day(first),
                    "date_to": last is not None and self._get_day(last),
                    "contract_reference": contract,
                    "cost": cost,
                }
                for (
                    software,
                    name,
                    _vendor,
                    quantity,
                    first,
                    last,
                    contract,
                    cost,
                ) in story.ENTITLEMENTS
            ]
        )
        return titles

    @api.model
    def _load_licences(self, story, titles, suppliers, company):
        """Return ``{name: item}`` of the licences, which may have several parts."""
        values = {
            name: {
                "name": name,
                "class_id": self.env.ref("itsm_core.ci_class_licence").id,
                "owner_id": titles[software].owner_id.id,
                "supplier_id": suppliers[vendor],
                "company_id": company.id,
            }
            for software, name, vendor, *_rest in story.ENTITLEMENTS
        }
        licences = self.env["itsm.ci"].create(list(values.values()))
        licences._load_state("in_use")
        return dict(zip(values, licences, strict=True))

    @api.model
    def _load_versions(self, story, titles):
        """Return ``{(software, version): record}`` of the library."""
        versions = {}
        for software, name, state, support, place in story.VERSIONS:
            version = self.env["itsm.software.version"].create(
                {
                    "software_id": titles[software].id,
                    "name": name,
                    "location": place,
                    "checksum": story.make_checksum(software, name),
                    "end_of_support": support is not None and self._get_day(support),
                    "licence_id": titles[software].entitlement_ids[:1].licence_id.id,
                }
            )
            if state != "test":
                version._load_state(
                    state,
                    release_date=self._get_day(-400),
                    withdrawn_date=state == "withdrawn" and self._get_day(-12),
                )
            versions[software, name] = version
        return versions

    @api.model
    def _load_installations(self, story, titles, versions, items):
        self.env["itsm.software.installation"].create(
            [
                {
                    "software_id": titles[software].id,
                    "version_id": version and versions[software, version].id,
                    "ci_id": items[item],
                    "date_from": self._get_day(-340),
                }
                for software, version, names in story.INSTALLATIONS
                for item in names
            ]
        )
