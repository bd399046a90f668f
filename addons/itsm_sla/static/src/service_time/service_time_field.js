import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { IntegerField, integerField } from "@web/views/fields/integer/integer_field";
import { formatServiceTime } from "./service_time";

/** Seconds of service time, in hours and minutes; what is below zero is late. */
export class ServiceTimeField extends IntegerField {
    get formattedValue() {
        const text = formatServiceTime(Math.abs(this.value));
        return this.value < 0 ? _t("%s late", text) : text;
    }
}

export const serviceTimeField = {
    ...integerField,
    component: ServiceTimeField,
    displayName: _t("Service Time"),
};

registry.category("fields").add("itsm_service_time", serviceTimeField);
