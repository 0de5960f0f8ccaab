import {
  type BilledAttempt,
  type CallContext,
  type Chain,
  isSwitchyardError,
  type SwitchyardError,
} from '@switchyard/core'
import { GrammarChecker } from '@switchyard/core/testing'
import { countListeners } from '../world/count-listeners.ts'
import type { SimulatedProcess } from '../world/simulated-process.ts'
import type { World } from '../world/world.ts'
import type { CallerPlan } from './money-plan.ts'

/** What one caller has come to. */
export interface CallerState {
  readonly plan: CallerPlan
  readonly process: SimulatedProcess
  startedAt: number | undefined
  aborted: boolean
  over: boolean
  /** The answer's end was shown. */
  acknowledged: boolean
  billed: readonly BilledAttempt[]
  error: SwitchyardError | undefined
  listeners: number
}

export interface CallerOptions {
  readonly world: World
  readonly chain: Chain
  readonly process: SimulatedProcess
  readonly plan: CallerPlan
  /** Told at the moment that the answer's end is shown. */
  readonly onAcknowledged: (caller: CallerState) => void
  readonly onOver: (caller: CallerState) => void
}

/** A caller inside one of the processes, who asks once, in his own way. */
export function simulatedCaller(options: CallerOptions): CallerState {
  const { world, process, plan } = options
  const state: CallerState = {
    plan,
    process,
    startedAt: undefined,
    aborted: false,
    over: false,
    acknowledged: false,
    billed: [],
    error: undefined,
    listeners: 0,
  }
  world.timer(plan.startMs, {
    kind: 'caller: asks',
    to: process,
    detail: () => plan.name,
    run: () => {
      state.startedAt = process.clock.wall()
      void live(options, state).catch(error => {
        if (!process.isDead) world.problem(`${plan.name} was thrown ${error}`)
      })
    },
  })
  return state
}

async function live(options: CallerOptions, state: CallerState): Promise<void> {
  const { world, process, plan } = options
  const controller = new AbortController()
  countListeners(controller.signal, state)
  const abort = {
    kind: 'caller: aborts',
    to: process,
    detail: () => plan.name,
    run: () => {
      state.aborted = true
      controller.abort()
    },
  }
  if (plan.abort === 'at some time') world.later(abort)
  else if (plan.abort !== 'never') world.timer(plan.abort, abort)
  try {
    await ask(options, state, controller.signal)
  } catch (error) {
    if (process.isDead) return
    if (!isSwitchyardError(error)) world.problem(`${plan.name} was thrown ${error}`)
    else state.error = error
    if (state.acknowledged) world.problem(`${plan.name} was thrown an error after the end: ${error}`)
  }
  if (process.isDead) return
  state.over = true
  options.onOver(state)
}

async function ask(options: CallerOptions, state: CallerState, signal: AbortSignal): Promise<void> {
  const { chain, process, plan } = options
  const context: CallContext = {
    requestId: plan.name,
    signal,
    tags: plan.tags,
    ...(plan.principal !== undefined && { principal: plan.principal }),
    ...(plan.deadlineMs !== undefined && { deadline: process.clock.monotonic() + plan.deadlineMs }),
  }
  const text = 'x'.repeat(plan.inputBytes)
  const acknowledge = (billed: readonly BilledAttempt[] | undefined): void => {
    if (process.isDead) return
    state.acknowledged = true
    state.billed = billed ?? []
    options.onAcknowledged(state)
  }
  if (plan.operation === 'embed') {
    await chain.embed({ input: [text] }, context)
    acknowledge(undefined)
    return
  }
  const { maxOutputTokens } = plan
  const request = {
    messages: [{ role: 'user' as const, content: text }],
    stream: plan.operation === 'stream',
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  }
  const stream = await chain.sendMessage(request, context)
  if (plan.operation === 'whole') {
    acknowledge((await stream.response()).billed)
    return
  }
  const checker = new GrammarChecker()
  const iterator = stream.batches()
  for (let batches = 0; ; batches++) {
    const { done, value } = await iterator.next()
    if (done === true) break
    for (const chunk of value) {
      checker.add(chunk)
      if (chunk.type === 'finish') acknowledge(chunk.billed)
    }
    if (batches === plan.leavesAfter) {
      await iterator.return?.()
      return
    }
    if (plan.pauseMs > 0) await new Promise<void>(resolve => process.clock.timer(plan.pauseMs, resolve))
  }
  checker.end()
}
