/**
 * Where the nodes of an impact are drawn: a column for each level, from left to right.
 * Levels of many nodes take several columns side by side. Within its level a node is
 * put near the middle of those it is linked to in the levels before and after, in the
 * order in which the fewest links cross.
 *
 * Plain functions; no component in here.
 */

import { collect } from "./impact_fold";

export const NODE = { width: 190, height: 44 };
const GAP = { x: 26, y: 14, level: 100 };
const SWEEPS = 8;
/** A crossing of links that explain how something is reached is so much worse. */
const WEIGHT = 3;
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

/** Return [level, nodes in order] of each level, nearest first. */
function orderLevels(nodes, links) {
    const levels = collect(nodes, (node) => node.level);
    const numbers = [...levels.keys()].sort((a, b) => a - b);
    const neighbours = new Map(nodes.map((node) => [node.key, []]));
    for (const { source, target } of links) {
        neighbours.get(source)?.push(target);
        neighbours.get(target)?.push(source);
    }
    const place = new Map();
    const note = (members) =>
        members.forEach((node, index) => place.set(node.key, index / members.length));
    for (const members of levels.values()) {
        note(members);
    }
    const levelOf = new Map(nodes.map((node) => [node.key, node.level]));
    let best = copyOrder(levels);
    let least = countCrossings(levels, numbers, links);
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
        const forth = sweep % 2 === 0;
        for (const number of forth ? numbers : [...numbers].reverse()) {
            const members = levels.get(number);
            const wish = new Map();
            for (const node of members) {
                const near = neighbours
                    .get(node.key)
                    .filter((key) =>
                        forth ? levelOf.get(key) < number : levelOf.get(key) > number
                    )
                    .map((key) => place.get(key));
                const sum = near.reduce((total, value) => total + value, 0);
                wish.set(node.key, near.length ? sum / near.length : place.get(node.key));
            }
            members.sort((a, b) => wish.get(a.key) - wish.get(b.key));
            note(members);
        }
        const count = countCrossings(levels, numbers, links);
        if (count < least) {
            least = count;
            best = copyOrder(levels);
        }
    }
    return numbers.map((number) => [number, best.get(number)]);
}

function copyOrder(levels) {
    return new Map([...levels].map(([number, members]) => [number, [...members]]));
}

/** How much the links between levels side by side cross, those that explain more. */
function countCrossings(levels, numbers, links) {
    const spot = new Map();
    numbers.forEach((number, column) =>
        levels.get(number).forEach(({ key }, row) => spot.set(key, { column, row }))
    );
    const gaps = new Map();
    for (const { source, target, explains } of links) {
        const ends = [spot.get(source), spot.get(target)];
        if (!ends[0] || !ends[1] || Math.abs(ends[0].column - ends[1].column) !== 1) {
            continue;
        }
        const [left, right] = ends.sort((a, b) => a.column - b.column);
        const link = { from: left.row, to: right.row, weight: explains ? WEIGHT : 1 };
        if (gaps.has(left.column)) {
            gaps.get(left.column).push(link);
        } else {
            gaps.set(left.column, [link]);
        }
    }
    return [...gaps.values()].reduce((sum, gap) => sum + countInGap(gap), 0);
}

/** From top to bottom, each link crosses those before it that end further below. */
function countInGap(gap) {
    gap.sort((a, b) => a.from - b.from || a.to - b.to);
    // Weights by where links end, in a binary indexed tree.
    const tree = new Array(Math.max(...gap.map((link) => link.to)) + 2).fill(0);
    let before = 0;
    let crossings = 0;
    for (const { to, weight } of gap) {
        let above = 0;
        for (let at = to + 1; at > 0; at -= at & -at) {
            above += tree[at];
        }
        crossings += weight * (before - above);
        before += weight;
        for (let at = to + 1; at < tree.length; at += at & -at) {
            tree[at] += weight;
        }
    }
    return crossings;
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
