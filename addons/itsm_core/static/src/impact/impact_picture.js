import {
    Component,
    onWillUpdateProps,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { fold, groupKey } from "./impact_fold";
import { NODE, fit, layout, nextNode, shorten, zoomAt } from "./impact_layout";
import { CRITICALITIES, describeCriticality } from "./impact_words";

export const FOLD_BEYOND = 200;
export const DRAW_AT_MOST = 2000;
/** With more links than this only those are drawn that explain something. */
const MANY_LINKS = 1500;
const STEP = 1.25;
const CLICK = 4; // pixels that a pointer may move in a click
/** Drawn smaller than this, nothing that is written can be read. */
const UNREADABLE = 0.3;

/**
 * The impact drawn in layers. Zooming, panning and moving the focus change the drawing
 * itself and not the state: nothing is rendered again for them.
 */
export class ImpactPicture extends Component {
    static template = "itsm_core.ImpactPicture";
    static props = {
        answer: Object,
        openItem: Function,
        exclude: { type: Function, optional: true },
    };

    setup() {
        this.svg = useRef("svg");
        this.stage = useRef("stage");
        this.node = NODE;
        this.criticalities = CRITICALITIES;
        this.unfolded = new Set();
        this.state = useState({ drawing: null, colour: "criticality" });
        this.draw(this.props.answer);
        onWillUpdateProps(({ answer }) => {
            if (answer !== this.props.answer) {
                this.unfolded.clear();
                this.draw(answer);
            }
        });
        useEffect(
            () => {
                this.fit();
                if (this.focusAfterDrawing) {
                    this.focusAfterDrawing = false;
                    this.focusNode(this.current);
                }
            },
            () => [this.state.drawing]
        );
        useExternalListener(window, "resize", () => this.fit());
        useExternalListener(window, "beforeprint", () => this.beforePrint());
        useExternalListener(window, "afterprint", () => this.afterPrint());
    }

    draw(answer) {
        const { nodes, links } = fold(answer.items, answer.links, {
            limit: FOLD_BEYOND,
            unfolded: this.unfolded,
        });
        const shown =
            links.length > MANY_LINKS ? links.filter((link) => link.explains) : links;
        this.drawing = layout(nodes, shown);
        this.drawing.isThinned = shown.length < links.length;
        this.nodeOf = new Map(this.drawing.nodes.map((node) => [node.key, node]));
        this.current = this.drawing.nodes[0]?.key;
        this.state.drawing = (this.state.drawing || 0) + 1;
    }

    // What is said

    get hasFolded() {
        return this.drawing.nodes.some((node) => node.items);
    }

    get mayUnfoldAll() {
        return this.hasFolded && this.props.answer.items.length <= DRAW_AT_MOST;
    }

    getTitle(node) {
        return shorten(node.items ? `${node.items.length} × ${node.name}` : node.name, 25);
    }

    getSubtitle(node) {
        const criticality = describeCriticality(node);
        const kind = node.items ? _t("Folded: press to unfold") : node.class;
        return shorten(criticality ? `${kind} · ${criticality}` : kind, 36);
    }

    getLabel(node) {
        const parts = [node.items ? `${node.items.length} × ${node.name}` : node.name];
        parts.push(node.items ? _t("folded, press to unfold") : node.class);
        parts.push(_t("level %s", node.level));
        const criticality = describeCriticality(node);
        if (criticality) {
            parts.push(criticality);
        }
        if (node.incidents) {
            parts.push(_t("open incidents: %s", node.incidents));
        }
        return parts.join(", ");
    }

    getNodeClass(node) {
        const names = ["o_itsm_node"];
        if (!node.level) {
            names.push("o_itsm_node_start");
        }
        if (node.items) {
            names.push("o_itsm_node_folded");
        }
        if (this.state.colour === "criticality") {
            const criticality = node.criticality || node.supports;
            names.push(`o_itsm_criticality_${criticality || "none"}`);
            if (!node.criticality && node.supports) {
                names.push("o_itsm_node_supports");
            }
        } else {
            names.push(`o_itsm_incidents_${Math.min(node.incidents, 3)}`);
        }
        return names.join(" ");
    }

    // Folding

    unfold(node) {
        this.unfolded.add(node.key);
        this.draw(this.props.answer);
        this.current = `item-${node.items[0].id}`;
        this.focusAfterDrawing = true;
    }

    unfoldAll() {
        for (const item of this.props.answer.items) {
            this.unfolded.add(groupKey(item));
        }
        this.draw(this.props.answer);
    }

    foldAgain() {
        this.unfolded.clear();
        this.draw(this.props.answer);
    }

    // Looking around

    fit() {
        const box = this.svg.el?.getBoundingClientRect();
        if (box?.width) {
            this.show(fit(this.drawing, box));
        }
    }

    show(view) {
        this.view = view;
        // Large drawings take longer to paint than pointers take to move.
        this.frame ??= browser.requestAnimationFrame(() => this.paint());
    }

    paint() {
        this.frame = null;
        if (this.stage.el) {
            const { x, y, k } = this.view;
            this.stage.el.setAttribute("transform", `translate(${x},${y}) scale(${k})`);
            this.svg.el.classList.toggle("o_itsm_far", k < UNREADABLE);
        }
    }

    zoom(factor) {
        const { width, height } = this.svg.el.getBoundingClientRect();
        this.show(zoomAt(this.view, factor, { x: width / 2, y: height / 2 }));
    }

    onWheel(ev) {
        const box = this.svg.el.getBoundingClientRect();
        const point = { x: ev.clientX - box.left, y: ev.clientY - box.top };
        this.show(zoomAt(this.view, Math.exp(-ev.deltaY / 400), point));
    }

    onPointerDown(ev) {
        if (ev.button === 0) {
            this.drag = { x: ev.clientX, y: ev.clientY, view: this.view };
            this.isDragged = false;
        }
    }

    onPointerMove(ev) {
        if (!this.drag) {
            return;
        }
        const x = ev.clientX - this.drag.x;
        const y = ev.clientY - this.drag.y;
        if (!this.isDragged && Math.hypot(x, y) > CLICK) {
            this.isDragged = true;
            this.svg.el.setPointerCapture(ev.pointerId);
        }
        if (this.isDragged) {
            const { view } = this.drag;
            this.show({ k: view.k, x: view.x + x, y: view.y + y });
        }
    }

    onPointerUp() {
        this.drag = null;
    }

    // Leaving out

    mayExclude(node) {
        return Boolean(
            this.props.exclude && this.props.answer.may_exclude && node.level && !node.items
        );
    }

    // Choosing

    getNode(ev) {
        const el = ev.target.closest("[data-key]");
        return el && this.nodeOf.get(el.dataset.key);
    }

    onClick(ev) {
        const node = this.getNode(ev);
        if (!node || this.isDragged) {
            return;
        }
        if (ev.target.closest(".o_itsm_node_exclude")) {
            this.props.exclude(node);
        } else {
            this.choose(node);
        }
    }

    choose(node) {
        if (node.items) {
            this.unfold(node);
        } else {
            this.props.openItem(node);
        }
    }

    onKeydown(ev) {
        const node = this.getNode(ev) || this.nodeOf.get(this.current);
        if (ev.key === "Enter" || ev.key === " ") {
            this.choose(node);
        } else if (ev.key === "+" || ev.key === "-") {
            this.zoom(ev.key === "+" ? STEP : 1 / STEP);
        } else if (ev.key === "0") {
            this.fit();
        } else if (ev.key === "Delete" && this.mayExclude(node)) {
            this.props.exclude(node);
        } else {
            const next = nextNode(this.drawing.nodes, node, ev.key);
            if (!next) {
                return;
            }
            this.focusNode(next.key);
        }
        ev.preventDefault();
    }

    find(key) {
        return this.svg.el.querySelector(`[data-key="${CSS.escape(key)}"]`);
    }

    focusNode(key) {
        const el = this.find(key);
        if (el) {
            this.find(this.current)?.setAttribute("tabindex", "-1");
            this.current = key;
            el.setAttribute("tabindex", "0");
            el.focus({ preventScroll: true });
            this.bringIntoView(this.nodeOf.get(key));
        }
    }

    /** Move the drawing so that a node is seen, and can be read. */
    bringIntoView(node) {
        const { width, height } = this.svg.el.getBoundingClientRect();
        const k = Math.max(this.view.k, 0.6);
        const x = this.view.x + node.x * k;
        const y = this.view.y + node.y * k;
        const isSeen =
            k === this.view.k &&
            x >= 0 &&
            y >= 0 &&
            x + NODE.width * k <= width &&
            y + NODE.height * k <= height;
        if (!isSeen) {
            this.show({
                k,
                x: width / 2 - (node.x + NODE.width / 2) * k,
                y: height / 2 - (node.y + NODE.height / 2) * k,
            });
        }
    }

    onHover(ev) {
        const key = ev.type === "mouseout" || ev.type === "focusout" ? null : this.getNode(ev)?.key;
        for (const el of this.svg.el.querySelectorAll(".o_itsm_link_near")) {
            el.classList.remove("o_itsm_link_near");
        }
        if (key) {
            const name = CSS.escape(key);
            const near = `[data-source="${name}"], [data-target="${name}"]`;
            for (const el of this.svg.el.querySelectorAll(near)) {
                el.classList.add("o_itsm_link_near");
            }
        }
    }

    // On paper

    print() {
        window.print();
    }

    beforePrint() {
        const { width, height } = this.drawing;
        // To the right, links within the last level run around its nodes.
        this.svg.el.setAttribute("viewBox", `-10 -40 ${width + 40} ${height + 50}`);
        this.stage.el.removeAttribute("transform");
        this.svg.el.classList.remove("o_itsm_far");
    }

    afterPrint() {
        this.svg.el.removeAttribute("viewBox");
        this.show(this.view);
    }
}
