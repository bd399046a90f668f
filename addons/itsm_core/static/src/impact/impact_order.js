/**
 * The order of the nodes within the levels of an impact: near the middle of those they
 * are linked to in the levels before and after, so that few links cross.
 *
 * Plain functions; no component in here.
 */

import { collect } from "./impact_fold";

const SWEEPS = 8;
/** A crossing of links that explain how something is reached is so much worse. */
const WEIGHT = 3;
/** Two nodes with more pairs of links than this stay as they are: it would take long. */
const MANY = 10_000;

/** Return [level, nodes in order] of each level, nearest first. */
export function orderLevels(nodes, links) {
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
    swapNeighbours(best, numbers, links);
    return numbers.map((number) => [number, best.get(number)]);
}

/** Swap nodes side by side as long as fewer links cross: what the sweeps left over. */
function swapNeighbours(levels, numbers, links) {
    const spot = findSpots(levels, numbers);
    const ends = new Map([...spot.keys()].map((key) => [key, { before: [], after: [] }]));
    for (const { source, target, explains } of links) {
        const [from, to] = [spot.get(source), spot.get(target)];
        const step = from && to ? to.column - from.column : 0;
        if (Math.abs(step) === 1) {
            const weight = explains ? WEIGHT : 1;
            ends.get(source)[step > 0 ? "after" : "before"].push({ at: to, weight });
            ends.get(target)[step > 0 ? "before" : "after"].push({ at: from, weight });
        }
    }
    // Links of one node cross those of the one below it that end further above.
    const cross = (upper, lower) => {
        let sum = 0;
        for (const side of ["before", "after"]) {
            const [mine, others] = [ends.get(upper.key)[side], ends.get(lower.key)[side]];
            if (mine.length * others.length > MANY) {
                return 0;
            }
            for (const one of mine) {
                for (const other of others) {
                    sum += one.at.row > other.at.row ? one.weight * other.weight : 0;
                }
            }
        }
        return sum;
    };
    for (let pass = 0; pass < SWEEPS; pass++) {
        let swapped = false;
        for (const members of numbers.map((number) => levels.get(number))) {
            for (let row = 1; row < members.length; row++) {
                const [upper, lower] = [members[row - 1], members[row]];
                if (cross(upper, lower) > cross(lower, upper)) {
                    members.splice(row - 1, 2, lower, upper);
                    spot.get(lower.key).row = row - 1;
                    spot.get(upper.key).row = row;
                    swapped = true;
                }
            }
        }
        if (!swapped) {
            break;
        }
    }
}

/** @returns {Map} column and row by key */
function findSpots(levels, numbers) {
    const spot = new Map();
    numbers.forEach((number, column) =>
        levels.get(number).forEach(({ key }, row) => spot.set(key, { column, row }))
    );
    return spot;
}

function copyOrder(levels) {
    return new Map([...levels].map(([number, members]) => [number, [...members]]));
}

/** How much the links between levels side by side cross, those that explain more. */
function countCrossings(levels, numbers, links) {
    const spot = findSpots(levels, numbers);
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
