import {
  type BilledAttempt,
  type CallContext,
  type Chain,
  isSwitchyardError,
  type MessageChunk,
  responseText,
  type SwitchyardError,
} from '@switchyard/core'
import { GrammarChecker } from '@switchyard/core/testing'
import { countListeners } from '../world/count-listeners.ts'
import type { SimulatedProcess } from '../world/simulated-process.ts'
import type { World } from '../world/world.ts'
import type { EngineCallerPlan } from './engine-plan.ts'
import { visibleOf } from './vendor-answer.ts'
import type { VendorCall } from './vendor-call.ts'

/** One request, and what has come of it so far. */
export interface Asked {
  readonly plan: EngineCallerPlan
  readonly process: SimulatedProcess
  /** The calls that were made for it, in order. */
  readonly calls: VendorCall[]
  /** Targets that were passed over without being asked. */
  readonly skipped: Set<string>
  startedAt: number | undefined
  abortedAt: number | undefined
  /** He stopped reading by himself. */
  left: boolean
  over: boolean
  endedAt: number
  /** All that he was shown. */
  shown: string
  /** The call that was open when something was shown last. */
  shownBy: VendorCall | undefined
  finished: boolean
  /** What the end tells of all attempts. */
  billed: readonly BilledAttempt[]
  reading: boolean
  /** Milliseconds in which he did not read. */
  pausedMs: number
  error: SwitchyardError | undefined
  listeners: number
}

export interface EngineCallerOptions {
  readonly world: World
  readonly chain: Chain
  readonly process: SimulatedProcess
  readonly plan: EngineCallerPlan
  /** Told of what he does: `he aborts`. */
  readonly onEvent: (asked: Asked, event: string) => void
  /** Told after each batch that he was shown. */
  readonly onShown: (asked: Asked, batch: readonly MessageChunk[]) => void
  readonly onOver: (asked: Asked) => void
}

/** A caller inside one of the processes, who asks once, in his own way. */
export function engineCaller(options: EngineCallerOptions): Asked {
  const { world, process, plan } = options
  const asked: Asked = {
    plan,
    process,
    calls: [],
    skipped: new Set(),
    startedAt: undefined,
    abortedAt: undefined,
    left: false,
    over: false,
    endedAt: 0,
    shown: '',
    shownBy: undefined,
    finished: false,
    billed: [],
    reading: false,
    pausedMs: 0,
    error: undefined,
    listeners: 0,
  }
  world.timer(plan.startMs, {
    kind: 'caller: asks',
    to: process,
    detail: () => plan.name,
    run: () => {
      asked.startedAt = world.now
      options.onEvent(asked, 'he asks')
      void live(options, asked)
    },
  })
  return asked
}

async function live(options: EngineCallerOptions, asked: Asked): Promise<void> {
  const { world, process, plan } = options
  const controller = new AbortController()
  countListeners(controller.signal, asked)
  const abort = {
    kind: 'caller: aborts',
    to: process,
    detail: () => plan.name,
    run: () => {
      if (asked.over) return
      options.onEvent(asked, 'he aborts')
      asked.abortedAt = world.now
      controller.abort()
      const open = asked.calls.filter(({ isOpen }) => isOpen).length
      if (open > 0) world.problem(`sockets are open after an abort: ${open} of ${plan.name}`)
    },
  }
  if (plan.abort === 'at some time') world.later(abort)
  else if (plan.abort !== 'never') world.timer(plan.abort, abort)
  try {
    await ask(options, asked, controller.signal)
  } catch (error) {
    if (asked.finished) world.problem(`an error after the finish: ${plan.name} was thrown ${error}`)
    if (!isSwitchyardError(error)) world.problem(`${plan.name} was thrown what is no error of ours: ${error}`)
    else asked.error = error
  }
  asked.over = true
  asked.endedAt = world.now
  options.onOver(asked)
}

async function ask(options: EngineCallerOptions, asked: Asked, signal: AbortSignal): Promise<void> {
  const { world, chain, process, plan } = options
  const context: CallContext = {
    requestId: plan.name,
    signal,
    ...(plan.deadlineMs !== undefined && { deadline: process.clock.monotonic() + plan.deadlineMs }),
  }
  const request = { messages: [{ role: 'user' as const, content: 'Hello?' }], stream: !plan.whole }
  asked.reading = true
  const stream = await chain.sendMessage(request, context)
  if (plan.whole) {
    const response = await stream.response()
    asked.shown = wholeText(response)
    asked.finished = true
    asked.billed = response.billed ?? []
    options.onShown(asked, [])
    return
  }
  const checker = new GrammarChecker()
  const iterator = stream.batches()
  for (let batches = 0; ; batches++) {
    asked.reading = true
    const { done, value } = await iterator.next()
    asked.reading = false
    if (done === true) break
    for (const chunk of value) {
      try {
        checker.add(chunk)
      } catch (error) {
        world.problem(`the grammar is broken: ${plan.name}, ${error}`)
      }
      if (chunk.type !== 'finish') continue
      asked.finished = true
      asked.billed = chunk.billed ?? []
    }
    asked.shown += visibleOf(value)
    options.onShown(asked, value)
    if (batches === plan.leavesAfter) {
      asked.left = true
      options.onEvent(asked, 'he leaves')
      await iterator.return?.()
      return
    }
    if (plan.pauseMs > 0 && !asked.finished) {
      await new Promise<void>(resolve => {
        world.timer(plan.pauseMs, { kind: 'caller: reads on', to: process, detail: () => plan.name, run: resolve })
      })
      asked.pausedMs += plan.pauseMs
      options.onEvent(asked, 'he reads on')
    }
  }
  if (!asked.finished) world.problem(`no finish: the stream of ${plan.name} ended without one`)
}

function wholeText(response: Parameters<typeof responseText>[0]): string {
  const chunks = response.content.flatMap((part): MessageChunk[] => {
    if (part.type !== 'tool-call') return []
    const { id: callId, name } = part
    const input = part.input === undefined ? part.invalid.text : JSON.stringify(part.input)
    return [
      { type: 'tool-call-start', id: 0, callId, name },
      { type: 'tool-call-delta', id: 0, text: input },
      { type: 'tool-call-end', id: 0, complete: true, input: {} },
    ]
  })
  return responseText(response) + visibleOf(chunks)
}
