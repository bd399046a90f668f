import { Component } from "@odoo/owl";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatDateTime } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatServiceTime } from "../service_time/service_time";

/** How a ticket stands against its targets: time left, a bar, and why. */
export class ItsmSlaPanel extends Component {
    static template = "itsm_sla.SlaPanel";
    static props = { ...standardFieldProps };

    get clocks() {
        return (this.props.record.data[this.props.name] || []).map((clock) => ({
            ...clock,
            ...this.getLook(clock),
            share: Math.min(100, Math.round((100 * clock.used) / clock.limit)),
            explanation: this.getExplanation(clock),
        }));
    }

    format(value) {
        return formatDateTime(deserializeDateTime(value), { showSeconds: false });
    }

    /** What to say first, and the colour it has. */
    getLook(clock) {
        const left = formatServiceTime(Math.abs(clock.limit - clock.used));
        if (clock.state === "stopped") {
            return clock.missed
                ? { label: _t("Missed"), color: "danger" }
                : { label: _t("Met"), color: "success" };
        }
        if (clock.missed) {
            return { label: _t("%s late", left), color: "danger" };
        }
        if (clock.state === "paused") {
            return { label: _t("Paused, %s left", left), color: "secondary" };
        }
        const pressing = 100 * clock.used >= clock.warn * clock.limit;
        return {
            label: _t("%s left", left),
            color: pressing ? "warning" : "info",
        };
    }

    getExplanation(clock) {
        if (clock.state === "paused") {
            return clock.reason
                ? _t("Since %(since)s, waiting for: %(reason)s", {
                      since: this.format(clock.paused_since),
                      reason: clock.reason,
                  })
                : _t("Since %(since)s, with another team", {
                      since: this.format(clock.paused_since),
                  });
        }
        if (clock.state === "stopped") {
            return _t("On %s", this.format(clock.stop));
        }
        return clock.due ? _t("Due %s", this.format(clock.due)) : "";
    }
}

export const itsmSlaPanel = {
    component: ItsmSlaPanel,
    displayName: _t("Service Levels"),
    supportedTypes: ["json"],
};

registry.category("fields").add("itsm_sla_panel", itsmSlaPanel);
