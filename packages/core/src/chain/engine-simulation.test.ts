import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import { responseText } from '../contract/response.ts'
import { GrammarChecker } from '../grammar/grammar-checker.ts'
import {
  type Behaviour,
  type Caller,
  consumerIdleMs,
  idleMs,
  type Ledger,
  type Plan,
  totalMs,
  World,
} from './engine-world.fixture.ts'

const ms = fc.constantFrom(0, 0, 1, 50, 700, 2_999, 3_000, 4_000, 4_001, 9_000)
const kinds = [
  'unavailable',
  'rate-limit',
  'network',
  'authentication',
  'context-length',
  'invalid-request',
  'aborted',
  'bug',
] as const
const failing: fc.Arbitrary<Behaviour> = fc.record(
  {
    type: fc.constant('reject'),
    kind: fc.constantFrom(...kinds),
    afterMs: ms,
    retryAfterMs: fc.constantFrom(10, 900, 2_000),
  },
  { requiredKeys: ['type', 'kind', 'afterMs'] },
)
const streaming: fc.Arbitrary<Behaviour> = fc.record({
  type: fc.constant('stream'),
  afterMs: ms,
  steps: fc.array(fc.oneof(fc.constantFrom('text', 'text', 'reasoning', 'ping'), fc.record({ waitMs: ms })), {
    maxLength: 6,
  }),
  end: fc.constantFrom('finish', 'finish', 'finish', 'cut', 'stall', 'error', 'aborts-itself'),
})
const behaviour = fc.oneof(
  { weight: 3, arbitrary: failing },
  { weight: 4, arbitrary: streaming },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('silence'), deaf: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('stall'), deaf: fc.constant(true), afterMs: ms }) },
)
const ledger: fc.Arbitrary<Ledger> = fc.record({
  admitMs: fc.constantFrom(0, 0, 0, 0, 20, 20, 90_000),
  refuses: fc.constantFrom(false, false, false, true),
  settleMs: fc.constantFrom(0, 0, 30),
  settleThrows: fc.constantFrom(false, false, false, false, true),
})
const caller: fc.Arbitrary<Caller> = fc.record({
  startMs: fc.constantFrom(0, 0, 10, 1_000, 5_000),
  whole: fc.boolean(),
  abortMs: fc.option(ms, { nil: undefined, freq: 2 }),
  deadlineMs: fc.option(fc.constantFrom(1, 500, 4_000, 12_000), { nil: undefined, freq: 2 }),
  pauseMs: fc.constantFrom(0, 0, 5, 3_000, 20_000),
  leavesAfter: fc.option(fc.nat(4), { nil: undefined, freq: 1 }),
})
const plan: fc.Arbitrary<Plan> = fc.record({
  behaviours: fc.array(fc.array(behaviour, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
  nested: fc.boolean(),
  attempts: fc.integer({ min: 1, max: 3 }),
  probes: fc.integer({ min: 1, max: 2 }),
  midStream: fc.constantFrom('continue', 'continue', 'fail'),
  holdBack: fc.option(fc.record({ textMs: ms, toolCallMs: ms }), { nil: undefined, freq: 2 }),
  sameWords: fc.boolean(),
  prefill: fc.array(fc.constantFrom('goes-on', 'begins-anew', 'refuses', undefined), { minLength: 1, maxLength: 3 }),
  hedge: fc.option(
    fc.record({ afterMs: fc.constantFrom(0, 50, 700, 3_000), attempts: fc.integer({ min: 1, max: 2 }) }),
    { nil: undefined, freq: 2 },
  ),
  ledger: fc.array(ledger, { minLength: 1, maxLength: 5 }),
  concurrency: fc.option(
    fc.record({
      limit: fc.integer({ min: 1, max: 2 }),
      maxWaitMs: fc.constantFrom(0, 700, 60_000),
      maxQueue: fc.constantFrom(1, 10),
    }),
    { nil: undefined, freq: 2 },
  ),
  callers: fc.array(caller, { minLength: 1, maxLength: 8 }),
})

// what two settlements, one inside the other, may add to the end of a call
const settlingMs = 60

// who waits for an answer that is gone on with, or held back, hears of it this often
const pingMs = 5_000

function silenceMs(world: World): number {
  // where one chain is in another, either begins to count when it begins to go on
  return world.goesOn || world.readsAhead ? idleMs + 2 * pingMs : idleMs
}

async function live(world: World, caller: Caller, name: string): Promise<void> {
  const { clock, chain, problems } = world
  const sleep = (time: number): Promise<void> => new Promise(resolve => clock.timer(time, resolve))
  await sleep(caller.startMs)
  const controller = new AbortController()
  const started = clock.monotonic()
  world.inFlight++
  const { abortMs, deadlineMs } = caller
  let over = false
  if (abortMs !== undefined) {
    clock.timer(abortMs, () => {
      controller.abort()
      if (!over && world.sending(name) > 0) problems.push('the upstream was open after an abort')
    })
  }
  const listeners = countListeners(controller.signal)
  const checker = new GrammarChecker()
  let text = ''
  let sentWhenShown: number | undefined
  let finished = false
  let paused = 0
  try {
    const context = {
      requestId: name,
      signal: controller.signal,
      ...(deadlineMs !== undefined && { deadline: started + deadlineMs }),
    }
    const messages = [{ role: 'user' as const, content: 'Hello?' }]
    const stream = await chain.sendMessage({ messages, stream: !caller.whole }, context)
    sentWhenShown = world.sent.get(name)
    if (world.sending(name) > (caller.whole ? 0 : 1)) problems.push('another attempt was open beside the answer')
    if (caller.whole) {
      const response = await stream.response()
      text = responseText(response)
      world.checkBilled(name, response.billed)
      finished = true
    } else {
      const iterator = stream.batches()
      for (let batches = 0; ; batches++) {
        const asked = clock.monotonic()
        const { done, value } = await iterator.next().finally(() => {
          if (clock.monotonic() - asked > silenceMs(world) + settlingMs) problems.push('a silence was not seen')
        })
        if (done === true) break
        for (const chunk of value) {
          checker.add(chunk)
          if (chunk.type === 'text-delta') text += chunk.text
          if (chunk.type === 'finish') {
            finished = true
            world.checkBilled(name, chunk.billed)
          }
        }
        if (batches === caller.leavesAfter) {
          await iterator.return?.()
          break
        }
        paused += caller.pauseMs
        if (caller.pauseMs > 0) await sleep(Math.min(caller.pauseMs, consumerIdleMs))
        if (caller.pauseMs > consumerIdleMs) {
          await sleep(caller.pauseMs - consumerIdleMs)
          if (!world.readsAhead && world.sending(name) > 0)
            problems.push('the upstream was kept open for a consumer who slept')
        }
      }
      if (finished) checker.end()
    }
  } catch (error) {
    if (!(error instanceof SwitchyardError)) problems.push(`the caller was thrown ${error}`)
    if (finished) problems.push('an error came after the finish')
  }
  over = true
  const ended = clock.monotonic()
  const limit = Math.min(totalMs, deadlineMs ?? totalMs) + paused + settlingMs
  if (ended - started > limit) problems.push(`a call took ${ended - started} ms of ${limit}`)
  if (abortMs !== undefined && paused === 0 && ended > started + abortMs + settlingMs) {
    problems.push('an abort was heard late')
  }
  const texts = world.texts.get(name) ?? []
  const fits = texts.some(whole => (finished ? whole === text : whole.startsWith(text)))
  if (text !== '' && !fits) problems.push(`"${text}" is no beginning of one of ${JSON.stringify(texts)}`)
  const sent = world.sent.get(name) ?? 0
  if (sent > chain.attemptBound) problems.push(`${sent} attempts of ${chain.attemptBound} were made`)
  world.inFlight--
  await sleep(settlingMs)
  if (world.inFlight === 0 && world.waiting > 0) problems.push(`${world.waiting} timers are left when no call is`)
  await sleep(100_000)
  if (!world.goesOn && sentWhenShown !== undefined && sentWhenShown !== world.sent.get(name))
    problems.push('it tried again after commit')
  if (listeners() > 0) problems.push('a listener was left on the signal')
}

function countListeners(signal: AbortSignal): () => number {
  let count = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--
    remove(...args)
  }
  // an event that was heard takes its listener with it
  return () => (signal.aborted ? 0 : count)
}

it('keeps its promises whatever providers, steps and callers do', async () => {
  const unhandled: unknown[] = []
  const hear = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', hear)
  try {
    await fc.assert(
      fc.asyncProperty(plan, async made => {
        const world = new World(made)
        let lived = 0
        for (const [index, caller] of made.callers.entries()) {
          void live(world, caller, `request-${index}`).then(
            () => lived++,
            error => world.problems.push(`the test failed: ${error}`),
          )
        }
        await world.clock.runAll()
        let drained = false
        void world.chain.dispose({ drain: true }).then(() => {
          drained = true
        })
        await world.clock.runAll()
        world.checkAtRest()
        expect(world.problems).toEqual([])
        expect(unhandled).toEqual([])
        expect({ lived, drained }).toEqual({ lived: made.callers.length, drained: true })
      }),
      { numRuns: 1500 },
    )
  } finally {
    process.off('unhandledRejection', hear)
  }
})
