import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

/** The phone beside the agent's name: logs a call from wherever the agent is. */
export class ItsmCallSystray extends Component {
    static template = "itsm_core.CallSystray";
    static props = {};

    setup() {
        this.action = useService("action");
        this.state = useState({ isAgent: false });
        onWillStart(async () => {
            this.state.isAgent = await user.hasGroup("itsm_core.group_user");
        });
    }

    logCall() {
        return this.action.doAction("itsm_core.itsm_call_wizard_action", {
            onClose: () => this.reloadTickets(),
        });
    }

    /** Show the new ticket where a list of tickets is open. */
    async reloadTickets() {
        const props = this.action.currentController?.props;
        if (props?.resModel === "helpdesk.ticket" && props.type !== "form") {
            await this.action.doAction("soft_reload");
        }
    }
}

registry
    .category("systray")
    .add("itsm_core.call", { Component: ItsmCallSystray }, { sequence: 110 });
