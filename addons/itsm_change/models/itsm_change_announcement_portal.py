from odoo import fields, models


class ItsmChangeAnnouncement(models.Model):
    """An announcement as customers read it, and compared with what is to be told."""

    _name = "itsm.change.announcement"
    _inherit = ["itsm.change.announcement"]

    def _repeat(self):
        """Return the values of an announcement that says the same."""
        self.ensure_one()
        vals = self._get_content()
        vals["service_ids"] = [(6, 0, self.service_ids.ids)]
        return {"change_id": self.change_id.id, **vals}

    def _get_content(self):
        return {
            name: self[name] for name in ("title", "text", "effect", "start", "stop")
        }

    def _says(self, vals):
        """Tell whether customers were told just this."""
        self.ensure_one()
        return self._get_content() == {
            name: vals[name] for name in self._get_content()
        } and set(self.service_ids.ids) == set(vals["service_ids"][0][2])

    def _get_portal_values(self):
        """Return what the page of a customer shows of the latest announcement.

        In superuser mode: customers have no access. Names of services are those of the
        customer alone, and nothing comes from the change but how far it is.
        """
        self.ensure_one()
        service_domain = self.env["itsm.change"]._get_portal_service_domain()
        state, color = self._get_portal_state()
        return {
            "change_id": self.change_id.id,
            "title": self.title,
            "text": self.text,
            "start": self.start,
            "stop": self.stop,
            "is_one_day": self._is_one_day(),
            "effect": self.effect,
            "effect_label": self._get_label("effect"),
            "services": self.service_ids.filtered_domain(service_domain).mapped("name"),
            "state": state,
            "color": color,
            "is_time_open": self._is_time_open(),
            "is_over": self._is_over(),
            "date": self.date,
        }

    def _get_portal_history(self):
        """Return what the customer was told about the change, the latest first."""
        self.ensure_one()
        services = self.env["itsm.change"]._get_portal_service_domain()
        return [
            {
                "date": told.date,
                "kind": told._get_label("kind"),
                "kind_name": told.kind,
                "start": told.start,
            }
            for told in self.change_id.announcement_ids
            if told.service_ids.filtered_domain(services)
        ]

    def _get_label(self, name):
        return dict(self._fields[name]._description_selection(self.env))[self[name]]

    def _is_one_day(self):
        """Tell whether it begins and ends on the same day of who reads."""
        first, last = (
            fields.Datetime.context_timestamp(self, moment).date()
            for moment in (self.start, self.stop)
        )
        return first == last

    def _is_over(self):
        return self.kind in ("cancelled", "done", "failed") or self.change_id.state in (
            "review",
            "closed",
            "failed",
            "backed_out",
            "cancelled",
            "refused",
        )

    def _is_time_open(self):
        return not self._is_over() and self.change_id.state not in (
            "scheduled",
            "implementation",
        )

    def _get_portal_state(self):
        """Return how far it is, in words of customers, and the colour of a badge."""
        state = self.change_id.state
        if self.kind == "cancelled" or state in ("cancelled", "refused"):
            return self.env._("Cancelled"), "secondary"
        if self.kind == "failed" or state in ("failed", "backed_out"):
            return self.env._("Ended without success"), "danger"
        if self.kind == "done" or self._is_over():
            return self.env._("Done"), "success"
        if self._is_time_open():
            return self.env._("New time wanted"), "warning"
        if state == "implementation":
            return self.env._("In progress"), "primary"
        return self.env._("Planned"), "info"
