import { Component, onWillStart, useExternalListener, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { recordOf } from "../record_action/record_action";

/** Scans that are shown; all are recorded. */
const SHOWN = 50;

const ICONS = {
    waiting: "fa-clock-o text-muted",
    expected: "fa-check-circle text-success",
    again: "fa-repeat text-muted",
    outside: "fa-exclamation-circle text-warning",
    unknown: "fa-question-circle text-danger",
    ambiguous: "fa-question-circle text-danger",
    failed: "fa-times-circle text-danger",
    undone: "fa-undo text-muted",
};

/**
 * Takes what a barcode scanner types: a code, and Enter.
 *
 * The cursor comes back to the one input after each scan and after each click. Codes
 * wait in a queue, because a person scans faster than a slow line answers, and a code
 * that could not be sent stays in the list until it is sent again.
 */
export class AuditScanAction extends Component {
    static template = "itsm_core.AuditScanAction";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.auditId = recordOf(this.props).id;
        this.state = useState({
            progress: null,
            location: this.props.state?.location || "",
            scans: [],
        });
        this.queue = [];
        this.sending = false;
        this.counter = 0;
        this.codeRef = useRef("code");
        useAutofocus({ refName: "code", mobile: true });
        useExternalListener(window, "keydown", (ev) => this.onWindowKeydown(ev), {
            capture: true,
        });
        useSetupAction({
            getLocalState: () => ({ location: this.state.location }),
            beforeLeave: () => this.settle(),
        });
        onWillStart(() => this.load());
    }

    async load() {
        if (this.auditId) {
            this.state.progress = await this.orm.call(
                "itsm.ci.audit",
                "get_scan_progress",
                [[this.auditId]]
            );
            this.env.config.setDisplayName(_t("Scan: %s", this.progress.name));
        }
    }

    get progress() {
        return this.state.progress;
    }

    get last() {
        return this.state.scans[0];
    }

    get progressSentence() {
        const { expected, found, surplus } = this.progress;
        return _t("%(found)s of %(expected)s found, %(surplus)s surplus", {
            expected: expected.toLocaleString(),
            found: found.toLocaleString(),
            surplus: surplus.toLocaleString(),
        });
    }

    icon(scan) {
        return ICONS[scan.outcome];
    }

    alertClass(scan) {
        return {
            expected: "alert-success",
            outside: "alert-warning",
            unknown: "alert-danger",
            ambiguous: "alert-danger",
            failed: "alert-danger",
        }[scan.outcome] || "alert-secondary";
    }

    /** What a scanner types while the cursor is nowhere goes to the input. */
    onWindowKeydown(ev) {
        const input = this.codeRef.el;
        const plain = !ev.ctrlKey && !ev.altKey && !ev.metaKey;
        const elsewhere = ev.target.closest?.("input, textarea, select, .modal");
        if (input && plain && ev.key.length === 1 && !elsewhere) {
            input.focus();
        }
    }

    focus() {
        this.codeRef.el?.focus();
    }

    onCodeKeydown(ev) {
        if (ev.key !== "Enter" && ev.key !== "Tab") {
            return;
        }
        const code = ev.target.value.trim();
        if (!code) {
            return;
        }
        // Scanners end with Enter or with Tab: neither leaves the input.
        ev.preventDefault();
        ev.target.value = "";
        this.add(code);
        this.focus();
    }

    onLocationKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.focus();
        }
    }

    add(code) {
        this.state.scans.unshift({
            id: ++this.counter,
            code,
            location: this.state.location.trim(),
            outcome: "waiting",
            text: _t("Being recorded…"),
            finding: false,
        });
        this.queue.push(this.state.scans[0]);
        this.state.scans.splice(SHOWN + this.queue.length);
        return this.send();
    }

    /** Send what waits, one after the other, in the order of the scans. */
    async send() {
        if (this.sending) {
            return;
        }
        this.sending = true;
        try {
            while (this.queue.length) {
                await this.sendOne(this.queue[0]);
                this.queue.shift();
            }
        } finally {
            this.sending = false;
        }
    }

    async sendOne(scan) {
        try {
            const answer = await this.orm.silent.call("itsm.ci.audit", "record_scan", [
                [this.auditId],
                scan.code,
                scan.location || false,
            ]);
            scan.outcome = answer.outcome;
            scan.text = answer.text;
            scan.finding = answer.finding;
            this.state.progress = answer.progress;
        } catch (error) {
            scan.outcome = "failed";
            scan.text = _t("%(code)s was not recorded: %(reason)s", {
                code: scan.code,
                reason: error.data?.message || _t("the server did not answer."),
            });
        }
    }

    retry(scan) {
        scan.outcome = "waiting";
        this.queue.push(scan);
        this.focus();
        return this.send();
    }

    async undo(scan) {
        this.focus();
        await this.orm.unlink("itsm.ci.audit.finding", [scan.finding]);
        scan.outcome = "undone";
        scan.text = _t("%(code)s was taken back.", { code: scan.code });
        scan.finding = false;
        await this.load();
    }

    /** Nobody leaves while scans wait: they would be lost. */
    async settle() {
        await this.send();
        while (this.sending) {
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }

    openFindings() {
        return this.open("action_open_findings");
    }

    openExpected() {
        return this.open("action_open_expected");
    }

    async open(method) {
        return this.action.doAction(
            await this.orm.call("itsm.ci.audit", method, [[this.auditId]])
        );
    }
}

registry.category("actions").add("itsm_ci_audit_scan", AuditScanAction);
