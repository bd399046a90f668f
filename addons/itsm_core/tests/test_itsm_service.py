from unittest.mock import patch

from odoo.tests import Form, TransactionCase, new_test_user, tagged

from .refusal_case import RefusalCase


@tagged("post_install", "-at_install")
class TestService(RefusalCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The own rules of services, whatever other processes ask of them.
        cls.startClassPatcher(
            patch.object(
                cls.registry["itsm.service"],
                "_check_portfolio_gate",
                lambda services, target: None,
            )
        )
        cls.manager = new_test_user(cls.env, "sv_manager", "itsm_core.group_manager")
        cls.service_class = cls.env.ref("itsm_core.ci_class_service_business")
        cls.server = cls.env.ref("itsm_core.ci_class_server")
        cls.team = cls.env["helpdesk.ticket.team"].create({"name": "Mail"})
        cls.Service = cls.env["itsm.service"].with_user(cls.manager)

    def _service(self, **vals):
        return self.Service.create(
            {
                "name": "E-mail",
                "class_id": self.service_class.id,
                "owner_id": self.manager.id,
                "team_id": self.team.id,
                **vals,
            }
        )

    def _live(self, **vals):
        service = self._service(**vals)
        service.action_set_state("transition")
        service.action_set_state("live")
        return service

    def test_the_item_follows_the_portfolio(self):
        service = self._service()
        states = []
        for state in ("transition", "live", "transition", "live", "retired"):
            service.action_set_state(state)
            states.append(service.lifecycle_state)
        self.assertEqual(states, ["planned", "in_use", "in_use", "in_use", "retired"])
        self.assertTrue(service.live_date and service.retired_date)

    def test_going_live_needs_an_owner_and_a_team(self):
        service = self._service(owner_id=False, team_id=False)
        with self.assertRefused("Please fill in: Responsible"):
            service.action_set_state("transition")
        service.owner_id = self.manager
        service.action_set_state("transition")
        with self.assertRefused("Please fill in: Support Team"):
            service.action_set_state("live")

    def test_a_retired_service_is_frozen_and_no_longer_published(self):
        service = self._live(is_published=True)
        service.action_set_state("retired")
        self.assertFalse(service.is_published)
        with self.assertRefused("“Published” can no longer"):
            service.is_published = True
        with self.assertRefused("“Name” can no longer"):
            service.name = "Other"
        with self.assertRefused("which is final"):
            service.action_set_state("live")

    def test_the_item_of_a_service_does_not_move_alone(self):
        service = self._service()
        with self.assertRefused("Move the service"):
            service.ci_id.action_set_state("in_use")
        with self.assertRefused("cannot be written"):
            service.lifecycle_state = "in_use"
        with self.assertRefused("starts as “Planned”"):
            self._service(lifecycle_state="in_use")

    def test_history_loads_the_item_too(self):
        service = self._service().with_user(self.env.ref("base.user_admin"))
        service._load_state("live", live_date="2020-01-01")
        self.assertEqual(service.lifecycle_state, "in_use")
        self.assertEqual(str(service.live_date), "2020-01-01")
        service._load_state("retired", retired_date="2021-01-01")
        self.assertEqual(str(service.retired_date), "2021-01-01")
        self.assertEqual(service.lifecycle_state, "retired")

    def test_nobody_chooses_when_a_service_went_live_or_retired(self):
        service = self._live()
        for name in ("live_date", "retired_date"):
            with self.subTest(name), self.assertRefused("cannot be set by hand"):
                service.write({name: "2020-01-01"})
            with self.subTest(name), self.assertRefused("cannot be set by hand"):
                self._service(**{name: "2020-01-01"})
        with self.assertRefused("cannot be set by hand"):
            service.ci_id.retired_date = "2020-01-01"

    def test_services_have_classes_of_services_and_others_have_not(self):
        with self.assertRefused("is not a class of services"):
            self._service(class_id=self.server.id)
        with self.assertRefused("Create services under"):
            self.env["itsm.ci"].create({"name": "x", "class_id": self.service_class.id})
        service = self._service()
        with self.assertRefused("needs a class of services"):
            service.class_id = self.server
        ci = self.env["itsm.ci"].create({"name": "x", "class_id": self.server.id})
        with self.assertRefused("Create services under"):
            ci.class_id = self.service_class
        with self.assertRefused("is not a class of services"):
            self.Service.create({"ci_id": ci.id})
        forged = self.env["itsm.ci"].with_context(itsm_service_key=True)
        with self.assertRefused("Create services under"):
            forged.create({"name": "x", "class_id": self.service_class.id})

    def test_a_service_stays_the_item_that_it_is(self):
        service, other = self._service(), self._service()
        with self.assertRefused("stays the configuration item"):
            service.ci_id = other.ci_id

    def test_deleting_a_plan_takes_the_item_and_its_messages_along(self):
        service = self._service()
        ci = service.ci_id
        service.unlink()
        self.assertFalse(ci.exists())
        messages = self.env["mail.message"].search(
            [
                "|",
                "&",
                ("model", "=", "itsm.ci"),
                ("res_id", "=", ci.id),
                "&",
                ("model", "=", "itsm.service"),
                ("res_id", "=", service.id),
            ]
        )
        self.assertFalse(messages)

    def test_a_service_in_use_or_referred_to_stays(self):
        service = self._live()
        with self.assertRefused("more than a plan"):
            service.unlink()
        plan = self._service()
        with self.assertRefused("cannot be deleted.*“Service”"):
            plan.ci_id.unlink()
        self.env["helpdesk.ticket"].create(
            {"name": "T", "description": "x", "service_id": plan.id}
        )
        with self.assertRefused("cannot be deleted.*Ticket"):
            plan.unlink()
        self.assertTrue(plan.exists() and plan.ci_id.exists())
        plan.action_archive()
        self.assertFalse(plan.ci_id.active)
        self.assertNotIn(plan, self.Service.search([]))

    def test_changes_are_told_once_on_the_service(self):
        service = self._live()
        self.env.cr.precommit.run()
        service.write({"name": "Mail", "criticality": "1"})
        service.ci_id.write({"version": "2"})
        self.env.cr.precommit.run()
        names = service.message_ids.sudo().tracking_value_ids.field_id.mapped("name")
        for name in ("name", "criticality", "version"):
            self.assertIn(name, names)
        self.assertFalse(service.ci_id.message_ids.sudo().tracking_value_ids)

    def test_relations_are_told_on_the_service(self):
        service = self._service()
        ci = self.env["itsm.ci"].create({"name": "srv", "class_id": self.server.id})
        self.env["itsm.ci.relation"].create(
            {
                "source_id": service.ci_id.id,
                "target_id": ci.id,
                "type_id": self.env.ref("itsm_core.ci_relation_type_runs_on").id,
            }
        )
        for record in (service, ci):
            self.assertIn("E-mail runs on srv", record.message_ids[0].body)

    def test_the_form_offers_a_class_of_services(self):
        form = Form(self.Service)
        form.name = "Backup"
        service = form.save()
        self.assertTrue(service.class_id.is_service)
        self.assertEqual(service.copy().name, "Backup (copy)")

    def test_an_item_that_is_a_service_opens_as_the_service(self):
        service = self._service()
        action = service.ci_id.get_formview_action()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("itsm.service", service.id)
        )
        self.assertEqual(
            service.ci_id.action_open_service()["res_model"], "itsm.service"
        )

    def test_open_tickets_are_counted(self):
        service = self._service()
        vals = {"name": "T", "description": "x", "service_id": service.id}
        tickets = self.env["helpdesk.ticket"].create([vals, vals])
        tickets[0]._itsm_move("cancelled")
        self.assertEqual(service.ticket_count, 1)
        domain = service.action_open_tickets()["domain"]
        self.assertEqual(self.env["helpdesk.ticket"].search(domain), tickets)

    def test_a_batch_of_services_moves_at_a_constant_number_of_queries(self):
        counts = []
        for size in (1, 5, 50):
            services = self.Service.with_context(tracking_disable=True).create(
                [
                    {
                        "name": "x",
                        "class_id": self.service_class.id,
                        "owner_id": self.manager.id,
                        "team_id": self.team.id,
                    }
                ]
                * size
            )
            services._set_state("transition")
            self.env.flush_all()
            before = self.cr.sql_log_count
            services._set_state("live")
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        # A cold cache may cost a query or two, a service none.
        self.assertLessEqual(counts[2] - counts[1], 2)
