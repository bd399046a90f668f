import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/**
 * An agreement is read from its beginning.
 *
 * The form to sign it takes the focus by itself, and the page jumps to its end with
 * it: not before somebody has touched the page.
 */
export class AgreementSign extends Interaction {
    static selector = "#sign";
    dynamicContent = {
        _root: { "t-on-focusin": this.giveBack },
        _document: {
            "t-on-pointerdown": this.leave,
            "t-on-keydown": this.leave,
        },
    };

    setup() {
        this.isTouched = window.location.hash === "#sign";
    }

    start() {
        this.giveBack();
    }

    leave() {
        this.isTouched = true;
    }

    giveBack() {
        const { activeElement } = document;
        if (!this.isTouched && this.el.contains(activeElement)) {
            activeElement.blur();
            window.scrollTo(0, 0);
        }
    }
}

registry.category("public.interactions").add("itsm_sla.agreement_sign", AgreementSign);
