import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** States in which the server has something to do. */
const UNFINISHED = ["ready", "checking", "running", "stopped"];

/**
 * Drives an import: asks the server for the next batches until all are stored, and
 * shows how far it is. Leaving the page only pauses it, for what the server has
 * answered is stored.
 *
 *     <widget name="itsm_import_progress" done="tickets_done" total="tickets_total"
 *         unit="tickets"/>
 *
 * It starts by itself when the import was just created by a dialogue, or when its
 * state turns to one of those in `starts`, such as by a button.
 */
export class ImportProgress extends Component {
    static template = "itsm_core.ImportProgress";
    static props = {
        ...standardWidgetProps,
        done: String,
        total: String,
        unit: { type: String, optional: true },
        starts: { type: Array, element: String, optional: true },
        waits: { type: Array, element: String, optional: true },
    };
    static defaultProps = { unit: "items", starts: [], waits: [] };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ running: false, done: null, total: null });
        this.wanted = false;
        this.working = null;
        this.seen = null;
        useEffect(
            (resId, state) => {
                const { context } = this.props.record;
                const pressed = this.seen?.resId === resId && this.seen.state !== state;
                const opened = !this.seen && context.itsm_import_start;
                this.seen = { resId, state };
                if (
                    !this.state.running &&
                    ((pressed && this.props.starts.includes(state)) ||
                        (opened && state === "ready"))
                ) {
                    this.run();
                }
            },
            () => [this.props.record.resId, this.props.record.data.state]
        );
        onWillUnmount(() => {
            this.wanted = false;
        });
    }

    get done() {
        return this.state.done ?? this.props.record.data[this.props.done];
    }

    get total() {
        return this.state.total ?? this.props.record.data[this.props.total];
    }

    get percent() {
        return this.total ? Math.floor((100 * this.done) / this.total) : 0;
    }

    get shown() {
        const { state } = this.props.record.data;
        return (
            this.state.running ||
            (UNFINISHED.includes(state) && !this.props.waits.includes(state))
        );
    }

    get label() {
        const values = {
            done: this.done.toLocaleString(),
            total: this.total.toLocaleString(),
        };
        return this.props.unit === "tickets"
            ? _t("%(done)s of %(total)s tickets", values)
            : _t("%(done)s of %(total)s items and relations", values);
    }

    get startLabel() {
        return this.done ? _t("Continue") : _t("Start");
    }

    run() {
        this.working = this.work();
        return this.working;
    }

    async work() {
        const { resId, resModel } = this.props.record;
        this.wanted = true;
        this.state.running = true;
        try {
            let answer = null;
            while (
                this.wanted &&
                (!answer || ["checking", "running"].includes(answer.state))
            ) {
                answer = await this.orm.call(resModel, "load_next", [[resId]]);
                this.state.done = answer.done;
                this.state.total = answer.total;
            }
        } finally {
            this.state.running = false;
            if (this.wanted) {
                this.wanted = false;
                await this.reload();
            }
        }
    }

    async stop() {
        this.wanted = false;
        // The batch under way holds the record: it is stored before we stop.
        await this.working;
        const { resId, resModel } = this.props.record;
        await this.orm.call(resModel, "action_stop", [[resId]]);
        await this.reload();
    }

    async reload() {
        await this.props.record.load();
        this.state.done = null;
        this.state.total = null;
    }
}

registry.category("view_widgets").add("itsm_import_progress", {
    component: ImportProgress,
    extractProps: ({ attrs, options }) => ({
        done: attrs.done,
        total: attrs.total,
        unit: attrs.unit,
        starts: options.starts,
        waits: options.waits,
    }),
    fieldDependencies: ({ attrs }) => [
        { name: "state", type: "selection" },
        { name: attrs.done, type: "integer" },
        { name: attrs.total, type: "integer" },
    ],
});
