/**
 * What of an impact is drawn: beyond a number of nodes, items of one class and level
 * are folded into one node, the largest such groups first.
 *
 * Plain functions on what the server answers; no component in here.
 */

/** The worst of two criticalities: "1" is critical, false is none. */
export function worse(one, other) {
    if (!one || !other) {
        return one || other;
    }
    return one < other ? one : other;
}

export function groupKey(item) {
    return `${item.level}|${item.class}`;
}

/** @returns {Map} values by what `keyOf` says of them, in order */
export function collect(values, keyOf) {
    const found = new Map();
    for (const value of values) {
        const key = keyOf(value);
        if (found.has(key)) {
            found.get(key).push(value);
        } else {
            found.set(key, [value]);
        }
    }
    return found;
}

/**
 * @param {Object[]} items where it begins, and what was reached, of any number
 * @param {Array[]} links [source, target, words, shared]
 * @param {Object} options
 * @param {number} options.limit so many nodes are drawn at most, if groups allow it
 * @param {Set<string>} [options.unfolded] keys of groups that are drawn item by item
 * @returns {{nodes: Object[], links: Object[]}} nodes have a key and a level; folded
 *  ones the `items` in them
 */
export function fold(items, links, { limit, unfolded = new Set() }) {
    const drawn = items.filter((item) => !item.excluded);
    // Where it begins is never folded.
    const groups = collect(drawn.filter((item) => item.level), groupKey);
    const candidates = [...groups]
        .filter(([key, members]) => members.length > 1 && !unfolded.has(key))
        .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
    const folded = new Set();
    let count = drawn.length;
    for (const [, members] of [...groups].filter(([key]) => unfolded.has(key))) {
        count -= members.length; // was asked for, on top of the limit
    }
    for (const [key, members] of candidates) {
        if (count <= limit) {
            break;
        }
        folded.add(key);
        count -= members.length - 1;
    }
    return join(drawn, links, groups, folded);
}

function join(drawn, links, groups, folded) {
    const nodes = [];
    const nodeOf = new Map();
    for (const item of drawn) {
        const key = groupKey(item);
        if (item.level && folded.has(key)) {
            continue;
        }
        nodes.push({ ...item, key: `item-${item.id}` });
        nodeOf.set(item.id, `item-${item.id}`);
    }
    for (const key of folded) {
        const members = groups.get(key);
        nodes.push({
            key,
            level: members[0].level,
            class: members[0].class,
            name: members[0].class,
            items: members,
            criticality: members.map((item) => item.criticality).reduce(worse, false),
            supports: members.map((item) => item.supports).reduce(worse, false),
            incidents: members.reduce((sum, item) => sum + item.incidents, 0),
        });
        for (const item of members) {
            nodeOf.set(item.id, key);
        }
    }
    const steps = new Set(drawn.map((item) => `${item.parent}>${item.id}`));
    const joined = new Map();
    for (const [source, target, words, shared] of links) {
        const from = nodeOf.get(source);
        const to = nodeOf.get(target);
        if (!from || !to || from === to) {
            continue;
        }
        const key = `${from}>${to}`;
        const link = joined.get(key) || {
            key,
            source: from,
            target: to,
            words,
            shared: true,
            explains: false,
        };
        // Dashed only where all of the joined ones are shared.
        link.shared = link.shared && Boolean(shared);
        link.explains = link.explains || steps.has(`${source}>${target}`);
        joined.set(key, link);
    }
    return { nodes, links: [...joined.values()] };
}
