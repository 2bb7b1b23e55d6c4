// What a program shows of itself, with what follows from it.

const share = (cost, quantum) => cost / quantum;

/** Costs of nodes summed by a name they have, costliest first. */
function byName(nodes, nameOf) {
  const sums = new Map();
  for (const node of nodes) {
    const name = nameOf(node);
    if (!name) continue;
    const sum = sums.get(name) ?? { name, nodes: 0, seconds: 0, share: 0 };
    sums.set(name, { name, nodes: sum.nodes + 1, seconds: sum.seconds + node.seconds, share: sum.share + node.share });
  }
  return [...sums.values()].sort((a, b) => b.seconds - a.seconds);
}

function summarizeSession(session) {
  const quantumSeconds = session.quantum / session.sampleRate;
  return {
    ...session,
    load: share(session.costAverage, quantumSeconds),
    worstLoad: share(session.costWorst, quantumSeconds),
    time: session.frame / session.sampleRate,
    worklets: byName(session.costliest, ({ processor }) => processor),
  };
}

/** load: the part of a quantum's duration that rendering it takes. worklets: the costliest nodes summed by processor. */
export const summarize = (program) => ({ ...program, sessions: program.sessions.map(summarizeSession) });
