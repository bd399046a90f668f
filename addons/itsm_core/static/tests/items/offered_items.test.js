import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Item extends models.Model {
    _name = "item";
    name = fields.Char();
    _records = [
        { id: 1, name: "Laptop 7" },
        { id: 2, name: "Phone 9" },
    ];
}

class Ticket extends models.Model {
    _name = "helpdesk.ticket";
    offered_ids = fields.Many2many({ relation: "item", readonly: true });
    item_ids = fields.Many2many({
        relation: "item",
        onChange: (ticket) => {
            ticket.offered_ids = ticket.item_ids.length ? [[3, 2]] : [];
        },
    });
    _records = [{ id: 7, offered_ids: [1, 2], item_ids: [] }];
}
defineMailModels();
defineModels([Item, Ticket]);

test("a click on what is offered puts it on the ticket, and offers it no more", async () => {
    onRpc("helpdesk.ticket", "web_save", ({ args }) => {
        expect.step(args[1].item_ids);
    });
    await mountView({
        type: "form",
        resModel: "helpdesk.ticket",
        resId: 7,
        arch: `<form>
            <field name="item_ids" widget="many2many_tags"/>
            <field name="offered_ids" widget="itsm_offered_items"
                   options="{'target': 'item_ids'}"/>
        </form>`,
    });
    expect(queryAllTexts(".o_itsm_offered_items button")).toEqual(["Laptop 7", "Phone 9"]);
    await contains(".o_itsm_offered_items button:contains(Phone)").click();
    expect(queryAllTexts(".o_field_widget[name=item_ids] .o_tag")).toEqual(["Phone 9"]);
    expect(queryAllTexts(".o_itsm_offered_items button")).toEqual(["Laptop 7"]);
    await contains(".o_form_button_save").click();
    expect.verifySteps([[[4, 2]]]);
});
