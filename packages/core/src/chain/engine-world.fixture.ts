import type { Clock, Timer } from '../clock/clock.ts'
import { type Concurrency, createConcurrency } from '../concurrency/concurrency.ts'
import type { HoldBackOptions } from '../continuation/hold-back-options.ts'
import type { MessageChunk } from '../contract/chunk.ts'
import type { ErrorKind } from '../contract/error-table.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { CallContext, IAIProvider } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import { type MessageStream, messageStream } from '../contract/stream.ts'
import type { BilledAttempt } from '../contract/usage.ts'
import type { AdmissionStep, AttemptOutcome } from '../engine/admission.ts'
import { EventHub } from '../events/event-hub.ts'
import type { CircuitEvent } from '../events/event-map.ts'
import type { HedgeOptions } from '../hedging/hedge-options.ts'
import { hedging } from '../hedging/hedging.ts'
import { createPerformance, type Performance } from '../performance/performance.ts'
import { type ScriptedAnswer, type ScriptedProvider, scriptedProvider } from '../testing/index.ts'
import type { ScriptedStep } from '../testing/scripted-source.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { type Chain, createChain } from './chain.ts'

/** What one call of a provider does. `deaf` ones hear no abort and no cancel. */
export type Behaviour =
  | {
      readonly type: 'reject'
      readonly kind: ErrorKind | 'bug'
      readonly afterMs: number
      readonly retryAfterMs?: number
    }
  | { readonly type: 'silence'; readonly deaf: boolean }
  /** Answers, at its own time even after an abort, with a stream that says nothing and never lets go. */
  | { readonly type: 'stall'; readonly deaf: true; readonly afterMs: number }
  | { readonly type: 'stream'; readonly afterMs: number; readonly steps: readonly Step[]; readonly end: End }
type Step = { readonly waitMs: number } | 'text' | 'reasoning' | 'ping'
type End = 'finish' | 'cut' | 'stall' | 'error' | 'aborts-itself'

/** What the step before the breaker does with one attempt. */
export interface Ledger {
  readonly admitMs: number
  readonly refuses: boolean
  readonly settleMs: number
  readonly settleThrows: boolean
}

/** How one caller goes about its request. */
export interface Caller {
  readonly startMs: number
  readonly whole: boolean
  readonly abortMs: number | undefined
  readonly deadlineMs: number | undefined
  readonly pauseMs: number
  /** Stops by itself after so many batches. */
  readonly leavesAfter: number | undefined
}

export interface Plan {
  readonly behaviours: readonly (readonly Behaviour[])[]
  readonly nested: boolean
  readonly attempts: number
  readonly probes: number
  readonly midStream: 'continue' | 'fail'
  readonly holdBack: HoldBackOptions | undefined
  /** All attempts say the same, as far as they come; else each has words of its own. */
  readonly sameWords: boolean
  /** What each provider makes of a message of the assistant that it is to go on with; `undefined`: nobody knows. */
  readonly prefill: readonly ('goes-on' | 'begins-anew' | 'refuses' | undefined)[]
  readonly hedge: HedgeOptions | undefined
  readonly ledger: readonly Ledger[]
  /** How many attempts each provider bears at once, and who may wait. */
  readonly concurrency: { readonly limit: number; readonly maxWaitMs: number; readonly maxQueue: number } | undefined
  readonly callers: readonly Caller[]
}

export const totalMs = 30_000
export const idleMs = 3_000
export const consumerIdleMs = 8_000
const minimumCalls = 4

/** A chain among scripted providers, watched from outside; `problems` is what it did that it never may. */
export class World {
  readonly clock = new VirtualClock()
  readonly events = new EventHub()
  readonly providers: readonly ScriptedProvider[]
  readonly chain: Chain
  readonly problems: string[] = []
  /** Whole texts of all answers that were begun, by request. */
  readonly texts = new Map<string, string[]>()
  readonly sent = new Map<string, number>()
  readonly deaf: CallContext[] = []
  /** Attempts of each request that a provider may bill. */
  readonly billable = new Map<string, number>()
  /** Timers that the chain has set. */
  waiting = 0
  inFlight = 0
  #stalled = 0
  #permits = 0
  #settled = 0
  readonly #plan: Plan
  readonly #concurrency: Concurrency | undefined
  readonly #performance: Performance
  readonly #circuits = new Map<string, CircuitEvent['from'] | 'half-open'>()
  readonly #probes = new Map<string, Set<string>>()
  readonly #failures = new Map<string, number>()

