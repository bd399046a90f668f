import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { recordOf } from "../record_action/record_action";
import { ImpactExcludeDialog } from "./impact_exclude_dialog";
import { ImpactList } from "./impact_list";
import { ImpactPicture } from "./impact_picture";

const DEPTHS = [1, 2, 3, 4, 5, 6, 8, 10];
/** How it can be looked at, and first what is chosen unless somebody says otherwise. */
const CHOICES = {
    direction: ["affected", "depends"],
    depth: [4, ...DEPTHS],
    tab: ["list", "picture"],
};

/** Return how to look at the impact, where what is asked for makes sense. */
function chooseLook(asked) {
    const look = {};
    for (const [name, choices] of Object.entries(CHOICES)) {
        look[name] = choices.includes(asked[name]) ? asked[name] : choices[0];
    }
    return look;
}

/** What a record affects and what it depends on, as a list and as a picture. */
export class ImpactAction extends Component {
    static template = "itsm_core.ImpactAction";
    static components = { ImpactList, ImpactPicture, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.display = { controlPanel: {} };
        this.depths = DEPTHS;
        this.source = recordOf(this.props);
        const asked = { ...this.props.action.params, ...this.props.state?.impact };
        this.state = useState({ ...chooseLook(asked), answer: null });
        useSetupAction({ getLocalState: () => ({ impact: chooseLook(this.state) }) });
        onWillStart(() => this.load());
    }

    async load() {
        if (!this.source.id) {
            return;
        }
        const { direction, depth } = this.state;
        const answer = await this.orm.call(
            this.source.model,
            "get_impact",
            [[this.source.id]],
            { direction, depth }
        );
        this.state.answer = answer;
        this.env.config.setDisplayName(_t("Impact of %s", answer.name));
    }

    get answer() {
        return this.state.answer;
    }

    get isAffected() {
        return this.state.direction === "affected";
    }

    /** One sentence: how much there is, and how much of it is shown. */
    get summary() {
        const { total, services } = this.answer;
        const number = total.toLocaleString();
        if (!total) {
            return "";
        }
        const count = Object.values(services).reduce((sum, each) => sum + each, 0);
        const values = {
            number,
            services: count.toLocaleString(),
            critical: (services[1] || 0).toLocaleString(),
        };
        return this.isAffected
            ? _t(
                  "Affected: %(number)s, of which services: %(services)s, critical ones: %(critical)s.",
                  values
              )
            : _t(
                  "Depends on: %(number)s, of which services: %(services)s, critical ones: %(critical)s.",
                  values
              );
    }

    get restSentence() {
        const { total, shown, hidden, depth, levels } = this.answer;
        const values = {
            shown: shown.toLocaleString(),
            depth,
            levels,
            hidden: hidden.toLocaleString(),
        };
        const sentences = [];
        if (total > shown + hidden) {
            sentences.push(
                _t("Listed: %(shown)s, to level %(depth)s of %(levels)s.", values)
            );
        }
        if (hidden) {
            sentences.push(
                _t("Not listed, as they belong to other companies: %(hidden)s.", values)
            );
        }
        return sentences.join(" ");
    }

    /** What holds, in two groups: as long as nothing else fails, and longer. */
    get weakened() {
        const { weakened } = this.answer;
        return [
            {
                key: "last",
                label: _t("Still up, but the next failure takes it down:"),
                items: weakened.filter((item) => !item.left),
            },
            {
                key: "less",
                label: _t("Still up, with less to spare:"),
                items: weakened.filter((item) => item.left),
            },
        ].filter(({ items }) => items.length);
    }

    /** Why there is nothing to see. */
    get emptySentence() {
        const { items, exclusions } = this.answer;
        if (!items.length) {
            return _t(
                "Nothing to start from: name the service or the configuration items first."
            );
        }
        if (items.every((item) => item.lifecycle === "retired")) {
            return _t("What is retired affects nothing and depends on nothing.");
        }
        if (exclusions.some((row) => row.reached)) {
            return _t("All that would be reached is excluded.");
        }
        return this.isAffected
            ? _t(
                  "Nothing else is affected: nothing depends on it, or what does has enough others left."
              )
            : _t("It depends on nothing, as far as relations are recorded.");
    }

    restoreLabel(row) {
        return _t("Restore %s", row.name);
    }

    /** Look at it in another way; the address says so, for who comes back to it. */
    look(change) {
        Object.assign(this.state, change);
        this.props.updateActionState(chooseLook(this.state));
    }

    async setDirection(direction) {
        this.look({ direction });
        await this.load();
    }

    async onDepthChange(ev) {
        this.look({ depth: Number(ev.target.value) });
        await this.load();
    }

    openItem(item) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: item.service ? "itsm.service" : "itsm.ci",
            res_id: item.service || item.id,
            views: [[false, "form"]],
        });
    }

    exclude(item) {
        this.dialog.add(ImpactExcludeDialog, {
            name: item.name,
            confirm: (reason) => this.change("exclude_from_impact", [item.id, reason]),
        });
    }

    restore(ciId) {
        return this.change("restore_to_impact", [ciId]);
    }

    async change(method, args) {
        const { model, id } = this.source;
        await this.orm.call(model, method, [[id], this.state.direction, ...args]);
        await this.load();
    }
}

registry.category("actions").add("itsm_impact", ImpactAction);
