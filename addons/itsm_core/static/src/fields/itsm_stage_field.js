import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import {
    StatusBarField,
    statusBarField,
} from "@web/views/fields/statusbar/statusbar_field";

/**
 * The stages of a ticket. A stage that asks for something (what it waits for, how
 * it was resolved) opens the dialogue for it. How long the ticket was where is told
 * by its timeline, from recorded facts; what mail tracking tells starts anew where
 * a ticket is loaded from another system.
 */
export class ItsmStageField extends StatusBarField {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
    }

    async selectItem(item) {
        const { record } = this.props;
        if (record.isNew) {
            return super.selectItem(item);
        }
        if (!(await record.save())) {
            return;
        }
        const dialogue = await this.orm.call(record.resModel, "action_move_to_stage", [
            [record.resId],
            item.value,
        ]);
        if (dialogue) {
            await this.action.doAction(dialogue, { onClose: () => record.load() });
        } else {
            await record.load();
        }
    }
}

export const itsmStageField = {
    ...statusBarField,
    component: ItsmStageField,
    displayName: _t("Ticket Stage"),
    additionalClasses: ["o_field_statusbar"],
};

registry.category("fields").add("itsm_stage", itsmStageField);
