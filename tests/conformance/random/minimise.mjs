// Makes a graph smaller as long as a property stays.

/** Smaller graphs than this one, the boldest first. */
function* smaller(graph) {
  const copy = () => structuredClone(graph);
  for (let gone = graph.nodes.length - 1; gone >= 0; gone--) {
    yield without(copy(), gone, false);
    yield without(copy(), gone, true);
  }
  for (const i of graph.edges.keys()) yield edited(copy(), (next) => next.edges.splice(i, 1));
  if (graph.length > 256) yield edited(copy(), (next) => { next.length >>= 1; });
  if (graph.channels > 1) yield edited(copy(), (next) => { next.channels--; });
  for (const [i, { params, options, schedule, buffer }] of graph.nodes.entries()) {
    for (const [name, { events, rate }] of Object.entries(params)) {
      yield edited(copy(), ({ nodes }) => { delete nodes[i].params[name]; });
      if (rate) yield edited(copy(), ({ nodes }) => { delete nodes[i].params[name].rate; });
      for (const e of (events ?? []).keys()) yield edited(copy(), ({ nodes }) => nodes[i].params[name].events.splice(e, 1));
    }
    for (const name of Object.keys(options)) yield edited(copy(), ({ nodes }) => { delete nodes[i].options[name]; });
    if (options.curve?.length > 2) yield edited(copy(), ({ nodes }) => nodes[i].options.curve.splice(1, 1));
    if (schedule?.stop !== undefined) yield edited(copy(), ({ nodes }) => { delete nodes[i].schedule.stop; });
    if (schedule?.start.length > 1) yield edited(copy(), ({ nodes }) => nodes[i].schedule.start.pop());
    if (schedule?.start[0]) yield edited(copy(), ({ nodes }) => { nodes[i].schedule.start[0] = 0; });
    if (buffer?.channels > 1) yield edited(copy(), ({ nodes }) => { nodes[i].buffer.channels--; });
    if (buffer?.length > 1) yield edited(copy(), ({ nodes }) => { nodes[i].buffer.length >>= 1; });
    if (buffer && buffer.shape !== 'ramp') yield edited(copy(), ({ nodes }) => { nodes[i].buffer.shape = 'ramp'; });
  }
}

function edited(graph, edit) {
  edit(graph);
  return graph;
}

// A node goes with its connections, or what fed it now feeds what it fed.
function without(graph, gone, isBridged) {
  const fed = graph.edges.filter(({ to, param }) => to === gone && !param);
  const feeds = graph.edges.filter(({ from }) => from === gone);
  const bridges = isBridged ? fed.flatMap(({ from, output }) => feeds.map((edge) => ({ ...edge, from, output }))) : [];
  const moved = (place) => (place > gone ? place - 1 : place);
  const edges = [...graph.edges.filter(({ from, to }) => from !== gone && to !== gone), ...bridges];
  return { ...graph, nodes: graph.nodes.toSpliced(gone, 1), edges: edges.map((edge) => ({ ...edge, from: moved(edge.from), to: moved(edge.to) })) };
}

// A node without input is no source: what it sends is contested.
const isFed = ({ nodes, edges }) => nodes.every((node, place) => node.schedule || edges.some(({ to, param }) => to === place && !param));

/** The smallest graph found for which `has` (asynchronous; what throws has not) still holds, after at most `tries` trials. */
export async function minimise(graph, has, tries = 400) {
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const next of smaller(graph)) {
      if (!isFed(next)) continue;
      if (tries-- <= 0) return graph;
      if (!await has(next).catch(() => false)) continue;
      graph = next;
      isSmaller = true;
      break;
    }
  }
  return graph;
}
