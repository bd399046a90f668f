import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * Drives an import: asks the server for the next tickets until all are stored, and
 * shows how far it is. Leaving the page only pauses it, for what the server has
 * answered is stored.
 */
export class ImportProgress extends Component {
    static template = "itsm_core.ImportProgress";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ running: false, done: null, total: null });
        this.wanted = false;
        this.working = null;
        onMounted(() => {
            const { context, data } = this.props.record;
            if (context.itsm_import_start && data.state === "ready") {
                this.run();
            }
        });
        onWillUnmount(() => {
            this.wanted = false;
        });
    }

    get done() {
        return this.state.done ?? this.props.record.data.tickets_done;
    }

    get total() {
        return this.state.total ?? this.props.record.data.tickets_total;
    }

    get percent() {
        return this.total ? Math.floor((100 * this.done) / this.total) : 0;
    }

    get label() {
        return _t("%(done)s of %(total)s tickets", {
            done: this.done.toLocaleString(),
            total: this.total.toLocaleString(),
        });
    }

    get startLabel() {
        return this.done ? _t("Continue") : _t("Start");
    }

    run() {
        this.working = this.work();
        return this.working;
    }

    async work() {
        const { resId } = this.props.record;
        this.wanted = true;
        this.state.running = true;
        try {
            let answer = { state: "running" };
            while (this.wanted && answer.state !== "done") {
                answer = await this.orm.call("itsm.import", "load_next", [[resId]]);
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
        await this.orm.call("itsm.import", "action_stop", [[this.props.record.resId]]);
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
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "tickets_done", type: "integer" },
        { name: "tickets_total", type: "integer" },
    ],
});
