import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The priority as a badge, P1 to P4. Never to be clicked: it follows from impact
 * and urgency, and another one is set in a dialogue that asks for the reason.
 */
export class ItsmPriorityField extends Component {
    static template = "itsm_core.PriorityField";
    static props = {
        ...standardFieldProps,
        short: { type: Boolean, optional: true },
    };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get fullLabel() {
        const { selection } = this.props.record.fields[this.props.name];
        return selection.find(([value]) => value === this.value)?.[1] || "";
    }

    get label() {
        return this.props.short ? this.fullLabel.split(" ")[0] : this.fullLabel;
    }
}

export const itsmPriorityField = {
    component: ItsmPriorityField,
    displayName: _t("Priority Badge"),
    supportedTypes: ["selection"],
    supportedOptions: [{ label: _t("Short"), name: "short", type: "boolean" }],
    extractProps: ({ options }) => ({ short: Boolean(options.short) }),
};

registry.category("fields").add("itsm_priority", itsmPriorityField);
