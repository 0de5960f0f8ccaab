import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AttemptEntry, RequestEntry } from '@switchyard/core'
import { openLedger } from '@switchyard/ledger'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

// a machine that is busy starts processes slowly
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const at = Date.UTC(2026, 10, 20, 22, 30)

let directory: string
beforeAll(() => {
  if (!existsSync(main)) throw new Error('Build first: npx pnpm@12 build')
})
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchyard-cli-'))
})
afterEach(() => rm(directory, { recursive: true }))

function switchyard(args: readonly string[], environment: Record<string, string> = {}) {
  return new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>(resolve => {
    const env = { PATH: process.env.PATH ?? '', ...environment }
    execFile(process.execPath, [main, ...args], { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

const common = { requestId: 'one', at, chain: 'fast', operation: 'message', latencyMs: 100 } as const

function attempt(entry: Partial<AttemptEntry> = {}): AttemptEntry {
  return {
    ...common,
    id: 'attempt',
    callId: 'request',
    chains: ['fast'],
    provider: 'openai',
    model: 'gpt',
    target: 'openai/gpt',
    tags: ['=SUM(A1)', 'say "hi", you'],
    principal: 'web',
    outcome: 'completed',
    attempt: 1,
    cost: 123_456_789_012n,
    costIs: 'bill',
    ...entry,
  }
}

const request: RequestEntry = {
  ...common,
  id: 'request',
  tags: [],
  outcome: 'completed',
  attempts: 1,
  target: 'openai/gpt',
}

async function usedLedger(dataDirectory: string) {
  const ledger = await openLedger({ dataDirectory })
  await ledger.commit({ attempt: attempt(), request, charges: [] })
  return ledger
}

describe('switchyard usage', () => {
  it('reads what a running gateway records', async () => {
    await using _ = await usedLedger(join(directory, '.switchyard'))
    const { code, stdout, stderr } = await switchyard(['usage', '--by', 'model,key'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('Usage of all time (UTC)')
    expect(stdout).toMatch(/^Cost +0\.12 USD +0\.12 USD a request on average$/m)
    expect(stdout).toMatch(/^openai\/gpt +1 +1 +0\.0% +0 +102 ms +0\.12 +100\.0%$/m)
    expect(stdout).toMatch(/^web +0 +1 /m)
    expect(stdout).toContain('Amounts are rounded')
  })

  it('gives exact amounts as CSV that no spreadsheet runs', async () => {
    await (await usedLedger(join(directory, 'data'))).dispose()
    const { stdout } = await switchyard(['usage', '--data-directory', 'data', '--by', 'tag', '--format', 'csv'])
    const [head, total, ...tags] = stdout.split('\r\n')
    expect(head).toMatch(/^by,name,requests,/)
    expect(total).toMatch(/^total,,1,1,0,0,1,.*,0\.123456789012,/)
    expect(tags.map(line => line.split(',1,')[0])).toEqual(expect.arrayContaining([`tag,'=SUM(A1),0,0,0,0`]))
    expect(stdout).toContain('tag,"say ""hi"", you",')
  })

  it('gives exact amounts as JSON, days and moments by a time zone', async () => {
    await (await usedLedger(join(directory, 'data'))).dispose()
    const asked = ['--from', '2026-11-21', '--by', 'day', '--time-zone', 'Asia/Kolkata', '--format', 'json']
    const { stdout } = await switchyard(['usage', ...asked], { SWITCHYARD_DATA_DIR: 'data' })
    expect(JSON.parse(stdout)).toMatchObject({
      from: '2026-11-20T18:30:00.000Z',
      timeZone: 'Asia/Kolkata',
      total: { cost: { total: '0.123456789012 USD' } },
      by: { day: [{ name: '2026-11-21', requests: { total: 1 } }] },
    })
  })

  it('tells what of the cost nobody knows for sure, and that tags add up to more', async () => {
    const ledger = await usedLedger(join(directory, 'data'))
    const cut = { outcome: 'cancelled', errorKind: 'aborted' } as const
    const bound = { cost: 3_000_000_000_000n, costIs: 'bound', estimate: 1_000_000_000_000n } as const
    await ledger.commit({ attempt: attempt({ id: 'cut', ...cut, ...bound }), charges: [] })
    const failed = { outcome: 'failed', errorKind: 'timeout' } as const
    const unknown = { cost: 2_000_000_000_000n, costIs: 'unknown' } as const
    await ledger.commit({ attempt: attempt({ id: 'unknown', ...failed, ...unknown }), charges: [] })
    await ledger.dispose()
    const { stdout } = await switchyard(['usage', '--data-directory', 'data', '--by', 'tag,model'])
    expect(stdout).toMatch(
      /^ {2}at most +3\.00 USD +of it for 1 attempt whose bill nobody knows, guessed at 1\.00 USD$/m,
    )
    expect(stdout).toMatch(/^ {2}at least +2\.00 USD +of it for 1 attempt at models without a known price$/m)
    expect(stdout).toMatch(/^Errors +50\.0% +timeout 1$/m)
    expect(stdout).toContain('What has several tags counts under each of them: these add up to more than the total.')
  })

  it('tells where the budgets of the configuration stand', async () => {
    await writeFile(
      join(directory, 'switchyard.yaml'),
      'providers: { a: { type: openai, apiKey: k } }\nbudgets: { team: { limit: 10 USD, window: total } }\nserver: { budget: team }\n',
    )
    const ledger = await openLedger({ dataDirectory: join(directory, '.switchyard') })
    const charge = { budget: 'team', window: 0, amount: 2_500_000_000_000n, slabs: [] }
    await ledger.commit({ attempt: attempt(), charges: [charge] })
    await ledger.dispose()
    const { stdout, stderr } = await switchyard(['usage'])
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^team +total +10\.00 USD +2\.50 USD +0 USD +7\.50 USD +25\.0%$/m)
  })

  it('shows nothing that moves the cursor', async () => {
    const ledger = await openLedger({ dataDirectory: join(directory, 'data') })
    await ledger.commit({ attempt: attempt({ tags: ['\u001b[2Jgone'] }), charges: [] })
    await ledger.dispose()
    const { stdout } = await switchyard(['usage', '--data-directory', 'data', '--by', 'tag'])
    expect(stdout).toContain('\ufffd[2Jgone')
    expect(stdout).not.toContain('\u001b')
  })

  it.each([
    [['usage', '--by', 'modle'], '--by: usage is not grouped by "modle"; use model, provider'],
    [['usage', '--format', 'xml'], 'Allowed choices are table, json, csv'],
    [['usage', '--config', 'a.yaml', '--data-directory', 'b'], 'give one of them'],
    [['usages'], "unknown command 'usages'"],
    [['key', 'new'], "required option '--name <name>' not specified"],
    [['key', 'new', '--name', 'a b'], '--name takes up to 64 letters'],
  ])('refuses %j as a mistake', async (args, message) => {
    const { code, stderr } = await switchyard(args)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  it.each([
    [
      'budgets: { team: { limit: 10 USD } }\nserver:\n  budgett: team\n',
      ':3: server.budgett: unknown key; did you mean',
    ],
    ['providers:\n  a: { type: openai\nbudgets: 3\n', ':3: not valid YAML'],
    [
      `providers:\n  a: { type: openai, apiKey: "$\{NOPE}" }\n`,
      ':2: providers.a.apiKey: the environment variable NOPE',
    ],
  ])('names line and cure of a configuration that is wrong', async (text, message) => {
    await writeFile(join(directory, 'switchyard.yaml'), text)
    const { code, stdout, stderr } = await switchyard(['usage'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`switchyard: switchyard.yaml`)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
  })

  it('says where no ledger is, and that none answers, without the password', async () => {
    const missing = await switchyard(['usage'])
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no ledger yet') })
    const url = 'postgres://root:secret@127.0.0.1:1/test'
    const away = await switchyard(['usage'], { DATABASE_URL: url })
    expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('PostgreSQL at 127.0.0.1:1/test is away') })
    expect(away.stderr).not.toContain('secret')
  })
})

describe('switchyard migrate', () => {
  it('tells that there is no ledger yet, and makes none to tell', async () => {
    const { code, stdout } = await switchyard(['migrate', '--status', '--data-directory', 'data'])
    expect(code).toBe(0)
    expect(stdout).toContain(`There is no ledger yet in ${join(directory, 'data')}. A gateway makes it`)
    expect(stdout).toContain('0001-entries-and-budgets  to be run')
    expect(existsSync(join(directory, 'data'))).toBe(false)
  })

  it('makes the tables once, tells of them, and leaves those of a running gateway alone', async () => {
    const made = await switchyard(['migrate', '--data-directory', 'data'])
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('0002-usage-rollups  done') })
    expect((await switchyard(['migrate', '--data-directory', 'data'])).stdout).toBe('The tables are up to date.\n')
    const { stdout } = await switchyard(['migrate', '--status', '--data-directory', 'data'])
    expect(stdout).toMatch(/^0001-entries-and-budgets {2}\d{4}-\d\d-\d\dT/)
    await using _ = await openLedger({ dataDirectory: join(directory, 'data') })
    const owned = await switchyard(['migrate', '--data-directory', 'data'])
    expect(owned).toMatchObject({ code: 1, stderr: expect.stringContaining('belongs to process') })
  })
})

describe('switchyard key new', () => {
  it('shows a key once, and the line with its hash', async () => {
    const { code, stdout } = await switchyard(['key', 'new', '--name', 'web'])
    expect(code).toBe(0)
    const [key = '', line] = stdout.split('\n')
    expect(key).toMatch(/^sy-[\w-]{43}$/)
    expect(line).toBe(`- { name: "web", hash: "sha256:${createHash('sha256').update(key).digest('hex')}" }`)
  })
})
