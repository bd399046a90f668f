import { registry } from "@web/core/registry";

const CODE = ".o_itsm_audit_code:focus";

/** A scanner types wherever the cursor is, and ends with Enter or Tab. */
registry.category("web_tour.tours").add("itsm_audit_scan", {
    steps: () => [
        {
            trigger: "button:contains(Scan)",
            run: "click",
        },
        {
            content: "The cursor waits for the first scan",
            trigger: CODE,
            run: "edit SN-1",
        },
        {
            trigger: CODE,
            run: "press Enter",
        },
        {
            trigger: ".o_itsm_audit_last:contains(lap-1 is expected)",
        },
        {
            content: "It waits for the next one, and a double scan counts once",
            trigger: CODE,
            run: "edit TAG-1",
        },
        {
            trigger: CODE,
            run: "press Enter",
        },
        {
            trigger: ".o_itsm_audit_last:contains(counts once)",
        },
        {
            trigger: ".o_itsm_audit_progress:contains(1 of 3 found, 0 surplus)",
        },
        {
            content: "Where the person stands",
            trigger: ".o_itsm_audit_location",
            run: "edit Depot, gate 8",
        },
        {
            trigger: ".o_itsm_audit_location",
            run: "press Enter",
        },
        {
            content: "A scanner that ends with Tab does not leave the input",
            trigger: CODE,
            run: "edit SN-2",
        },
        {
            trigger: CODE,
            run: "press Tab",
        },
        {
            trigger: ".o_itsm_audit_last:contains(lap-2 is expected)",
        },
        {
            trigger: CODE,
            run: "edit X-77",
        },
        {
            trigger: CODE,
            run: "press Enter",
        },
        {
            trigger: ".o_itsm_audit_progress:contains(2 of 3 found, 1 surplus)",
        },
        {
            trigger: CODE,
            run: "edit SN-33",
        },
        {
            trigger: CODE,
            run: "press Enter",
        },
        {
            content: "A scan by mistake is taken back",
            trigger: ".o_itsm_audit_scan_row[data-outcome=unknown]:contains(SN-33) button:contains(Undo)",
            run: "click",
        },
        {
            trigger: ".o_itsm_audit_scan_row[data-outcome=undone]:contains(SN-33)",
        },
        {
            content: "The cursor is back after a click, too",
            trigger: CODE,
        },
        {
            trigger: ".o_itsm_audit_progress:contains(2 of 3 found, 1 surplus)",
        },
        {
            trigger: "button:contains(Still to Find)",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(lap-3)",
        },
        {
            trigger: "body:not(:has(.o_data_row:contains(lap-1)))",
        },
    ],
});
