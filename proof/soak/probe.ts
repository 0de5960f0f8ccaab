// Loaded into the gateway's process before it (`--import`, with `--expose-gc`): on SIGUSR2 it collects what is garbage,
// counts what is left, and writes that as JSON to the file that SOAK_PROBE names.
import { renameSync, writeFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'

process.on('SIGUSR2', async () => {
  // what finalizers let go of is garbage of the next round
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.()
    await turn()
  }
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  const { heapUsed, external } = process.memoryUsage()
  const file = process.env.SOAK_PROBE as string
  writeFileSync(`${file}.new`, JSON.stringify({ heapBytes: heapUsed, externalBytes: external, resources }))
  renameSync(`${file}.new`, file)
})
