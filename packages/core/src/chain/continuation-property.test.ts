import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ResponseAccumulator } from '../contract/accumulator.ts'
import type { MessageChunk } from '../contract/chunk.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { AssistantMessage } from '../contract/message.ts'
import type { MessageRequest } from '../contract/request.ts'
import { GrammarChecker } from '../grammar/grammar-checker.ts'
import type { ScriptedAnswer } from '../testing/index.ts'
import type { ScriptedStep } from '../testing/scripted-source.ts'
import { ask, outcome, scene } from './chain.fixture.ts'

/** How one attempt at a text goes. */
interface Plan {
  readonly prefill: 'takes' | 'ignores' | 'refuses' | 'unknown'
  /** After how many characters of the whole text it breaks; `undefined`: it does not. */
  readonly breaksAt: number | undefined
  readonly breaks: 'cut' | 'stall' | 'error'
  /** The place at which it says something else. */
  readonly differsAt: number | undefined
  readonly sizes: readonly number[]
  readonly newBlockEvery: number
  readonly thinks: boolean
  readonly waitMs: number
}

const words = fc.array(fc.constantFrom('the ', 'rain ', 'falls, ', 'ha ', ' ', '\n\n', '雨', '😀', 'in'), {
  minLength: 1,
  maxLength: 60,
})
const plan: fc.Arbitrary<Plan> = fc.record({
  prefill: fc.constantFrom('takes', 'ignores', 'refuses', 'unknown'),
  breaksAt: fc.option(fc.nat(150), { nil: undefined, freq: 3 }),
  breaks: fc.constantFrom('cut', 'stall', 'error'),
  differsAt: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(100) }),
  sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
  newBlockEvery: fc.integer({ min: 2, max: 9 }),
  thinks: fc.boolean(),
  waitMs: fc.constantFrom(0, 0, 10, 700),
})

function answer(request: MessageRequest, model: string, whole: string, made: Plan): ScriptedAnswer {
  const last = request.messages.at(-1)
  const said = last?.role === 'assistant' ? ((last as AssistantMessage).content as string) : ''
  if (said !== '' && made.prefill === 'refuses')
    return { type: 'reject', error: new SwitchyardError('invalid-request', 'No prefill.', { status: 400 }) }
  const { differsAt, breaksAt, sizes } = made
  let own = whole
  if (differsAt !== undefined && differsAt < whole.length)
    own = `${whole.slice(0, differsAt)}#${whole.slice(differsAt)}`
  const end = Math.min(own.length, breaksAt ?? own.length)
  const pieces: ScriptedStep[] = [[{ type: 'start', model }]]
  let id = 0
  const push = (...chunks: MessageChunk[]): void => void pieces.push(chunks)
  if (made.thinks) {
    push({ type: 'reasoning-start', id, origin: 'x' }, { type: 'reasoning-delta', id, text: 'Hm.' })
    push({ type: 'reasoning-end', id: id++, complete: true })
  }
  push({ type: 'text-start', id })
  for (let at = made.prefill === 'takes' ? said.length : 0, turn = 1; at < end; turn++) {
    const to = Math.min(end, at + (sizes[turn % sizes.length] as number))
    push({ type: 'text-delta', id, text: own.slice(at, to) })
    if (made.waitMs > 0) pieces.push({ waitMs: made.waitMs })
    if (turn % made.newBlockEvery === 0)
      push({ type: 'text-end', id: id++, complete: true }, { type: 'text-start', id })
    at = to
  }
  if (breaksAt === undefined) push({ type: 'text-end', id, complete: true }, { type: 'finish', reason: 'stop' })
  else if (made.breaks === 'stall') pieces.push('stall')
  else if (made.breaks === 'error') pieces.push({ error: new SwitchyardError('network', 'Reset.') })
  return { type: 'stream', steps: pieces }
}

