import type { SimulatedAnswer } from '@switchyard/simulator'
import { type Limits, rightArguments, tool } from './ask.ts'
import { otherAnswer, type Part, rightAnswer, rightCall } from './scene.ts'

/** One row of the matrix: what goes wrong, and how it is asked. */
export interface Row {
  readonly id: string
  readonly title: string
  readonly stream: boolean
  readonly primary: Part
  readonly secondary: Part
  readonly usual: SimulatedAnswer
  /** Whether the second provider is known to take prefills. */
  readonly prefill: boolean
  readonly limits: Limits
  readonly asks:
    | { readonly type: 'one' }
    /** The consumer leaves after so many pieces of text. */
    | { readonly type: 'leave'; readonly after: number }
    | { readonly type: 'many'; readonly calls: number; readonly atOnce: number }
}

interface Fault {
  readonly id: string
  readonly title: string
  readonly modes?: readonly ('stream' | 'whole')[]
  readonly primary: Part
  readonly secondary?: Part
  readonly usual?: SimulatedAnswer
  readonly prefill?: true
  readonly asks?: Row['asks']
}

const breakAt = 2 / 3
const usual: Limits = { silenceMs: 1_000, attemptMs: 2_000, totalMs: 10_000 }
// twenty callers on a busy machine may wait for the processor alone
const crowd: Limits = { silenceMs: 5_000, attemptMs: 5_000, totalMs: 20_000 }
const cut: Part = {
  faults: (streamed, at) => [
    streamed ? { type: 'cut', atEvent: at.event(breakAt) } : { type: 'cut', atByte: at.byte(breakAt) },
  ],
}
const reset: Part = { faults: (_, at) => [{ type: 'reset', atByte: at.byte(breakAt) }] }
const stall: Part = {
  faults: (streamed, at) => [
    streamed ? { type: 'stall', atEvent: at.event(breakAt) } : { type: 'stall', atByte: at.byte(breakAt) },
  ],
}
const callCutShort: SimulatedAnswer = {
  type: 'answer',
  text: '',
  toolCalls: [{ name: tool.name, arguments: JSON.stringify(rightArguments).slice(0, 90) }],
  ending: 'tool-calls',
}

const faults: readonly Fault[] = [
  { id: 'clean-end', title: 'clean end at two thirds, without a terminator', primary: cut },
  { id: 'socket-cut', title: 'socket cut at two thirds', primary: reset },
  {
    id: 'error-first',
    title: 'error event first',
    primary: { faults: () => [{ type: 'error-event', atEvent: 0, kind: 'overloaded' }] },
  },
  {
    id: 'error-middle',
    title: 'error event in the middle',
    modes: ['stream'],
    primary: { faults: (_, at) => [{ type: 'error-event', atEvent: at.event(0.5), kind: 'overloaded' }] },
  },
  { id: 'stall', title: 'stall at two thirds', primary: stall },
  {
    id: 'drip',
    title: 'drip: a word every 80 ms',
    modes: ['stream'],
    primary: { faults: () => [{ type: 'drip', ms: 80 }] },
  },
  {
    id: 'slow-first-token',
    title: 'slow first token: 4 s',
    primary: { faults: streamed => [{ type: streamed ? 'slow-first-event' : 'slow', ms: 4_000 }] },
  },
  { id: 'tool-cut', title: 'tool arguments cut by a clean end', usual: rightCall, primary: cut },
  {
    id: 'tool-broken',
    title: 'tool arguments truncated, the stream ended well',
    usual: rightCall,
    primary: { answer: callCutShort },
  },
  {
    id: 'other-words',
    title: 'socket cut, and a fallback that answers other words',
    modes: ['stream'],
    primary: reset,
    secondary: { answer: otherAnswer },
  },
  {
    id: 'prefill-ignored',
    title: 'socket cut, and a fallback that ignores prefill',
    modes: ['stream'],
    primary: reset,
    secondary: { faults: () => [{ type: 'prefill', behaviour: 'ignored' }] },
    prefill: true,
  },
  {
    id: 'prefill-refused',
    title: 'socket cut, and a fallback that refuses prefill',
    modes: ['stream'],
    primary: reset,
    secondary: { faults: () => [{ type: 'prefill', behaviour: 'refused' }] },
    prefill: true,
  },
  {
    id: 'leave',
    title: 'the consumer’s `break` after ten words',
    modes: ['stream'],
    primary: { faults: () => [{ type: 'drip', ms: 50 }] },
    asks: { type: 'leave', after: 10 },
  },
  {
    id: 'dead-primary',
    title: '20 parallel calls on a dead primary (connections reset)',
    modes: ['stream'],
    primary: { faults: () => [{ type: 'reset' }] },
    asks: { type: 'many', calls: 20, atOnce: 20 },
  },
  {
    id: 'outage',
    title: '30 calls in an outage (503), three at a time',
    modes: ['stream'],
    primary: { faults: () => [{ type: 'status', status: 503 }] },
    asks: { type: 'many', calls: 30, atOnce: 3 },
  },
]

export const rows: readonly Row[] = faults.flatMap(fault =>
  (fault.modes ?? ['stream', 'whole']).map(mode => ({
    id: `${fault.id}/${mode}`,
    title: fault.title,
    stream: mode === 'stream',
    primary: fault.primary,
    secondary: fault.secondary ?? {},
    usual: fault.usual ?? rightAnswer,
    prefill: fault.prefill ?? false,
    asks: fault.asks ?? { type: 'one' },
    limits: fault.asks?.type === 'many' ? crowd : usual,
  })),
)
