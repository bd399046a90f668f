import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Records that may be meant: a click adds one to another field of the form. */
export class ItsmOfferedItemsField extends Component {
    static template = "itsm_core.OfferedItemsField";
    static props = { ...standardFieldProps, target: String };

    get items() {
        return this.props.record.data[this.props.name].records;
    }

    add(item) {
        const list = this.props.record.data[this.props.target];
        return list.addAndRemove({ add: [item.resId] });
    }
}

registry.category("fields").add("itsm_offered_items", {
    component: ItsmOfferedItemsField,
    displayName: _t("Offered Items"),
    supportedTypes: ["many2many"],
    relatedFields: [{ name: "display_name", type: "char" }],
    extractProps: ({ options }) => ({ target: options.target }),
});
