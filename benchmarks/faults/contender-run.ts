// One contender at every fault, in a process of its own: a line of JSON for each.
import type { Simulator } from '@switchyard/simulator'
import type { Pair, Provider } from './ask.ts'

import { measure } from './cell.ts'
import { contenders } from './contenders/all.ts'
import { type Row, rows } from './faults.ts'
import { openScene } from './scene.ts'

const load = contenders[process.env.NAME ?? '']
if (load === undefined) throw new Error(`There is no contender "${process.env.NAME}".`)
let unhandled = 0
process.on('unhandledRejection', () => unhandled++)
process.on('uncaughtException', () => unhandled++)

const only = process.env.ROWS?.split(',')
const asked = only === undefined ? rows : rows.filter(({ id }) => only.some(part => id.startsWith(part)))
const { name, setup, packages, open } = await load()
const scenes = await Promise.all(asked.map(row => openScene(row.usual, row.primary, row.secondary)))
const provider = ({ baseURL, apiKey }: Simulator): Provider => ({ baseURL, apiKey })
const pairs = scenes.map(({ primary, secondary }, at): Pair => {
  const { prefill, limits } = asked[at] as Row
  return { primary: provider(primary), secondary: provider(secondary), prefill, limits }
})
const { clients, close } = await open(pairs)
console.log(JSON.stringify({ name, setup, packages }))
for (const [at, row] of asked.entries()) {
  const [scene, client] = [scenes[at], clients[at]]
  if (scene === undefined || client === undefined) throw new Error(`${name} has no client for ${row.id}.`)
  console.log(JSON.stringify(await measure(row, scene, client, () => unhandled)))
}
await close()
process.exit(0)
