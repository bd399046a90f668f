import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatDateTime } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatTimeSpan } from "./time_span";

const { DateTime } = luxon;
const FINAL_STATES = ["closed", "cancelled"];

/** What happened to a ticket: who had it, in which state, for how long. */
export class ItsmTimelineField extends Component {
    static template = "itsm_core.TimelineField";
    static props = { ...standardFieldProps };

    getRows() {
        const now = DateTime.now();
        return this.props.record.data[this.props.name].records.map(({ data, fields }) => {
            const label = (name) =>
                fields[name].selection.find(([value]) => value === data[name])?.[1];
            const isEnd = !data.stop && FINAL_STATES.includes(data.itsm_state);
            const seconds = isEnd ? 0 : (data.stop || now).diff(data.start).as("seconds");
            return {
                state: data.itsm_state,
                stateLabel: label("itsm_state"),
                waitingFor: label("pending_reason"),
                priority: data.priority,
                priorityLabel: label("priority")?.split(" ")[0],
                // Of loaded tickets the name is known where the user is not.
                who: [data.team_id?.display_name, data.user_id?.display_name]
                    .concat(data.assignee_name)
                    .filter(Boolean)
                    .join(" · "),
                service: data.service_id ? data.service_id.display_name : "",
                start: formatDateTime(data.start, { showSeconds: false }),
                seconds: Math.max(seconds, 0),
                length: isEnd ? "" : formatTimeSpan(Math.max(seconds, 0)),
                isCurrent: !data.stop,
                isEstimated: data.is_estimated,
            };
        });
    }

    /** Time per state, in the order in which the states were first reached. */
    getTotals(rows) {
        const totals = new Map();
        for (const row of rows.filter((row) => row.seconds)) {
            const total = totals.get(row.state) || { ...row, seconds: 0 };
            total.seconds += row.seconds;
            total.length = formatTimeSpan(total.seconds);
            totals.set(row.state, total);
        }
        return [...totals.values()];
    }
}

export const itsmTimelineField = {
    component: ItsmTimelineField,
    displayName: _t("Ticket Timeline"),
    supportedTypes: ["one2many"],
    useSubView: true,
};

registry.category("fields").add("itsm_timeline", itsmTimelineField);
