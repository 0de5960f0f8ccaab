// The ledger's share of a gateway request: without one, embedded, in PostgreSQL; each entry and budget durable before the answer's end.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTestDatabase } from '../tools/test-services/src/index.ts'
import { freePort, listening } from './listening.ts'
import { median, type Said, start, stop } from './processes.ts'

const rounds = Number(process.env.ROUNDS ?? 3)
const main = fileURLToPath(new URL('../apps/gateway/dist/main.js', import.meta.url))
const bare = 'no ledger'

const accounts = {
  server: { budget: 'all' },
  budgets: { all: { limit: '1000000 USD', window: 'month' } },
  models: { 'first/fixed': { maxOutputTokens: 1_000, price: { input: 0.15, output: 0.6 } } },
}

type Place = (databaseURL: string) => { readonly configuration: object; readonly keeps: boolean }

const places: Readonly<Record<string, Place>> = {
  [bare]: () => ({ configuration: {}, keeps: false }),
  'SQLite, entries alone': () => ({ configuration: {}, keeps: true }),
  'SQLite, a budget too': () => ({ configuration: accounts, keeps: true }),
  'PostgreSQL, entries alone': url => ({ configuration: { ledger: { url } }, keeps: true }),
  'PostgreSQL, a budget too': url => ({ configuration: { ...accounts, ledger: { url } }, keeps: true }),
}

async function measure(upstream: string, callers: number, place: Place): Promise<Said> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-benchmark-'))
  const database = await createTestDatabase()
  const { configuration, keeps } = place(database?.url ?? '')
  const file = join(folder, 'switchyard.json')
  const providers = { first: { type: 'openai-compatible', baseURL: upstream, apiKey: 'none' } }
  const chains = { fast: { midStream: 'fail', targets: ['first/fixed'] } }
  await writeFile(file, JSON.stringify({ ...configuration, providers, chains }))
  const port = await freePort()
  const environment: Record<string, string> = keeps ? { SWITCHYARD_DATA_DIR: join(folder, 'data') } : {}
  const gateway = await listening([main, '--config', file, '--port', String(port)], port, '/readyz', environment)
  const body = { model: 'fast', max_tokens: 100, messages: [{ role: 'user', content: 'Say a few words.' }] }
  try {
    const env = { URL: `${gateway.address}/v1`, BODY: JSON.stringify(body), CONCURRENT: String(callers), HEADERS: '{}' }
    return (await start('./gateway-load.ts', env)).said
  } finally {
    await stop(gateway.child)
    await database?.drop()
    await rm(folder, { recursive: true })
  }
}

const { child, said } = await start('./upstream.ts', { WORDS: '20' })
for (const callers of [1, 64]) {
  const runs = new Map<string, Said[]>(Object.keys(places).map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, place] of Object.entries(places)) runs.get(name)?.push(await measure(said.url, callers, place))
  }
  const figure = (name: string, of: 'requests' | 'p50'): number =>
    median((runs.get(name) ?? []).map(run => run[of] as number))
  console.log(`\nwhole answers, ${callers} at once`)
  console.table(
    Object.fromEntries(
      [...runs.keys()].map(name => [
        name,
        {
          'requests/s': Math.round(figure(name, 'requests')),
          [`× ${bare}`]: Math.round((figure(name, 'requests') / figure(bare, 'requests')) * 100) / 100,
          'p50 ms': Math.round(figure(name, 'p50') * 100) / 100,
          'added ms': Math.round((figure(name, 'p50') - figure(bare, 'p50')) * 100) / 100,
        },
      ]),
    ),
  )
}
await stop(child)
