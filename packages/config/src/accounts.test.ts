import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatMoney } from '@switchyard/core'
import { startSimulator } from '@switchyard/simulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { assemble } from './assemble.ts'
import { parseConfig } from './parse-config.ts'

// a machine that is busy opens ledgers slowly
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchyard-accounts-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true })
})

const ask = { messages: [{ role: 'user', content: 'hello' }], maxOutputTokens: 50, stream: false } as const

async function assembled(more: string, options: Parameters<typeof assemble>[1] = { directory }) {
  const simulator = await startSimulator({ anyModel: true })
  const config = parseConfig(`
providers: { lab: { type: openai-compatible, baseURL: "${simulator.baseURL}", apiKey: ${simulator.apiKey}, price: { input: 1, output: 2 } } }
chains: { outer: { targets: [inner] }, inner: { targets: [lab/a] } }
${more}`)
  const switchyard = await assemble(config, options)
  return {
    simulator,
    switchyard,
    async [Symbol.asyncDispose]() {
      await switchyard.dispose()
      await simulator.close()
    },
  }
}

const budget = 'server: { budget: all }\nbudgets: { all: { limit: 1 USD, window: total } }'

describe('what is used', () => {
  test('is recorded for chains, chains in chains, and models asked directly, each request once', async () => {
    await using running = await assembled(budget)
    const { switchyard, simulator } = running
    for (const model of ['outer', 'inner', 'lab/a', 'lab/unlisted']) {
      await switchyard
        .resolve(model)
        .sendMessage(ask)
        .then(stream => stream.response())
    }
    const { inputTokens, outputTokens } = simulator.bill.totals
    const bill = BigInt(inputTokens) * 1_000_000n + BigInt(outputTokens) * 2_000_000n
    const report = await switchyard.ledger?.usage()
    expect(report?.total.requests.total).toBe(4)
    expect(report?.total.attempts.total).toBe(4)
    expect(formatMoney(report?.total.cost.total ?? 0n)).toBe(formatMoney(bill))
    const [standing] = (await switchyard.accounting?.budgets()) ?? []
    expect(standing?.settled).toBe(bill)
  })

  test('is kept under the directory, and is there the next time', async () => {
    {
      await using running = await assembled(budget)
      await running.switchyard
        .resolve('inner')
        .sendMessage(ask)
        .then(stream => stream.response())
    }
    expect(existsSync(join(directory, '.switchyard', 'ledger.db'))).toBe(true)
    await using again = await assembled(budget)
    const [standing] = (await again.switchyard.accounting?.budgets()) ?? []
    expect(standing?.settled).toBeGreaterThan(0n)
    expect(standing?.reserved).toBe(0n)
  })

  test('is not recorded where nobody asks for it, and nothing is written', async () => {
    await using running = await assembled('')
    await running.switchyard
      .resolve('inner')
      .sendMessage(ask)
      .then(stream => stream.response())
    expect(running.switchyard.ledger).toBeUndefined()
    expect(existsSync(join(directory, '.switchyard'))).toBe(false)
  })

  test('is recorded without budgets where a data directory is named', async () => {
    await using running = await assembled('', { directory, dataDirectory: join(directory, 'data') })
    await running.switchyard
      .resolve('inner')
      .sendMessage(ask)
      .then(stream => stream.response())
    expect((await running.switchyard.ledger?.usage())?.total.requests.total).toBe(1)
  })
})

test('prompts are kept only where that is asked for, and then redacted', async () => {
  const secret = { ...ask, messages: [{ role: 'user', content: 'write to ada@example.org' }] } as const
  const promptIn = async (more: string): Promise<string | undefined> => {
    await using running = await assembled(`${budget}\n${more}`)
    const stream = await running.switchyard.resolve('inner').sendMessage(secret, { requestId: `of-${more}` })
    await stream.response()
    const [entry] = (await running.switchyard.ledger?.entry(`of-${more}`)) ?? []
    return entry?.request?.prompt
  }
  expect(await promptIn('')).toBeUndefined()
  expect(await promptIn('ledger: { keepPrompts: redacted }')).toBe('user: write to [address]')
})

test('limits hold for what holds them alone', async () => {
  await using running = await assembled('limits: { few: { requestsPerDay: 1 } }\nmodels: { lab/a: { limit: few } }')
  const send = (model: string) =>
    running.switchyard
      .resolve(model)
      .sendMessage(ask)
      .then(stream => stream.response())
  await send('lab/a')
  await expect(send('outer')).rejects.toMatchObject({ kind: 'rate-limit', code: 'limit' })
  await send('lab/b')
})

test('a data directory belongs to one process, and is free once it is let go', async () => {
  await using running = await assembled(budget)
  await expect(assembled(budget)).rejects.toMatchObject({ code: 'data-directory' })
  await running.switchyard.dispose()
  await using again = await assembled(budget)
  expect(again.switchyard.ledger).toBeDefined()
})

describe('a ledger that cannot be opened', () => {
  const assembling = (ledger: string) => {
    const providers = 'providers: { lab: { type: openai-compatible, baseURL: "http://127.0.0.1:9/v1" } }'
    return assemble(parseConfig(`${providers}\nledger: ${ledger}`), { directory })
  }

  test('for its data directory belongs to another is no mistake of the configuration', async () => {
    await using _running = await assembling('{ keepPrompts: redacted }')
    await expect(assembling('{ keepPrompts: redacted }')).rejects.toMatchObject({ code: 'data-directory' })
  })

  test('for its database is away is told with its line, and what to do', async () => {
    await expect(assembling('{ url: "postgres://me:secret@127.0.0.1:1/none" }')).rejects.toThrow(
      /^switchyard\.yaml:2: ledger\.url: .*127\.0\.0\.1:1\/none is away \(ECONNREFUSED\)\. Start it, or correct this URL\.$/,
    )
  })
})
