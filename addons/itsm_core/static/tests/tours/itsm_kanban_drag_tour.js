import { registry } from "@web/core/registry";

const inColumn = (stage) =>
    `.o_kanban_group:has(.o_column_title:contains(${stage})) .o_kanban_record:contains(Scanner is dead)`;

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
            trigger: inColumn("New"),
            run: "drag_and_drop .o_kanban_group:has(.o_column_title:contains(Resolved))",
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
            trigger: `body:not(:has(.modal)) ${inColumn("Resolved")}`,
        },
    ],
});
