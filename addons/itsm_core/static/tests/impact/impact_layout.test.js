import { describe, expect, test } from "@odoo/hoot";
import { fold, worse } from "@itsm_core/impact/impact_fold";
import {
    NODE,
    drawLink,
    fit,
    layout,
    nextNode,
    shorten,
    zoomAt,
} from "@itsm_core/impact/impact_layout";

describe.current.tags("headless");

function makeItem(id, level, values = {}) {
    return { id, level, name: `item-${id}`, class: "Server", incidents: 0, ...values };
}

/** One item, and so many on each level, each linked to one of the level before. */
function makeEstate(...sizes) {
    const items = [makeItem(1, 0, { criticality: false })];
    const links = [];
    let before = [1];
    for (const [index, size] of sizes.entries()) {
        const level = [];
        for (let number = 0; number < size; number++) {
            const id = items.length + 1;
            const parent = before[number % before.length];
            items.push(
                makeItem(id, index + 1, {
                    criticality: false,
                    parent,
                    class: number % 3 ? "Server" : "Switch",
                })
            );
            links.push([parent, id, "hosts", false]);
            level.push(id);
        }
        before = level;
    }
    return { items, links };
}

function overlap(a, b) {
    return (
        a.x < b.x + NODE.width &&
        b.x < a.x + NODE.width &&
        a.y < b.y + NODE.height &&
        b.y < a.y + NODE.height
    );
}

test("no two nodes overlap, and all are inside of the drawing", () => {
    for (const sizes of [[], [1], [5, 30, 3], [60, 90, 40]]) {
        const { items, links } = makeEstate(...sizes);
        const folded = fold(items, links, { limit: 1000 });
        const drawing = layout(folded.nodes, folded.links);
        expect(drawing.nodes).toHaveLength(items.length);
        let overlaps = 0;
        for (const [index, node] of drawing.nodes.entries()) {
            overlaps += drawing.nodes.slice(index + 1).filter((o) => overlap(node, o)).length;
            expect(node.x >= 0 && node.x + NODE.width <= drawing.width).toBe(true);
            expect(node.y >= 0 && node.y + NODE.height <= drawing.height).toBe(true);
        }
        expect(overlaps).toBe(0);
    }
});

test("levels are columns from left to right", () => {
    const { items, links } = makeEstate(3, 50, 2);
    const { nodes, links: joined } = fold(items, links, { limit: 1000 });
    const drawing = layout(nodes, joined);
    expect(drawing.levels.map((column) => column.level)).toEqual([0, 1, 2, 3]);
    for (const node of drawing.nodes) {
        const column = drawing.levels.find(({ level }) => level === node.level);
        expect(node.x >= column.x && node.x < column.x + column.width).toBe(true);
    }
    for (const [index, column] of drawing.levels.slice(1).entries()) {
        const before = drawing.levels[index];
        expect(column.x).toBeGreaterThan(before.x + before.width);
    }
});

test("nodes stand near those they are linked to", () => {
    // Crossed as given: the first of level 1 leads to the last of level 2.
    const nodes = [
        { key: "a", level: 0 },
        { key: "b1", level: 1 },
        { key: "b2", level: 1 },
        { key: "c1", level: 2 },
        { key: "c2", level: 2 },
    ];
    const links = [
        { source: "a", target: "b1" },
        { source: "a", target: "b2" },
        { source: "b1", target: "c2" },
        { source: "b2", target: "c1" },
    ];
    const y = Object.fromEntries(layout(nodes, links).nodes.map((n) => [n.key, n.y]));
    expect(y.b1 < y.b2).toBe(y.c2 < y.c1);
});

/** Pairs of links between neighbouring levels that cross, one by one. */
function slowCrossings(nodes, links) {
    const place = new Map(nodes.map((node) => [node.key, node]));
    const drawn = links.map(({ source, target }) => [place.get(source), place.get(target)]);
    let count = 0;
    for (const [index, [a, b]] of drawn.entries()) {
        for (const [c, d] of drawn.slice(index + 1)) {
            const side = a.level === c.level && b.level === d.level;
            count += side && (a.y - c.y) * (b.y - d.y) < 0 ? 1 : 0;
        }
    }
    return count;
}

test("the order in which the fewest links cross is kept", () => {
    // A small generator of numbers that are the same in each run.
    let seed = 7;
    const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 60; round++) {
        const nodes = [];
        for (let level = 0; level < 4; level++) {
            for (let number = 0; number < 2 + random(5); number++) {
                nodes.push({ key: `${level}-${number}`, level, y: number });
            }
        }
        const links = [];
        for (const source of nodes) {
            for (const target of nodes.filter((node) => node.level === source.level + 1)) {
                if (random(3) === 0) {
                    links.push({ source: source.key, target: target.key, explains: true });
                }
            }
        }
        const drawing = layout(nodes, links);
        expect(slowCrossings(drawing.nodes, links)).toBeLessThan(
            slowCrossings(nodes, links) + 1
        );
    }
});

test("a light link to another level does not pull explained ones across", () => {
    const nodes = [
        { key: "d", level: 0 },
        { key: "n", level: 0 },
        { key: "c", level: 0 },
        ...["d1", "n1", "d2", "n2", "c1"].map((key) => ({ key, level: 1 })),
        { key: "x", level: 2 },
        { key: "y", level: 2 },
    ];
    const links = [
        ...["d1", "d2"].map((target) => ({ source: "d", target, explains: true })),
        ...["n1", "n2"].map((target) => ({ source: "n", target, explains: true })),
        { source: "c", target: "c1", explains: true },
        { source: "c1", target: "y", explains: true },
        { source: "d2", target: "y", explains: false },
        { source: "n1", target: "x", explains: true },
        { source: "c", target: "d2", explains: false },
    ];
    const drawing = layout(nodes, links);
    expect(slowCrossings(drawing.nodes, links.filter((link) => link.explains))).toBe(0);
});

