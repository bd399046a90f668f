import { registry } from "@web/core/registry";

const INPUT = "#chatterRoot:shadow .o-mail-Composer-input";
const MESSAGE = "#chatterRoot:shadow .o-mail-Message";

/** Write in the composer of the page, and send; the page is loaded again or not. */
const answer = (text, expectUnloadPage = true) => [
    { trigger: INPUT, run: `edit ${text}` },
    {
        trigger: "#chatterRoot:shadow .o-mail-Composer-send:enabled",
        run: "click",
        expectUnloadPage,
    },
];

registry.category("web_tour.tours").add("itsm_portal_reply_resolved", {
    steps: () => [
        { trigger: "#solved:contains(New battery)" },
        { trigger: `${MESSAGE}:contains(Try this)` },
        ...answer("It is dead again"),
        {
            content: "The customer is told what the answer did",
            trigger: ".alert-success:contains(The ticket is open again)",
        },
        { trigger: ".o_itsm_progress .o_itsm_current:contains(In progress)" },
        { trigger: "body:not(:has(#reopen))" },
        { trigger: `${MESSAGE}:contains(It is dead again)` },
    ],
});

registry.category("web_tour.tours").add("itsm_portal_reply_pending", {
    steps: () => [
        { trigger: ".alert-warning:contains(We need an answer from you)" },
        ...answer("The one at gate 4"),
        { trigger: ".alert-success:contains(We go on with your ticket)" },
        { trigger: "body:not(:has(.alert-warning))" },
        { trigger: `${MESSAGE}:contains(The one at gate 4)` },
        ...answer("It is the left one", false),
        { trigger: `${MESSAGE}:contains(It is the left one)` },
        { trigger: ".alert-success:contains(We go on with your ticket)" },
    ],
});

/** The page is open since the ticket was resolved; meanwhile it was closed elsewhere. */
const closeElsewhere = {
    trigger: "#reopen form[action='/ticket/close']",
    async run() {
        const response = await fetch("/ticket/close", {
            method: "POST",
            body: new FormData(this.anchor),
        });
        if (!response.ok) {
            throw new Error(`closing failed: ${response.status}`);
        }
    },
};

registry.category("web_tour.tours").add("itsm_portal_reply_closed", {
    steps: () => [
        { trigger: `${MESSAGE}:contains(Try this)` },
        closeElsewhere,
        ...answer("It is dead again"),
        {
            content: "The customer is told that there is a new ticket, and led there",
            trigger: ".alert-success:contains(your answer goes on in a follow-up)",
        },
        {
            trigger:
                "#chatterRoot:shadow .o-mail-Thread:contains(Try this):not(:contains(dead again))",
        },
        {
            trigger: ".alert-info:contains(This ticket goes on in) a",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: `${MESSAGE}:contains(It is dead again)` },
        { trigger: ".o_itsm_progress .o_itsm_current:contains(Received)" },
        ...answer("The red light blinks", false),
        { trigger: `${MESSAGE}:contains(The red light blinks)` },
    ],
});

registry.category("web_tour.tours").add("itsm_portal_reply_closed_by_link", {
    steps: () => [
        { trigger: `${MESSAGE}:contains(Try this)` },
        closeElsewhere,
        ...answer("It is dead again"),
        { trigger: ".alert-success:contains(your answer goes on in a follow-up)" },
        {
            content: "The link to the old ticket does not open the new one",
            trigger: "body:not(:has(.alert-info))",
        },
    ],
});

/** What leads on from the page of a ticket that is closed. */
registry.category("web_tour.tours").add("itsm_portal_follow_up", {
    steps: () => [
        { trigger: `${MESSAGE}:contains(Try this)` },
        { trigger: "#chatterRoot:shadow .o-mail-Chatter:not(:has(.o-mail-Composer))" },
        {
            trigger: "#task_chat a:contains(Open a follow-up)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".alert-info:contains(Scanner is dead)" },
        { trigger: "#subject", run: "edit The scanner again" },
        { trigger: "#description", run: "edit It worked for a day" },
        {
            trigger: ".o_itsm_ticket_form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".alert-success:contains(We have received your ticket)" },
        { trigger: "#card_header:contains(The scanner again)" },
    ],
});
