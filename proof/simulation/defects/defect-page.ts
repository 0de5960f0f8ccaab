import type { SimulationName } from './bundle.ts'
import type { FoundDefect } from './find-defect.ts'

/** docs/proof.md. */
export function defectPage(found: readonly FoundDefect[]): string {
  const table = (simulation: SimulationName): string => {
    const rows = found
      .filter(({ defect }) => defect.simulation === simulation)
      .map(({ defect: { name, says }, seeds, invariant }) => {
        const broke = seeds === undefined ? 'not found' : invariant
        return `| ${name} | ${says} | ${seeds ?? '–'} | ${broke} |`
      })
    return `| planted | what follows | seeds | broke |\n| --- | --- | ---: | --- |\n${rows.join('\n')}\n`
  }
  return `${head}
## The engine

${engine}
${table('engine')}
## Money and limits

${money}
${table('money')}`
}

const head = `# What is proven

Deterministic simulations live thousands of small worlds. The seed of a world chooses what comes next, and equal timers
come in any order; what must hold is judged by the world and not by our code. How to live a world again is in
[proof/simulation](../proof/simulation/README.md).

That a simulation finds nothing says little, unless it finds what is there. So mistakes are planted into our sources,
one at a time, and each must be found. \`seeds\` is how many worlds were lived until one broke, and \`broke\` what did;
written by \`pnpm run docs:proof\`.
`

const engine = `Chains, nested ones too, among vendors that refuse, fall silent, stall, drip, cut, end without an end, say other words
the second time, hear no abort; with callers who abort, pause, leave and set deadlines; with hold-back, hedging,
continuation, retries, circuits, limits and budgets on. Judged by what vendors sent and what callers saw, by sockets,
timers and listeners, and by a model of the circuits of its own.
`

const money = `Processes with chains, limits and accounts, providers with their own bills, one database behind connections that fail,
callers who leave. The seed chooses a chunk, a timer, an abort, a database's reply, a process's death or its sleep, the
end of a lease or of a budget's window. Judged by the providers' bills, by what the database holds at each step, by what
callers were shown.
`
