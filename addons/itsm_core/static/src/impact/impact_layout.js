/**
 * Where the nodes of an impact are drawn: a column for each level, from left to right.
 * Levels of many nodes take several columns side by side.
 *
 * Plain functions; no component in here.
 */

import { orderLevels } from "./impact_order";

export const NODE = { width: 190, height: 44 };
const GAP = { x: 26, y: 14, level: 100 };
const ROWS = 24;

/**
 * @param {Object[]} nodes with `key` and `level`
 * @param {Object[]} links with `source` and `target`, keys of nodes
 * @returns {{nodes: Object[], links: Object[], levels: Object[], width: number,
 *  height: number}} nodes with `x` and `y` (left, top), links with a `path`, levels
 *  with `level`, `x` and `width`
 */
export function layout(nodes, links) {
    const levels = orderLevels(nodes, links);
    const placed = new Map();
    const columns = [];
    let x = 0;
    let height = 0;
    for (const [level, members] of levels) {
        const rows = rowsOf(members.length);
        const count = Math.max(1, Math.ceil(members.length / rows));
        const width = count * (NODE.width + GAP.x) - GAP.x;
        members.forEach((node, index) => {
            placed.set(node.key, {
                ...node,
                x: x + Math.floor(index / rows) * (NODE.width + GAP.x),
                row: index % rows,
                rows: Math.min(rows, members.length),
            });
        });
        height = Math.max(height, Math.min(rows, members.length) * (NODE.height + GAP.y));
        columns.push({ level, x, width });
        x += width + GAP.level;
    }
    for (const node of placed.values()) {
        // Columns are centred on each other.
        const top = (height - node.rows * (NODE.height + GAP.y)) / 2;
        node.y = top + node.row * (NODE.height + GAP.y);
    }
    return {
        nodes: [...placed.values()],
        links: links
            .filter((link) => placed.has(link.source) && placed.has(link.target))
            .map((link) => ({
                ...link,
                path: drawLink(placed.get(link.source), placed.get(link.target)),
            })),
        levels: columns,
        width: Math.max(NODE.width, x - GAP.level),
        height: Math.max(NODE.height, height - GAP.y),
    };
}

/** So many rows that the columns of a large level make a lying rectangle. */
function rowsOf(count) {
    return Math.max(ROWS, Math.ceil(Math.sqrt(count * 5)));
}

/** A curve from one node to another: forwards, or around within a level and back. */
export function drawLink(source, target) {
    const y1 = source.y + NODE.height / 2;
    const y2 = target.y + NODE.height / 2;
    if (source.level < target.level) {
        const x1 = source.x + NODE.width;
        const bend = Math.max(30, (target.x - x1) / 2);
        return `M${x1},${y1}C${x1 + bend},${y1} ${target.x - bend},${y2} ${target.x},${y2}`;
    }
    if (source.level > target.level) {
        const x2 = target.x + NODE.width;
        const bend = Math.max(30, (source.x - x2) / 2);
        return `M${source.x},${y1}C${source.x - bend},${y1} ${x2 + bend},${y2} ${x2},${y2}`;
    }
    const x1 = source.x + NODE.width;
    const x2 = target.x + NODE.width;
    const out = Math.max(x1, x2) + 30;
    return `M${x1},${y1}C${out},${y1} ${out},${y2} ${x2},${y2}`;
}

const ARROWS = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
};

/**
 * The node that an arrow key goes to: the nearest in its direction, straight ahead
 * rather than aside.
 *
 * @returns {Object|undefined} undefined at the border, and for other keys
 */
export function nextNode(nodes, current, key) {
    const [dx, dy] = ARROWS[key] || [];
    if (dx === undefined) {
        return;
    }
    let best;
    let least = Infinity;
    for (const node of nodes) {
        const x = node.x - current.x;
        const y = node.y - current.y;
        const ahead = x * dx + y * dy;
        const aside = Math.abs(x * dy) + Math.abs(y * dx);
        const far = ahead + 3 * aside;
        if (ahead > 0 && far < least && (dy === 0 || aside === 0)) {
            best = node;
            least = far;
        }
    }
    return best;
}

/** The scale and shift at which a drawing fills a box, never larger than life. */
export function fit(drawing, box, margin = 36) {
    const scale = Math.min(
        1,
        (box.width - 2 * margin) / drawing.width,
        (box.height - 2 * margin) / drawing.height
    );
    const k = Math.max(scale, 0.02);
    return {
        k,
        x: (box.width - drawing.width * k) / 2,
        y: (box.height - drawing.height * k) / 2,
    };
}

/** Zoom by a factor so that the point under the pointer stays where it is. */
export function zoomAt(view, factor, point) {
    const k = Math.min(4, Math.max(0.02, view.k * factor));
    return {
        k,
        x: point.x - ((point.x - view.x) * k) / view.k,
        y: point.y - ((point.y - view.y) * k) / view.k,
    };
}

/** A text that fits into a node. */
export function shorten(text, length) {
    return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
