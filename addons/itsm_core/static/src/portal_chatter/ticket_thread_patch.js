import { Thread } from "@mail/core/common/thread_model";
import { browser } from "@web/core/browser/browser";
import { patch } from "@web/core/utils/patch";

/**
 * An answer may change where the ticket stands: it reopens what was resolved, takes up
 * what waited for it, and goes to a follow-up if the ticket was closed after the page
 * had been opened. Then the page is loaded again to say so.
 */
patch(Thread.prototype, {
    async post() {
        const message = await super.post(...arguments);
        if (message?.thread && this.model === "helpdesk.ticket") {
            const chat = document.getElementById("task_chat");
            const notice = message.thread.eq(this) ? chat?.dataset.answered : "continued";
            if (notice) {
                const url = new URL(browser.location.href);
                url.searchParams.set("message", notice);
                url.hash = "";
                browser.location.assign(url);
            }
        }
        return message;
    },
});
