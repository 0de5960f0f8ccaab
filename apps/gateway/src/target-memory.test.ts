import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BreakerBoard, systemClock } from '@switchyard/core'
import { createPerformance } from '@switchyard/core/routing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TargetMemory } from './target-memory.ts'
import { type TestDataDirectory, testDataDirectory } from './testing/data-directory.ts'

let data: TestDataDirectory
let failures: string[]
beforeEach(async () => {
  data = await testDataDirectory()
  failures = []
})
afterEach(() => data[Symbol.asyncDispose]())

/** One run of a gateway. */
function run(directory = data.path) {
  const breakers = new BreakerBoard({ clock: systemClock, random: () => 0 })
  const target = breakers.target('lab', 'tiny', { minimumCalls: 1, openForMs: 60_000 })
  const performance = createPerformance()
  const memory = new TargetMemory(directory, { breakers, performance }, ({ message }) => failures.push(message))
  const fail = () =>
    breakers
      .breaker('lab/tiny')
      .adopt({ name: 'open', remainingMs: 60_000, retryAfterMs: 0, failedProbes: 0 }, systemClock.monotonic())
  const see = async () => {
    const permit = await performance.step.admit(attempt, systemClock.monotonic())
    await permit.settle({ type: 'completed', durationMs: 1 }, systemClock.monotonic())
  }
  const states = () => Object.fromEntries(breakers.states().map(({ circuit, state }) => [circuit, state]))
  return { breakers, target, performance, memory, fail, see, states }
}

const attempt = {
  id: 'call.1',
  callId: 'call',
  requestId: 'request',
  chain: 'chain',
  chains: ['chain'],
  nested: false,
  target: 'lab/tiny',
  provider: 'lab',
  model: 'tiny',
  attempt: 1,
  operation: 'message',
  request: { messages: [] },
  context: {},
} as const

const file = () => join(data.path, 'targets.json')
async function age(byMs: number): Promise<void> {
  const kept = JSON.parse(await readFile(file(), 'utf8'))
  kept.circuits.at -= byMs
  kept.performance.at -= byMs
  await writeFile(file(), JSON.stringify(kept))
}

describe('what is known of targets', () => {
  test('goes from one run to the next', async () => {
    const first = run()
    await first.memory.restore()
    first.fail()
    await first.see()
    first.breakers.isolate('lab')
    await first.memory.save()
    expect(await readdir(data.path)).toEqual(['targets.json'])
    const second = run()
    await second.memory.restore()
    expect(second.states()).toEqual({ 'lab (network)': 'closed', lab: 'isolated', 'lab/tiny': 'open' })
    expect(second.performance.records()).toMatchObject([{ target: 'lab/tiny', succeeded: 1 }])
    expect(failures).toEqual([])
  })

  test('is forgotten after an hour, but not what was isolated by hand', async () => {
    const first = run()
    first.fail()
    await first.see()
    first.breakers.isolate('lab')
    await first.memory.save()
    await age(3_700_000)
    const second = run()
    await second.memory.restore()
    expect(second.states()).toEqual({ 'lab (network)': 'closed', lab: 'isolated', 'lab/tiny': 'closed' })
    expect(second.performance.records()).toEqual([])
    expect(failures).toEqual([])
  })

  test('is kept as it was last, however many keep it at once', async () => {
    const first = run()
    const saving = [first.memory.save()]
    first.breakers.isolate('lab')
    saving.push(first.memory.save(), first.memory.save())
    await Promise.all(saving)
    const second = run()
    await second.memory.restore()
    expect(second.states()).toMatchObject({ lab: 'isolated' })
  })

  test.each([
    ['cut', '{ "version": 1, "circ'],
    ['of another kind', '{}'],
    ['of another version', '{ "version": 2, "circuits": { "version": 1, "at": 0, "circuits": {} } }'],
    ['nothing', 'null'],
    ['empty', '{ "version": 1 }'],
    [
      'full of nonsense',
      `{ "version": 1, "circuits": { "version": 1, "at": ${Date.now()}, "circuits": { "lab": 7 } } }`,
    ],
  ])('is nothing where the file is %s, which is told and does no harm', async (_, text) => {
    await writeFile(file(), text)
    const second = run()
    await second.memory.restore()
    expect(Object.values(second.states())).toEqual(['closed', 'closed', 'closed'])
    expect(failures).toEqual([expect.stringMatching(/^What is known of targets is not read: .*targets\.json: ./)])
  })

  test('is not read from a file that is far too large', async () => {
    await writeFile(file(), '{}')
    await truncate(file(), 17_000_000)
    await run().memory.restore()
    expect(failures).toEqual([expect.stringContaining('it has 17000000 bytes')])
  })

  test('that cannot be kept is told, and does no harm', async () => {
    await writeFile(file(), 'a file')
    const first = run(join(file(), 'below'))
    await first.memory.save()
    expect(failures).toEqual([expect.stringMatching(/^What is known of targets is not written: /)])
  })
})
