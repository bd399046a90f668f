import { Component, onWillStart, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { user } from "@web/core/user";
import { Layout } from "@web/search/layout";
import { formatDateTime } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "itsm.priority.rule";

/** Impact by urgency on one screen: each cell a priority to choose. */
export class ItsmPriorityMatrix extends Component {
    static template = "itsm_core.PriorityMatrix";
    static components = { Dropdown, DropdownItem, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.state = useState({ own: false, screen: null });
        this.display = { controlPanel: {} };
        onWillStart(async () => {
            this.isMultiCompany = await user.hasGroup("base.group_multi_company");
            await this.load();
        });
    }

    async load() {
        this.state.screen = await this.orm.call(MODEL, "get_matrix_screen", [
            this.state.own,
        ]);
    }

    async showOwn(own) {
        this.state.own = own;
        await this.load();
    }

    getCell(impact, urgency) {
        return this.state.screen.cells[`${impact}-${urgency}`] || {};
    }

    getLabel(priority) {
        return this.state.screen.priorities.find(([value]) => value === priority)?.[1];
    }

    getCellTitle(impact, urgency) {
        return _t("Impact %(impact)s, urgency %(urgency)s: choose the priority", {
            impact: impact[1],
            urgency: urgency[1],
        });
    }

    async choose(impact, urgency, priority) {
        await this.orm.call(MODEL, "set_matrix_cell", [
            impact,
            urgency,
            priority,
            this.state.own,
        ]);
        await this.load();
        this.notification.add(
            _t("Saved. New tickets follow, and others when their impact or urgency changes."),
            { type: "success" }
        );
    }

    get allCompanies() {
        return _t("All");
    }

    formatDate(value) {
        return formatDateTime(deserializeDateTime(value), {});
    }
}

registry.category("actions").add("itsm_core.priority_matrix", ItsmPriorityMatrix);
