import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatDateTime } from "@web/views/fields/formatters";
import {
    RemainingDaysField,
    remainingDaysField,
} from "@web/views/fields/remaining_days/remaining_days_field";
import { formatTimeSpan } from "./time_span";

const { DateTime } = luxon;

/** How much time is left for a promise, to the minute: red when it is broken. */
export class ItsmDueField extends RemainingDaysField {
    static template = "itsm_core.DueField";

    get due() {
        return this.props.record.data[this.props.name];
    }

    get isDone() {
        return ["resolved", "closed", "cancelled"].includes(
            this.props.record.data.itsm_state
        );
    }

    get secondsLeft() {
        return this.due.diff(DateTime.now()).as("seconds");
    }

    get diffString() {
        if (!this.due) {
            return "";
        }
        if (this.isDone) {
            return formatDateTime(this.due, { showSeconds: false });
        }
        const span = formatTimeSpan(Math.abs(this.secondsLeft));
        return this.secondsLeft < 0 ? _t("%s late", span) : _t("in %s", span);
    }

    get numericValue() {
        return this.due ? formatDateTime(this.due, { showSeconds: false }) : "";
    }

    get classNames() {
        if (!this.due || this.isDone) {
            return "text-muted";
        }
        if (this.secondsLeft < 0) {
            return "fw-bold text-danger";
        }
        const isToday = this.due.hasSame(DateTime.now(), "day");
        return isToday ? "fw-bold text-warning" : "";
    }
}

export const itsmDueField = {
    ...remainingDaysField,
    component: ItsmDueField,
    displayName: _t("Time Left"),
    supportedTypes: ["datetime"],
    fieldDependencies: [{ name: "itsm_state", type: "selection" }],
};

registry.category("fields").add("itsm_due", itsmDueField);
