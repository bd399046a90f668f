/*
 * What somebody tries with a browser against a ticket of others. Runs in a page of the
 * portal with the session of whoever is logged in; ATTACK comes from the Python test.
 *
 * ATTACK.isOwner  the visitor takes part in the ticket: the doors marked with `shows`
 *                 must open, else the others would prove nothing
 */
const { ticket, own, reply, file, secret, service, team, stage, customer } = ATTACK;
const model = "helpdesk.ticket";
/** Refusals; anything else that a call answers as an error is a crash. */
const REFUSALS =
    /AccessError|MissingError|UserError|ValidationError|NotFound|AccessDenied|Forbidden/;

const page = async (path) =>
    new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html");

const look = (path) => [`GET ${path}`, () => fetch(path)];

const call = (route, params) => [
    `${route} ${JSON.stringify(params)}`,
    () =>
        fetch(route, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ jsonrpc: "2.0", method: "call", params }),
        }),
];

const rpc = (method, args = [], kwargs = {}, on = model) =>
    call(`/web/dataset/call_kw/${on}/${method}`, { model: on, method, args, kwargs });

/** Send a form that the visitor's own pages show, with other values in it. */
const tamper = (path, action, values) => [
    `form ${action} with ${JSON.stringify(values)}`,
    async () => {
        const form = (await page(path)).querySelector(`form[action="${action}"]`);
        if (!form) {
            throw new Error(`no form ${action} on ${path}`);
        }
        const data = new FormData(form);
        Object.entries(values).forEach(([name, value]) => data.set(name, value));
        return fetch(action, { method: "POST", body: data });
    },
];

const thread = { thread_model: model, thread_id: ticket };
const shown = [
    look(`/my/ticket/${ticket}`),
    look(`/my/tickets?sortby=zzz&filterby=zzz&groupby=zzz&search_in=zzz&page=zzz`),
    look(`/my/tickets?search=Scanner`),
    look(`/my/ticket/${ticket}/file/${file}`),
    look(`/new/ticket?follow_up=${ticket}`),
    rpc("search_read", [[], ["name"]]),
    rpc("read", [[ticket], ["name"]]),
    rpc("web_search_read", [[["id", "=", ticket]], { name: {} }]),
    rpc("name_search", ["Scanner"]),
    rpc("formatted_read_group", [[], ["name"], ["__count"]]),
    call("/mail/chatter_fetch", thread),
    call("/mail/thread/messages", thread),
];

