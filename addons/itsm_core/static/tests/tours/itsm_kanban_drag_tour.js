import { registry } from "@web/core/registry";

const CARD = ".o_kanban_record:contains(Scanner is dead)";
const RESOLVED = ".o_kanban_group:has(.o_column_title:contains('Resolved'))";

/** A card dragged to a stage that asks for something gets there by answering. */
registry.category("web_tour.tours").add("itsm_kanban_drag", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:contains(Scanner is dead)",
        },
        {
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            trigger: `.o_kanban_group:has(.o_column_title:contains(New)) ${CARD}`,
            run: `drag_and_drop (${RESOLVED})`,
        },
        {
            content: "It asks how it was resolved",
            trigger: ".modal [name=resolution_code_id] input",
            run: "edit Solved",
        },
        {
            trigger: ".modal [name=resolution_code_id] .dropdown-item:contains(Solved)",
            run: "click",
        },
        {
            trigger: ".modal [name=resolution] textarea",
            run: "edit Cable replaced.",
        },
        {
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "It is finished, which this list does not show",
            trigger: `body:not(:has(.modal)) .o_kanban_renderer:not(:has(${CARD}))`,
        },
    ],
});
