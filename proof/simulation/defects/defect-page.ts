import type { FoundDefect } from './find-defect.ts'

/** docs/proof.md. */
export function defectPage(found: readonly FoundDefect[]): string {
  const rows = found.map(({ defect: { name, says }, seeds, invariant }) => {
    const broke = seeds === undefined ? 'not found' : invariant
    return `| ${name} | ${says} | ${seeds ?? '–'} | ${broke} |`
  })
  return `${head}${rows.join('\n')}\n`
}

const head = `# What is proven of money and limits

A deterministic simulation lives thousands of small worlds: processes with chains, limits and accounts, providers with
their own bills, one database behind connections that fail, callers who leave. The seed of a world chooses what comes
next: a chunk, a timer, an abort, a database's reply, a process's death or its sleep, the end of a lease or of a
budget's window. What must hold is judged by the world and not by our code: by the providers' bills, by what the
database holds at each step, by what callers were shown.

That a simulation finds nothing says little, unless it finds what is there. So mistakes are planted into our sources,
one at a time, and each must be found. \`seeds\` is how many worlds were lived until one broke, and \`broke\` what did;
written by \`pnpm run docs:proof\`. How to live a world again is in [proof/simulation](../proof/simulation/README.md).

| planted | what follows | seeds | broke |
| --- | --- | ---: | --- |
`
