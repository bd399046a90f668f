from psycopg2 import IntegrityError

from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from .refusal_case import RefusalCase


@tagged("post_install", "-at_install")
class TestCiClass(RefusalCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "cls_manager", "itsm_core.group_manager")
        cls.Class = cls.env["itsm.ci.class"]
        cls.Ci = cls.env["itsm.ci"]
        cls.root = cls.Class.create(
            {"name": "Machine", "attribute_ids": [(0, 0, {"name": "Asset Tag"})]}
        )
        cls.robot = cls.Class.create(
            {
                "name": "Robot",
                "parent_id": cls.root.id,
                "attribute_ids": [
                    (0, 0, {"name": "Axes", "attribute_type": "integer"}),
                    (
                        0,
                        0,
                        {
                            "name": "Colour",
                            "attribute_type": "selection",
                            "options": "Dark red\nBlue\n",
                        },
                    ),
                ],
            }
        )

    def _names(self, ci_class):
        return [definition["name"] for definition in ci_class.ci_properties]

    def _attribute(self, ci_class, name, **vals):
        return self.env["itsm.ci.attribute"].create(
            {"class_id": ci_class.id, "name": name, **vals}
        )

    def _robot(self, **properties):
        return self.Ci.create(
            {"name": "R", "class_id": self.robot.id, "properties": properties}
        )

    def test_attributes_come_down_the_tree(self):
        self.assertEqual(self._names(self.root), ["asset_tag"])
        self.assertEqual(self._names(self.robot), ["asset_tag", "axes", "colour"])
        self.assertEqual(self.robot.inherited_attribute_ids, self.root.attribute_ids)
        arm = self.Class.create({"name": "Arm", "parent_id": self.robot.id})
        self._attribute(self.root, "Length", suffix="m", attribute_type="float")
        self.assertEqual(self._names(arm), ["asset_tag", "length", "axes", "colour"])
        definition = arm.ci_properties[1]
        self.assertEqual((definition["type"], definition["suffix"]), ("float", "m"))
        arm.parent_id = self.root
        self.assertEqual(self._names(arm), ["asset_tag", "length"])
        self.root.attribute_ids.filtered(lambda a: a.name == "Length").unlink()
        self.assertEqual(self._names(arm), ["asset_tag"])

    def test_items_hold_inherited_and_own_attributes(self):
        ci = self._robot(asset_tag="A1", axes=6, colour="dark_red")
        self.assertEqual(ci.properties["axes"], 6)
        self.assertEqual(ci.properties["asset_tag"], "A1")
        found = self.Ci.search([("properties.colour", "=", "dark_red")])
        self.assertEqual(found, ci)

    def test_the_form_shows_the_attributes_of_a_class_once_it_is_chosen(self):
        spec = {"class_id": {}, "properties": {"fields": {}}}

        def choose(ci_class, attributes, item=self.Ci):
            values = {"class_id": ci_class.id, "properties": attributes}
            answer = item.onchange(values, ["class_id"], spec)
            return answer["value"]["properties"]

        shown = choose(self.robot, [])
        names = [attribute["name"] for attribute in shown]
        self.assertEqual(names, self._names(self.robot))
        shown[names.index("asset_tag")]["value"] = "T1"
        for item in (self.Ci, self._robot(axes=3)):
            kept = choose(self.root, shown, item)
            self.assertEqual(
                [(each["name"], each["value"]) for each in kept], [("asset_tag", "T1")]
            )
        self.assertFalse(choose(self.Class, shown))
        # Attributes that were not touched are not sent by the form.
        saved = self._robot(asset_tag="T2")
        answer = saved.onchange({"class_id": self.root.id}, ["class_id"], spec)
        self.assertEqual(answer["value"]["properties"][0]["value"], "T2")

    def test_every_class_and_attribute_shipped_is_usable(self):
        classes = self.Class.search([("is_service", "=", False)])
        cis = self.Ci.create(
            [{"name": c.complete_name, "class_id": c.id} for c in classes]
        )
        self.assertGreater(len(cis), 13)
        values = cis.read(["properties"])
        server = self.env.ref("itsm_core.ci_class_server")
        [by_class] = [
            v for v, ci in zip(values, cis, strict=True) if ci.class_id == server
        ]
        self.assertIn("hostname", [p["name"] for p in by_class["properties"]])
        self.assertIn("memory_gb", [p["name"] for p in by_class["properties"]])

    def test_definitions_cannot_be_edited_from_an_item(self):
        ci = self._robot(axes=6)
        values = ci.read(["properties"])[0]["properties"]
        new = {"string": "New", "type": "char", "definition_changed": True}
        for change in (
            [{**values[0], "string": "Hacked", "definition_changed": True}],
            [{**values[0], "definition_deleted": True}, *values[1:]],
            [*values, new],
        ):
            with self.assertRefused("Attributes are defined on classes"):
                ci.write({"properties": change})
            with self.assertRefused("Attributes are defined on classes"):
                ci.create(
                    {"name": "R", "class_id": self.robot.id, "properties": change}
                )
        with self.assertRefused("Attributes are defined on classes"):
            self.robot.ci_properties = []
        self.assertEqual(self.root.ci_properties[0]["string"], "Asset Tag")

    def test_values_as_the_form_sends_them_are_taken(self):
        ci = self._robot(axes=6)
        values = ci.read(["properties"])[0]["properties"]
        values[1]["value"] = 4
        ci.write({"properties": values})
        self.assertEqual(ci.properties["axes"], 4)

    def test_keys_are_unique_from_the_root_to_the_leaf(self):
        with self.assertRefused("both define the attribute “axes”"):
            self._attribute(self.root, "Axes")
        with self.assertRefused("both define"):
            self._attribute(self.robot, "asset-tag")
        with self.assertRefused("both define"):
            self._attribute(self.robot, "Axes")
        other = self.Class.create({"name": "Lathe", "parent_id": self.root.id})
        self._attribute(other, "Axes")
        with self.assertRefused("both define"):
            other.parent_id = self.robot

    def test_a_key_is_derived_once_and_stays(self):
        attribute = self._attribute(self.root, "Größe & Gewicht (kg)")
        self.assertEqual(attribute.key, "groe_gewicht_kg")
        attribute.name = "Weight"
        self.assertEqual(attribute.key, "groe_gewicht_kg")
        with self.assertRefused("stored under the technical name"):
            attribute.key = "weight"
        with self.assertRefused("technical name of “电脑”"):
            self._attribute(self.root, "电脑")
        self.assertTrue(self._attribute(self.root, "电脑", key="computer"))

    def test_choices_and_targets_have_to_be_said(self):
        for options in (False, " \n", "Red\nred", "???"):
            with self.assertRefused("needs choices"):
                self._attribute(
                    self.root, "Pick", attribute_type="selection", options=options
                )
        with self.assertRefused("which records"):
            self._attribute(self.root, "Link", attribute_type="many2one")

    def test_what_items_hold_is_not_lost_by_a_change_of_the_definition(self):
        ci = self._robot(axes=6, colour="blue", asset_tag="A1")
        axes, colour = self.robot.attribute_ids
        with self.assertRefused("1 items hold a value of “Axes”"):
            axes.attribute_type = "char"
        with self.assertRefused("hold a value of “Axes”"):
            axes.unlink()
        with self.assertRefused("hold a value of “Asset Tag”"):
            self.root.attribute_ids.with_user(self.manager).with_context(
                _force_unlink=True
            ).unlink()
        with self.assertRefused("hold a value of “Colour”"):
            colour.options = "Dark red"
        colour.options = "Blue\nGreen"
        axes.name = "Joints"
        ci.properties = {"asset_tag": "A1"}
        axes.unlink()
        self.assertEqual(self._names(self.robot), ["asset_tag", "colour"])

    def test_a_class_is_not_below_itself(self):
        with self.assertRefused("below itself"):
            self.root.parent_id = self.robot

    def test_services_and_things_do_not_share_a_branch(self):
        with self.assertRefused("cannot be mixed"):
            self.robot.is_service = True
        self._robot()
        with self.assertRefused("has items already"):
            self.robot.is_service = True

    def test_classes_with_items_or_subclasses_stay(self):
        self._robot()
        for ci_class in (self.robot, self.root):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                ci_class.unlink()

    def test_the_class_counts_the_items_of_its_branch(self):
        self._robot()
        self._robot()
        self.Ci.create({"name": "M", "class_id": self.root.id})
        self.assertEqual((self.root | self.robot).mapped("ci_count"), [3, 2])
        domain = self.root.action_open_cis()["domain"]
        self.assertEqual(self.Ci.search_count(domain), 3)

    def test_a_manager_defines_a_class_on_its_form(self):
        form = Form(self.Class.with_user(self.manager))
        form.name = "Drone"
        form.parent_id = self.root
        with form.attribute_ids.new() as line:
            line.name = "Range"
            line.attribute_type = "integer"
            line.suffix = "km"
        drone = form.save()
        self.assertEqual(self._names(drone), ["asset_tag", "range"])

    def test_a_definition_above_many_items_does_not_touch_them(self):
        self.Ci.create([{"name": "R", "class_id": self.robot.id}] * 30)
        self.env.flush_all()
        self._attribute(self.root, "First")
        self.env.flush_all()
        before = self.cr.sql_log_count
        self._attribute(self.root, "Second")
        self.env.flush_all()
        self.assertLess(self.cr.sql_log_count - before, 20)