  constructor(plan: Plan) {
    this.#plan = plan
    this.providers = plan.behaviours.map((behaviours, index) => this.#provider('abc'[index] as string, behaviours))
    const targets = this.providers.map(provider => ({ provider: this.#watched(provider), model: 'm' }))
    const clock = this.#countedClock()
    const { concurrency } = plan
    this.#concurrency =
      concurrency &&
      createConcurrency({
        clock,
        limits: this.providers.map(({ id }) => ({ name: id, ...concurrency })),
        holdings: this.providers.map(({ id }) => ({ scope: { type: 'provider', name: id }, name: id })),
      })
    this.#performance = createPerformance({ clock })
    const common = {
      clock,
      performance: this.#performance,
      events: this.events,
      random: () => 0.5,
      retry: { attempts: plan.attempts, baseDelayMs: 200 },
      timeouts: { firstTokenMs: 4_000, idleMs, totalMs, consumerIdleMs },
      midStream: plan.midStream,
      ...(plan.holdBack && { holdBack: plan.holdBack }),
      ...(plan.hedge && { hedge: hedging(plan.hedge) }),
      circuitBreaker: { minimumCalls, windowMs: 20_000, openForMs: 700, halfOpenProbes: plan.probes },
      steps: [this.#ledger(plan.ledger), ...(this.#concurrency ? [this.#concurrency.step, this.#places()] : [])],
    }
    this.chain =
      plan.nested && targets.length > 1
        ? createChain({
            ...common,
            id: 'outer',
            targets: [
              { provider: createChain({ ...common, id: 'inner', targets: targets.slice(1) }) },
              ...targets.slice(0, 1),
            ],
          })
        : createChain({ ...common, id: 'chain', targets })
    this.#watchCircuits()
    this.#watchHedges()
  }

  /** Answers that break are gone on with. */
  get goesOn(): boolean {
    return this.#plan.midStream === 'continue'
  }

  /** Answers are read before their consumers ask. */
  get readsAhead(): boolean {
    return this.#plan.holdBack !== undefined
  }

  /** Nothing of any call is left. */
  checkAtRest(): void {
    if (this.#permits !== this.#settled) this.problems.push(`${this.#permits - this.#settled} permits were not settled`)
    if (this.clock.pending > 0) this.problems.push(`${this.clock.pending} timers are pending`)
    for (const { name, inFlight, queued } of this.#concurrency?.standings() ?? [])
      if (inFlight + queued > 0) this.problems.push(`${inFlight} places of ${name} are held, and ${queued} wait`)
    for (const { target, inFlight } of this.#performance.records())
      if (inFlight > 0) this.problems.push(`${inFlight} attempts at ${target} are on their way`)
    for (const { id, open } of this.providers) if (open > 0) this.problems.push(`${open} streams of ${id} are open`)
    if (this.#stalled > 0) this.problems.push(`${this.#stalled} streams were not cancelled`)
    for (const { signal } of this.deaf)
      if (!signal?.aborted) this.problems.push('a silent provider was not told to stop')
  }

  /** How many attempts of a request are open upstream. */
  sending(requestId: string): number {
    const open = this.providers.flatMap(({ calls }) => calls.filter(({ endedAt }) => endedAt === undefined))
    const unheard = this.deaf.filter(({ signal }) => !signal?.aborted)
    return [...open.map(({ context }) => context), ...unheard].filter(context => context.requestId === requestId).length
  }

  /** What the end of an answer says of all its attempts is the whole of it; a nested chain's are told as one. */
  checkBilled(requestId: string, billed: readonly BilledAttempt[] = []): void {
    const billable = this.billable.get(requestId) ?? 0
    if (!this.#plan.nested && billed.length !== billable)
      this.problems.push(`${billed.length} attempts of ${billable} were told as billed`)
  }

  #provider(id: string, behaviours: readonly Behaviour[]): ScriptedProvider {
    const prefill = this.#plan.prefill['abc'.indexOf(id) % this.#plan.prefill.length]
    const script = (request: MessageRequest, context: CallContext, call: number): ScriptedAnswer => {
      const behaviour = behaviours[call % behaviours.length] as Behaviour
      const last = request.messages.at(-1)
      const said = last?.role === 'assistant' ? (last.content as string) : ''
      if (said !== '' && prefill === 'refuses')
        return { type: 'reject', error: new SwitchyardError('invalid-request', 'No prefill.', { status: 400 }) }
      return this.#answer(id, call, behaviour, context, prefill === 'goes-on' ? said : '')
    }
    return scriptedProvider({ id, clock: this.clock, script, capabilities: { prefill: prefill !== undefined } })
  }

  #answer(id: string, call: number, behaviour: Behaviour, context: CallContext, said: string): ScriptedAnswer {
    if (behaviour.type === 'silence' || behaviour.type === 'stall') return { type: 'silence' }
    const { afterMs } = behaviour
    if (behaviour.type === 'reject') {
      const { kind, retryAfterMs } = behaviour
      const details = retryAfterMs === undefined ? {} : { retryAfterMs }
      const error = kind === 'bug' ? new TypeError('a bug') : new SwitchyardError(kind, `Failed: ${kind}.`, details)
      return { type: 'reject', afterMs, error }
    }
    let text = ''
    let texts = 0
    const steps: ScriptedStep[] = [[{ type: 'start', model: `${id}/m` }]]
    for (const [at, step] of behaviour.steps.entries()) {
      let piece = this.#plan.sameWords ? `piece ${texts} of all the ` : `piece ${id}${call}.${at} `
      if (step === 'text') {
        texts++
        text += piece
        // what it was given it does not say again
        if (text.startsWith(said)) piece = piece.slice(Math.max(0, piece.length - (text.length - said.length)))
        else if (said.startsWith(text)) continue
      }
      steps.push(typeof step === 'object' ? step : step === 'ping' ? [{ type: 'ping' }] : block(step, at, piece))
    }
    if (behaviour.end === 'finish') steps.push([{ type: 'finish', reason: 'stop' }])
    if (behaviour.end === 'stall') steps.push('stall')
    if (behaviour.end === 'error') steps.push({ error: new SwitchyardError('network', 'Reset.') })
    if (behaviour.end === 'aborts-itself') steps.push({ error: new SwitchyardError('aborted', 'Disposed.') })
    const id_ = context.requestId as string
    this.texts.set(id_, [...(this.texts.get(id_) ?? []), text])
    return { type: 'stream', afterMs, steps }
  }

  /** The provider with its sending counted, and deaf where its script says so. */
  #watched(provider: ScriptedProvider): IAIProvider {
    const behaviours = this.#plan.behaviours[this.providers.indexOf(provider)] as readonly Behaviour[]
    let calls = 0
    const sendMessage: IAIProvider['sendMessage'] = (request, context = {}) => {
      const requestId = context.requestId as string
      const target = `${provider.id}/m`
      this.sent.set(requestId, (this.sent.get(requestId) ?? 0) + 1)
      const here = `${requestId} at ${target}`
      this.sent.set(here, (this.sent.get(here) ?? 0) + 1)
      // a prefill that is refused is followed by one attempt without it
      const prefill = this.#plan.prefill[this.providers.indexOf(provider) % this.#plan.prefill.length]
      const most = this.#plan.attempts + (this.goesOn && prefill !== undefined ? 1 : 0)
      if (!this.#plan.nested && (this.sent.get(here) ?? 0) > most) {
        this.problems.push(`${target} was asked more than ${most} times`)
      }
      const beside = this.#plan.hedge?.attempts ?? (this.#plan.hedge === undefined ? 0 : 1)
      if (this.sending(requestId) > beside) this.problems.push(`${this.sending(requestId) + 1} attempts ran at once`)
      if (this.#circuits.get(target) === 'half-open') this.#probe(target, requestId)
      const behaviour = behaviours[calls++ % behaviours.length] as Behaviour
      if (!('deaf' in behaviour) || !behaviour.deaf) return provider.sendMessage(request, context)
      this.deaf.push(context)
      // keeps its place in the script
      void provider.sendMessage(request, { signal: AbortSignal.abort() }).catch(() => undefined)
      const never = new Promise<never>(() => undefined)
      if (behaviour.type === 'silence') return never
      return this.#sleep((behaviour as { afterMs: number }).afterMs).then(() => this.#stall(never))
    }
    return Object.assign(Object.create(provider) as IAIProvider, {
      id: provider.id,
      sendMessage,
      getCapabilities: () => provider.getCapabilities('m'),
    })
  }

  #stall(never: Promise<never>): MessageStream {
    this.#stalled++
    let cancelled = false
    const cancel = (): Promise<never> => {
      if (!cancelled) this.#stalled--
      cancelled = true
      return never
    }
    return messageStream({ read: () => never, cancel })
  }

  #sleep(ms: number): Promise<void> {
    return new Promise(resolve => this.clock.timer(ms, resolve))
  }

  #countedClock(): Clock {
    const { clock } = this
    const timer = (ms: number, callback: () => void): Timer => {
      let over = false
      const end = (): void => {
        if (!over) this.waiting--
        over = true
      }
      this.waiting++
      const set = clock.timer(ms, () => {
        end()
        callback()
      })
      return {
        cancel: () => {
          end()
          set.cancel()
        },
      }
    }
    return { monotonic: () => clock.monotonic(), wall: () => clock.wall(), timer, turn: () => clock.turn() }
  }

  #probe(target: string, requestId: string): void {
    const probes = this.#probes.get(target) ?? new Set()
    this.#probes.set(target, probes.add(requestId))
    if (probes.size > this.#plan.probes) this.problems.push(`${probes.size} probes of ${target} at once`)
  }

  #ledger(entries: readonly Ledger[]): AdmissionStep {
    let next = 0
    const sleep = (ms: number): Promise<void> => this.#sleep(ms)
    return {
      admit: ({ requestId, target }) => {
        const { admitMs, refuses, settleMs, settleThrows } = entries[next++ % entries.length] as Ledger
        const permit = () => {
          if (refuses) throw new SwitchyardError('rate-limit', 'Too much.')
          this.#permits++
          let settled = false
          return {
            firstToken: () => void this.#probes.get(target)?.delete(requestId),
            settle: (outcome: AttemptOutcome) => {
              if (settled) this.problems.push('a permit was settled twice')
              settled = true
              this.#settled++
              this.#probes.get(target)?.delete(requestId)
              this.#judge(target, outcome)
              if (outcome.type === 'completed' || ('bill' in outcome && outcome.bill === 'unknown'))
                this.billable.set(requestId, (this.billable.get(requestId) ?? 0) + 1)
              const broken = new SwitchyardError('unavailable', 'The ledger is away.')
              if (settleMs > 0) return sleep(settleMs).then(() => (settleThrows ? Promise.reject(broken) : undefined))
              if (settleThrows) throw broken
              return undefined
            },
          }
        }
        return admitMs > 0 ? sleep(admitMs).then(permit) : permit()
      },
    }
  }

  /** Sees who has come past the limits of what runs at once. */
  #places(): AdmissionStep {
    const held = new Map<string, number>()
    const limit = this.#plan.concurrency?.limit ?? 0
    return {
      admit: ({ nested, provider }) => {
        const now = (held.get(provider) ?? 0) + 1
        held.set(provider, now)
        if (!nested && now > limit) this.problems.push(`${now} attempts ran at once where ${limit} may`)
        return { settle: () => void held.set(provider, (held.get(provider) ?? 0) - 1) }
      },
    }
  }

  #judge(target: string, outcome: AttemptOutcome): void {
    if (outcome.type !== 'failed') return
    if (outcome.error.kind === 'aborted') this.problems.push("the caller's abort was called a failure")
    this.#failures.set(target, (this.#failures.get(target) ?? 0) + 1)
  }

  #watchHedges(): void {
    const started = new Map<string, number>()
    this.events.on('hedge-started', ({ requestId = '' }) => {
      const hedges = (started.get(requestId) ?? 0) + 1
      started.set(requestId, hedges)
      const { attempts = 1 } = this.#plan.hedge ?? {}
      if (hedges > attempts) this.problems.push(`${hedges} hedges of ${attempts} were made`)
    })
  }

  #watchCircuits(): void {
    this.events.on('circuit-half-opened', ({ target }) => {
      this.#circuits.set(target, 'half-open')
      this.#probes.delete(target)
      this.#failures.delete(target)
    })
    this.events.on('circuit-closed', ({ target }) => {
      this.#circuits.set(target, 'closed')
      this.#failures.delete(target)
    })
    this.events.on('circuit-opened', ({ target, reason }) => {
      this.#circuits.set(target, 'open')
      const failures = this.#failures.get(target) ?? 0
      if (reason === 'failure-rate' && target.includes('/') && failures < minimumCalls / 2) {
        this.problems.push(`the circuit of ${target} opened after ${failures} failures`)
      }
      if (reason === 'probe-failed' && target.includes('/') && failures === 0) {
        this.problems.push(`the circuit of ${target} opened for a probe that did not fail`)
      }
      this.#failures.delete(target)
    })
  }
}

function block(kind: 'text' | 'reasoning', id: number, text: string): MessageChunk[] {
  if (kind === 'text') {
    return [
      { type: 'text-start', id },
      { type: 'text-delta', id, text },
      { type: 'text-end', id, complete: true },
    ]
  }
  return [
    { type: 'reasoning-start', id, origin: 'x' },
    { type: 'reasoning-delta', id, text },
    { type: 'reasoning-end', id, complete: true },
  ]
}
