import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ItsmDueField } from "../fields/itsm_due_field";
import { ItsmPriorityField } from "../fields/itsm_priority_field";

/** The caller's unfinished tickets: press one to add the call to it. */
export class ItsmOpenTicketsField extends Component {
    static template = "itsm_core.OpenTicketsField";
    static components = { ItsmDueField, ItsmPriorityField };
    static props = { ...standardFieldProps };

    get tickets() {
        return this.props.record.data[this.props.name].records;
    }

    get chosenId() {
        return this.props.record.data.ticket_id?.id;
    }

    getLabel(ticket, name) {
        const { selection } = ticket.fields[name];
        return selection.find(([value]) => value === ticket.data[name])?.[1];
    }

    toggle(ticket) {
        const isChosen = ticket.resId === this.chosenId;
        return this.props.record.update({
            ticket_id: isChosen
                ? false
                : { id: ticket.resId, display_name: ticket.data.number },
        });
    }
}

registry.category("fields").add("itsm_open_tickets", {
    component: ItsmOpenTicketsField,
    displayName: _t("Unfinished Tickets"),
    supportedTypes: ["many2many"],
    useSubView: true,
});
