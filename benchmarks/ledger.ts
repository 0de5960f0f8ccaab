// what the ledger costs: commits a second, how long a caller waits, how many entries share a transaction
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LedgerRecord } from '../packages/core/dist/index.js'
import { type LedgerPlace, openLedger } from '../packages/ledger/dist/index.js'
import pg from '../packages/ledger/node_modules/pg/esm/index.mjs'

const seconds = Number(process.env.SECONDS ?? 2)
const databaseUrl = process.env.DATABASE_URL ?? 'postgres://root@127.0.0.1:5432/test'
const callersAtOnce = [1, 16, 256]

const directory = mkdtempSync(join(tmpdir(), 'ledger-benchmark-'))
console.log(`Node ${process.version}, ${seconds} s each\n`)
console.log('| | at once | commits/s | p50 ms | p99 ms | entries a transaction | slabs/s |')
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |')
try {
  await measure('SQLite', { dataDirectory: join(directory, 'sqlite') })
  await inNewDatabase(url => measure('PostgreSQL', { url, dataDirectory: join(directory, 'postgres') }))
} finally {
  rmSync(directory, { recursive: true, force: true })
}

async function measure(name: string, place: LedgerPlace): Promise<void> {
  const ledger = await openLedger({ ...place, onError: console.error })
  const ask = { budget: 'team', window: 0, limit: 10n ** 18n, least: 1n, most: 1000n }
  try {
    for (const callers of callersAtOnce) {
      await run(callers, seconds / 4, () => ledger.commit(record()))
      const { waits, elapsed, batches } = await run(callers, seconds, () => ledger.commit(record()))
      const slabs = await run(Math.min(callers, 16), seconds / 2, () => ledger.takeSlab(ask))
      const at = (share: number): string => (waits[Math.floor(waits.length * share)] as number).toFixed(2)
      const each = (waits.length / batches).toFixed(1)
      const cells = [name, callers, perSecond(waits, elapsed), at(0.5), at(0.99), each]
      console.log(`| ${[...cells, perSecond(slabs.waits, slabs.elapsed)].join(' | ')} |`)
    }
  } finally {
    await ledger.dispose()
  }
}

async function run(callers: number, forSeconds: number, work: () => Promise<unknown>) {
  const waits: number[] = []
  const begun = performance.now()
  const end = begun + forSeconds * 1000
  let batches = 0
  let turn = false
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      const asked = performance.now()
      await work()
      waits.push(performance.now() - asked)
      // those of one transaction are told in one turn
      if (!turn) {
        turn = true
        batches += 1
        setImmediate(() => {
          turn = false
        })
      }
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  waits.sort((one, other) => one - other)
  return { waits, elapsed: performance.now() - begun, batches }
}

function record(): LedgerRecord {
  const id = randomUUID()
  const told = {
    requestId: id,
    at: Date.now(),
    chain: 'fast',
    operation: 'message',
    principal: 'web',
    tags: ['search'],
    outcome: 'completed',
    finishReason: 'stop',
    latencyMs: 812.5,
    firstTokenMs: 210.25,
  } as const
  const usage = { input: { uncached: 1200, cacheRead: 8000, cacheWrite: {} }, output: { text: 300, reasoning: 0 } }
  return {
    attempt: {
      ...told,
      id,
      callId: `call-${id}`,
      chains: ['fast'],
      provider: 'openai',
      model: 'gpt-5.4-mini',
      target: 'openai/gpt-5.4-mini',
      attempt: 1,
      usage,
      cost: 2_850_000_000n,
      costIs: 'bill',
    },
    request: { ...told, id: `call-${id}`, model: 'fast', target: 'openai/gpt-5.4-mini', attempts: 1 },
    charges: [{ budget: 'team', window: 0, amount: 2_850_000_000n, slabs: [] }],
  }
}

function perSecond(waits: readonly number[], elapsed: number): number {
  return Math.round((waits.length / elapsed) * 1000)
}

async function inNewDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const name = `switchyard_ledger_${process.pid}`
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  await asOwner(`create database ${name}`)
  try {
    await work(url.href)
  } finally {
    await asOwner(`drop database ${name} with (force)`)
  }
}

async function asOwner(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
