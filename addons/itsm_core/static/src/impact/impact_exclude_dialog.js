import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus } from "@web/core/utils/hooks";

/** Asks why a branch is left out. */
export class ImpactExcludeDialog extends Component {
    static template = "itsm_core.ImpactExcludeDialog";
    static components = { Dialog };
    static props = { name: String, confirm: Function, close: Function };

    setup() {
        this.state = useState({ reason: "" });
        useAutofocus({ refName: "reason" });
    }

    async confirm() {
        if (this.state.reason.trim()) {
            await this.props.confirm(this.state.reason);
            this.props.close();
        }
    }
}
