import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

/** Tickets dropped on a stage that asks for something open the dialogue for it. */
export class ItsmTicketKanbanRenderer extends KanbanRenderer {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.actionService = useService("action");
    }

    async sortRecordDrop(dataRecordId, dataGroupId, params) {
        const { list } = this.props;
        const target = list.isGrouped && this.getTargetGroup(params.parent);
        if (
            !target ||
            target.id === dataGroupId ||
            list.groupByField.name !== "stage_id"
        ) {
            return super.sortRecordDrop(dataRecordId, dataGroupId, params);
        }
        params.parent.classList.remove("o_kanban_hover");
        const ticket = list.groups
            .find((group) => group.id === dataGroupId)
            .list.records.find((record) => record.id === dataRecordId);
        this.toggleProcessing(dataRecordId, true);
        try {
            const dialogue = await this.orm.call(
                ticket.resModel,
                "action_move_to_stage",
                [[ticket.resId], target.value]
            );
            if (dialogue) {
                await this.actionService.doAction(dialogue, {
                    onClose: () => list.model.load(),
                });
            } else {
                await list.model.load();
            }
        } finally {
            this.toggleProcessing(dataRecordId, false);
        }
    }

    getTargetGroup(element) {
        return this.props.list.groups.find((group) => group.id === element?.dataset.id);
    }
}

registry.category("views").add("itsm_ticket_kanban", {
    ...kanbanView,
    Renderer: ItsmTicketKanbanRenderer,
});