it('shows a text exactly once, or an error with what was shown, whatever each of its attempts does', async () => {
  const holdBack = fc.option(fc.record({ textMs: fc.constantFrom(0, 5, 600) }), { nil: undefined })
  const counts = { whole: 0, continued: 0, prefilled: 0, other: 0 }
  await fc.assert(
    fc.asyncProperty(
      words,
      fc.array(fc.array(plan, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 4 }),
      holdBack,
      async (said, plans, held) => {
        const text = said.join('')
        const scripts = plans.map(
          (attempts, at) => (request: MessageRequest, _: unknown, call: number) =>
            answer(request, `${'abcd'[at]}/m`, text, attempts[call % attempts.length] as Plan),
        )
        const here = scene(scripts, {
          retry: { attempts: 2 },
          ...(held && { holdBack: held }),
          circuitBreaker: { minimumCalls: 100 },
          capabilities: at => ({ prefill: plans[at]?.every(({ prefill }) => prefill !== 'unknown') ?? false }),
        })
        const seen = await outcome(here)
        const checker = new GrammarChecker()
        const accumulator = new ResponseAccumulator()
        for (const chunk of seen.chunks) {
          checker.add(chunk)
          accumulator.add(chunk)
        }
        const names = here.seen.map(({ name }) => name)
        expect(here.providers.map(({ open }) => open)).toEqual(plans.map(() => 0))
        expect(here.clock.pending).toBe(0)
        for (const { name, event } of here.seen) {
          if (name !== 'stream-continued') continue
          counts.continued++
          if ((event as { how: string }).how === 'prefill') counts.prefilled++
        }
        const differing = plans.flat().flatMap(({ differsAt }) => (differsAt === undefined ? [] : [differsAt]))
        const texts = [text, ...differing.map(at => `${text.slice(0, at)}#${text.slice(at)}`)]
        expect(texts.some(one => (seen.error === undefined ? one === seen.text : one.startsWith(seen.text)))).toBe(true)
        expect(names.filter(name => name === 'stream-failed')).toHaveLength(
          seen.error !== undefined && !seen.refused ? 1 : 0,
        )
        if (seen.error === undefined) {
          checker.end()
          counts.whole++
          return
        }
        if (seen.error.attempts.some(({ code }) => code === 'other-words')) counts.other++
        if (!seen.refused) expect(seen.error.partial).toEqual(accumulator.partial())
      },
    ),
    { numRuns: 300 },
  )
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(0)
})

it('leaves nothing behind a caller who leaves, whenever that is', async () => {
  const text = 'It was a dark and stormy night, and the rain fell in torrents upon the roofs.'
  const pieces = (model: string, end: number): readonly ScriptedStep[] => [
    [
      { type: 'start', model },
      { type: 'text-start', id: 0 },
    ],
    ...[...text.slice(0, end).matchAll(/.{1,20}/g)].flatMap(([said]): ScriptedStep[] => [
      { waitMs: 10 },
      [{ type: 'text-delta', id: 0, text: said }],
    ]),
  ]
  const cut: ScriptedStep = { error: new SwitchyardError('network', 'Reset.') }
  const finish: ScriptedStep = [
    { type: 'text-end', id: 0, complete: true },
    { type: 'finish', reason: 'stop' },
  ]
  const ends = { aborted: 0, whole: 0 }
  const leaving = fc.record({
    afterMs: fc.nat(150),
    turns: fc.nat(12),
    how: fc.constantFrom('abort', 'cancel', 'dispose'),
    settleMs: fc.constantFrom(0, 7),
    textMs: fc.constantFrom(0, 15),
  })
  await fc.assert(
    fc.asyncProperty(leaving, async ({ afterMs, turns, how, settleMs, textMs }) => {
      const permits: number[] = []
      let records = 0
      const script = (steps: readonly ScriptedStep[]) => (): ScriptedAnswer => ({ type: 'stream', steps })
      const here = scene(
        [
          script([...pieces('a/m', 40), cut]),
          script([...pieces('b/m', 60), cut]),
          script([...pieces('c/m', 99), finish]),
        ],
        {
          retry: { attempts: 1 },
          holdBack: { textMs },
          recorders: [{ ended: () => void records++ }],
          steps: [
            {
              admit: () => {
                const at = permits.push(0) - 1
                return {
                  settle: () => {
                    permits[at] = (permits[at] ?? 0) + 1
                    if (settleMs > 0) return new Promise<void>(done => void here.clock.timer(settleMs, done))
                  },
                }
              },
            },
          ],
        },
      )
      const controller = new AbortController()
      const sending = here.chain.sendMessage(ask, { signal: controller.signal })
      here.clock.timer(afterMs, async () => {
        for (let turn = 0; turn < turns; turn++) await undefined
        if (how === 'abort') controller.abort()
        else if (how === 'dispose') void here.chain.dispose()
        else void sending.then(stream => stream.cancel())
      })
      const seen = await outcome({
        chain: { sendMessage: () => sending } as unknown as typeof here.chain,
        clock: here.clock,
      })
      ends[seen.error === undefined ? 'whole' : 'aborted']++
      if (seen.error === undefined) expect(seen.text).toBe(text)
      else expect(seen.error.kind).toBe('aborted')
      expect(text.startsWith(seen.text)).toBe(true)
      expect(permits).toEqual(permits.map(() => 1))
      expect(records).toBe(1)
      expect(here.providers.map(({ open }) => open)).toEqual([0, 0, 0])
      expect(here.clock.pending).toBe(0)
      await here.chain.dispose({ drain: true })
    }),
    { numRuns: 200 },
  )
  expect(Math.min(...Object.values(ends))).toBeGreaterThan(0)
})
