import { Component, onWillStart, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const GROUPS = [
    ["week", _t("This Week")],
    ["now", _t("Right Now")],
    ["promise", _t("Promises to Customers")],
];

/** This week on one screen. A click on a number leads to the records behind it. */
export class ItsmDashboard extends Component {
    static template = "itsm_core.Dashboard";
    static components = { Dropdown, DropdownItem, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.state = useState({
            team: this.props.state?.team || false,
            week: null,
            failed: false,
            loading: false,
        });
        onWillStart(() => {
            // Not waited for, so that the screen says that it is loading.
            this.load();
        });
    }

    async load() {
        this.state.loading = true;
        this.state.failed = false;
        const team = this.state.team;
        try {
            const week = await this.orm.silent.call("itsm.dashboard", "get_week", [team]);
            if (team === this.state.team) {
                this.state.week = week;
            }
        } catch {
            this.state.failed = true;
        }
        this.state.loading = false;
    }

    async chooseTeam(team) {
        this.state.team = team;
        await this.load();
    }

    get teamName() {
        if (this.state.team === "mine") {
            return _t("My Teams");
        }
        const team = this.state.week?.teams.find((row) => row.id === this.state.team);
        return team ? team.name : _t("All Teams");
    }

    get groups() {
        return GROUPS.map(([key, name]) => ({
            key,
            name,
            tiles: this.state.week.tiles.filter((tile) => tile.group === key),
        })).filter((group) => group.tiles.length);
    }

    getClass(tile) {
        return tile.tone && tile.value ? `text-${tile.tone}` : "";
    }

    getChange(tile) {
        const change = tile.value - tile.previous;
        return change > 0 ? `+${change}` : String(change).replace("-", "−");
    }

    getChangeClass(tile) {
        const change = tile.value - tile.previous;
        if (!change || !tile.better) {
            return "text-muted";
        }
        return change > 0 === (tile.better === "more") ? "text-success" : "text-danger";
    }

    getDay(day) {
        return deserializeDate(day.name).toFormat("ccc");
    }

    getHeight(value) {
        const numbers = this.state.week.days.flatMap((day) =>
            day.bars.map((bar) => bar.value)
        );
        return Math.round((100 * value) / Math.max(1, ...numbers));
    }

    open(name, model, domain) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model,
            domain,
            views: [
                [this.state.week.views[model] || false, "list"],
                [false, "form"],
            ],
            target: "current",
        });
    }

    openTile(tile) {
        return this.open(tile.name, tile.model, tile.domain);
    }

    openBefore(tile) {
        return this.open(`${tile.name} (${tile.before_name})`, tile.model, tile.before);
    }

    openBar(day, index) {
        const name = index ? _t("Resolved") : _t("Opened");
        const date = deserializeDate(day.name).toLocaleString();
        return this.open(`${name} ${date}`, "helpdesk.ticket", day.bars[index].domain);
    }
}

registry.category("actions").add("itsm_core.dashboard", ItsmDashboard);