test("a drawing of the same impact is the same", () => {
    const { items, links } = makeEstate(20, 40);
    const draw = () => {
        const folded = fold(items, links, { limit: 1000 });
        return JSON.stringify(layout(folded.nodes, folded.links));
    };
    expect(draw()).toBe(draw());
});

test("links to nowhere are left out, and loops are drawn", () => {
    const nodes = [
        { key: "a", level: 0 },
        { key: "b", level: 1 },
    ];
    const links = [
        { source: "a", target: "b" },
        { source: "b", target: "a" },
        { source: "b", target: "gone" },
    ];
    const drawing = layout(nodes, links);
    expect(drawing.links).toHaveLength(2);
    expect(drawing.links[0].path).not.toBe(drawing.links[1].path);
    const same = { x: 0, y: 0, level: 1 };
    expect(drawLink(same, { ...same, y: 60 })).toMatch(/^M\d+,\d+C/);
});

test("200 nodes are drawn one by one, and more are folded by class and level", () => {
    const few = makeEstate(100, 99);
    const all = fold(few.items, few.links, { limit: 200 });
    expect(all.nodes.filter((node) => node.items)).toHaveLength(0);

    const many = makeEstate(100, 400, 1499);
    const { nodes, links } = fold(many.items, many.links, { limit: 200 });
    expect(nodes.length).toBeLessThan(201);
    const count = nodes.reduce((sum, node) => sum + (node.items?.length || 1), 0);
    expect(count).toBe(2000);
    const keys = new Set(nodes.map((node) => node.key));
    expect(keys.size).toBe(nodes.length);
    for (const link of links) {
        expect(keys.has(link.source) && keys.has(link.target)).toBe(true);
        expect(link.source).not.toBe(link.target);
    }
    expect(nodes.some((node) => node.key === "item-1")).toBe(true);
});

test("a folded node tells the worst of what is in it", () => {
    const items = [
        makeItem(1, 0, { criticality: false }),
        makeItem(2, 1, { criticality: "3", incidents: 2 }),
        makeItem(3, 1, { criticality: "1" }),
        makeItem(4, 1, { criticality: false, incidents: 1 }),
    ];
    const links = [
        [1, 2, "hosts", true],
        [1, 3, "hosts", true],
    ];
    const folded = fold(items, links, { limit: 2 });
    const [, group] = folded.nodes;
    expect(group.items).toHaveLength(3);
    expect([group.criticality, group.incidents]).toEqual(["1", 3]);
    expect(folded.links).toHaveLength(1);
    expect(folded.links[0].shared).toBe(true);
    expect(worse("2", "4")).toBe("2");
    expect(worse(false, "4")).toBe("4");

    const unfolded = fold(items, links, { limit: 2, unfolded: new Set([group.key]) });
    expect(unfolded.nodes).toHaveLength(4);
});

test("excluded items are not drawn", () => {
    const items = [makeItem(1, 0), makeItem(2, 1, { excluded: true })];
    const { nodes, links } = fold(items, [[1, 2, "hosts", false]], { limit: 9 });
    expect(nodes).toHaveLength(1);
    expect(links).toHaveLength(0);
});

test("arrow keys go to the nearest node in their direction", () => {
    const { items, links } = makeEstate(3, 3);
    const folded = fold(items, links, { limit: 100 });
    const { nodes } = layout(folded.nodes, folded.links);
    const start = nodes.find((node) => node.level === 0);
    const right = nextNode(nodes, start, "ArrowRight");
    expect(right.level).toBe(1);
    expect(nextNode(nodes, right, "ArrowLeft").key).toBe(start.key);
    const up = nextNode(nodes, right, "ArrowUp");
    expect(up.x).toBe(right.x);
    expect(nextNode(nodes, up, "ArrowUp")).toBe(undefined);
    expect(nextNode(nodes, start, "a")).toBe(undefined);
    // Every node can be reached from the start.
    const reached = new Set([start.key]);
    const queue = [start];
    for (const node of queue) {
        for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
            const next = nextNode(nodes, node, key);
            if (next && !reached.has(next.key)) {
                reached.add(next.key);
                queue.push(next);
            }
        }
    }
    expect(reached.size).toBe(nodes.length);
});

test("a drawing fits into its box and is not blown up", () => {
    const view = fit({ width: 2000, height: 500 }, { width: 1000, height: 800 });
    expect(view.k).toBe(0.464);
    expect(view.x).toBe(36);
    expect(fit({ width: 10, height: 10 }, { width: 1000, height: 800 }).k).toBe(1);
});

test("zooming keeps the point under the pointer, within bounds", () => {
    const view = zoomAt({ k: 1, x: 10, y: 20 }, 2, { x: 110, y: 120 });
    expect(view).toEqual({ k: 2, x: -90, y: -80 });
    expect(zoomAt(view, 100, { x: 0, y: 0 }).k).toBe(4);
});

test("long names are cut", () => {
    expect(shorten("erp-app-01", 10)).toBe("erp-app-01");
    expect(shorten("erp-app-001", 10)).toBe("erp-app-0…");
});