const newTicket = {
    ticket_type: "incident",
    subject: "By the attacker",
    description: "Tampered",
};
const hidden = [
    // Addresses, with and without guesses
    look(`/my/ticket/${ticket}/guess`),
    look(`/my/ticket/${ticket}?access_token=guess`),
    look(`/my/ticket/${ticket}?access_token=${encodeURIComponent("gü\u0000")}`),
    look(`/my/ticket/${ticket}?pid=1&hash=guess`),
    look(`/my/ticket/-${ticket}`),
    look("/my/ticket/0"),
    look("/my/ticket/99999999999999999999"),
    look(`/my/ticket/${ticket}/file/${secret}`),
    look(`/my/ticket/${own}/file/${file}`),
    look(`/my/ticket/${own}/file/${secret}`),
    look(`/my/ticket/${ticket}/file/${file}?access_token=guess`),
    look(`/web/content/${file}`),
    look(`/web/content/${secret}?access_token=guess`),
    look(`/web/content?model=${model}&id=${ticket}&field=description`),
    look(`/web/image/${secret}`),
    look(`/mail/view?model=${model}&res_id=${ticket}`),
    look(`/mail/message/${reply}`),
    look(`/odoo/${model}/${ticket}`),
    look(`/my/tickets?sortby=access_token&groupby=description`),
    look(`/my/tickets?search=${encodeURIComponent("%_'\"\\")}&search_in=all`),
    look(`/my/tickets?page=-1`),
    look(`/my/tickets?page=99999999999999999999`),
    // What takes a POST, by GET
    look(`/ticket/close?ticket_id=${ticket}&stage_id=${stage}`),
    look(`/ticket/reopen?ticket_id=${ticket}&reason=Mine`),
    look("/submitted/ticket?subject=By+the+attacker&description=x&ticket_type=incident"),
    // Forms of the visitor's own pages, tampered with
    tamper(`/my/ticket/${own}`, "/ticket/close", { ticket_id: ticket }),
    tamper(`/my/ticket/${own}`, "/ticket/close", { ticket_id: ticket, stage_id: stage }),
    tamper(`/my/ticket/${own}`, "/ticket/close", {
        ticket_id: ticket,
        access_token: "guess",
    }),
    tamper(`/my/ticket/${own}`, "/ticket/close", { ticket_id: "zzz", stage_id: "zzz" }),
    tamper(`/my/ticket/${own}`, "/ticket/reopen", { ticket_id: ticket, reason: "Mine" }),
    tamper("/new/ticket", "/submitted/ticket", { ...newTicket, service }),
    tamper("/new/ticket", "/submitted/ticket", { ...newTicket, team }),
    tamper("/new/ticket", "/submitted/ticket", { ...newTicket, affected: ATTACK.address }),
    tamper("/new/ticket", "/submitted/ticket", {
        ...newTicket,
        subject: "Tampered with",
        ticket_id: ticket,
        id: ticket,
        follow_up: ticket,
        follow_up_of_id: ticket,
        parent_id: ticket,
        customer_id: customer,
        partner_id: customer,
        service_id: service,
        team_id: team,
        stage_id: stage,
        user_id: 2,
        priority: "3",
        is_major: "1",
    }),
    // The conversation
    call("/mail/message/post", { ...thread, post_data: { body: "By the attacker" } }),
    call("/mail/message/post", {
        ...thread,
        token: "guess",
        post_data: { body: "By the attacker" },
    }),
    call("/mail/message/post", {
        ...thread,
        pid: 1,
        hash: "guess",
        post_data: { body: "By the attacker" },
    }),
    call("/mail/message/post", {
        thread_model: model,
        thread_id: own,
        post_data: {
            body: "By the attacker",
            attachment_ids: [file, secret],
            attachment_tokens: ["guess", "guess"],
            parent_id: reply,
        },
    }),
    call("/mail/message/post", {
        thread_model: model,
        thread_id: own,
        context: { default_res_id: ticket, default_model: model, itsm_history: true },
        post_data: { body: "By the attacker", res_id: ticket, record_name: "Mine" },
    }),
    call("/mail/message/post", {
        thread_model: model,
        thread_id: ATTACK.closed,
        context: {
            default_child_ids: [[4, ticket]],
            tracking_disable: true,
        },
        post_data: { body: "Once more" },
    }),
    call("/mail/message/update_content", {
        message_id: reply,
        update_data: { body: "By the attacker" },
    }),
    call("/mail/message/reaction", { message_id: reply, content: "x", action: "add" }),
    call("/mail/attachment/delete", { attachment_id: file }),
    call("/mail/data", {
        fetch_params: [
            ["mail.thread", { ...thread, request_list: ["attachments", "followers"] }],
        ],
    }),
    [
        "upload",
        async () => {
            const data = new FormData((await page("/new/ticket")).forms[0]);
            data.set("thread_model", model);
            data.set("thread_id", ticket);
            data.set("ufile", new File(["x"], "virus.txt"));
            return fetch("/mail/attachment/upload", { method: "POST", body: data });
        },
    ],
    // Remote calls
    rpc("write", [[ticket], { name: "By the attacker" }]),
    rpc("web_save", [[ticket], { stage_id: stage }, {}]),
    rpc("write", [[own], { partner_id: customer, stage_id: stage, parent_id: ticket }]),
    rpc("create", [[{ name: "By the attacker", description: "x" }]]),
    rpc("unlink", [[ticket]]),
    rpc("copy", [[ticket]]),
    rpc("message_post", [[ticket]], { body: "By the attacker" }),
    rpc("message_post", [[ATTACK.closed]], {
        body: "Once more",
        context: { default_child_ids: [[4, ticket]], default_parent_id: ticket },
    }),
    rpc("message_subscribe", [[ticket], [customer]]),
    rpc("action_take", [[ticket]]),
    rpc("action_reopen", [[ticket]]),
    rpc("action_move_to_stage", [[ticket], stage]),
    rpc("_itsm_move", [[ticket], "closed"]),
    rpc("get_portal_url", [[ticket]]),
    rpc("read", [[ticket]]),
    rpc("read", [[own], ["access_token"]]),
    rpc("search_read", [[["access_token", "like", "a"]], ["name"]]),
    rpc("search_read", [[["message_ids.body", "like", "Try"]], ["name"]]),
    rpc("search", [[]], { order: "access_token" }),
    rpc("export_data", [[ticket], ["name"]]),
    rpc("search_read", [[]], {}, "itsm.ticket.span"),
    rpc("search_read", [[]], {}, "itsm.service"),
    rpc("search_read", [[]], {}, "itsm.ci"),
    rpc("name_search", [""], {}, "itsm.service"),
    rpc("create", [[{ partner_id: customer }]], {}, "itsm.call.wizard"),
    rpc("search_read", [[["res_id", "=", ticket]]], {}, "mail.message"),
    rpc("read", [[reply], ["body"]], {}, "mail.message"),
    rpc("read", [[file, secret], ["datas"]], {}, "ir.attachment"),
    rpc("write", [[customer], { itsm_key_user_ids: [[4, customer]] }], {}, "res.partner"),
];

async function run() {
    const faults = [];
    for (const [door, open] of ATTACK.isOwner ? shown : [...shown, ...hidden]) {
        const response = await open();
        const text = await response.text();
        if (response.status >= 500) {
            faults.push(`${response.status}: ${door}`);
        }
        let error;
        try {
            error = JSON.parse(text).error;
        } catch {
            // a page
        }
        if (error && !REFUSALS.test(`${error.data?.name} ${error.message}`)) {
            faults.push(`${error.data?.name} ${error.data?.message}: ${door}`);
        }
        const seen = ATTACK.texts.filter((word) => text.includes(word));
        if (ATTACK.isOwner ? !seen.length : seen.length) {
            faults.push(`${seen.length ? "shows " + seen : "shows nothing"}: ${door}`);
        }
    }
    if (faults.length) {
        console.error(faults.join("\n"));
    } else {
        console.log("test successful");
    }
}
run().catch((error) => console.error(error.stack));
