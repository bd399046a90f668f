import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import {
    Many2OneField,
    buildM2OFieldDescription,
    extractM2OFieldProps,
} from "@web/views/fields/many2one/many2one_field";

/**
 * Who is calling: a contact, or what was typed where there is none. The contact is
 * not created here but when the call is logged, so that nothing stays of a call that
 * was not.
 */
export class ItsmCallerField extends Many2OneField {
    get m2oProps() {
        const props = super.m2oProps;
        return {
            ...props,
            update: (value, options) => {
                const isUnknown = value && !value.id;
                return isUnknown
                    ? this.props.record.update({
                          [this.props.name]: false,
                          unknown_caller: value.display_name,
                      })
                    : props.update(value, options);
            },
        };
    }
}

registry.category("fields").add("itsm_caller", {
    ...buildM2OFieldDescription(ItsmCallerField),
    displayName: _t("Caller"),
    extractProps: (staticInfo, dynamicInfo) => ({
        ...extractM2OFieldProps(staticInfo, dynamicInfo),
        // Whoever may log calls may write down a new caller.
        canCreate: true,
        canCreateEdit: false,
        canQuickCreate: true,
        canOpen: false,
    }),
});
