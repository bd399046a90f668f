import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllValues } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class CiClass extends models.Model {
    _name = "itsm.ci.class";
    name = fields.Char();
    definition = fields.PropertiesDefinition();
    _records = [
        {
            id: 1,
            name: "Server",
            definition: [
                { name: "cores", string: "Cores", type: "integer" },
                { name: "size", string: "Size", type: "float" },
                { name: "ports", string: "Ports", type: "integer" },
            ],
        },
    ];
}

class Item extends models.Model {
    _name = "itsm.ci";
    class_id = fields.Many2one({ relation: "itsm.ci.class" });
    properties = fields.Properties({
        definition_record: "class_id",
        definition_record_field: "definition",
    });
    _records = [
        { id: 1, class_id: 1, properties: { cores: 8, size: false, ports: 0 } },
    ];
}
defineMailModels();
defineModels([CiClass, Item]);

test("a number that nobody recorded is empty, and 0 is a number", async () => {
    onRpc("itsm.ci", "web_save", ({ args }) => {
        expect.step(args[1].properties.map((property) => property.value));
    });
    await mountView({
        type: "form",
        resModel: "itsm.ci",
        resId: 1,
        arch: `<form><field name="class_id"/>
            <field name="properties" widget="itsm_ci_properties"/></form>`,
    });
    const inputs = ".o_field_property_input";
    expect(queryAllValues(inputs)).toEqual(["8", "", "0"]);

    await contains(`${inputs}:eq(0)`).edit("");
    await contains(`${inputs}:eq(1)`).edit("0");
    expect(queryAllValues(inputs)).toEqual(["", "0.00", "0"]);
    await contains(".o_form_button_save").click();
    expect.verifySteps([[false, 0, 0]]);
});
