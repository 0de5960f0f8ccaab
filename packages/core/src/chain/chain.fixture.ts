import type { MessageChunk } from '../contract/chunk.ts'
import type { ErrorKind } from '../contract/error-table.ts'
import { type ErrorDetails, SwitchyardError } from '../contract/errors.ts'
import type { CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { MessageResponse } from '../contract/response.ts'
import { EventHub } from '../events/event-hub.ts'
import type { EventMap, EventName } from '../events/event-map.ts'
import { type ScriptedAnswer, type ScriptedProvider, scriptedProvider, textAnswer } from '../testing/index.ts'
import type { ScriptedStep } from '../testing/scripted-source.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { type Chain, createChain } from './chain.ts'
import type { ChainOptions } from './chain-options.ts'

export type Script =
  | readonly ScriptedAnswer[]
  | ((request: MessageRequest, context: CallContext, call: number) => ScriptedAnswer)

interface SeenEvent {
  readonly name: EventName
  readonly event: EventMap[EventName]
}

/** A chain of scripted providers named a, b, c ... in virtual time. */
export interface Scene {
  readonly clock: VirtualClock
  readonly chain: Chain
  readonly providers: readonly ScriptedProvider[]
  readonly events: EventHub
  readonly seen: readonly SeenEvent[]
}

type SceneOptions = Partial<Omit<ChainOptions, 'targets'>> & {
  readonly target?: (index: number) => Partial<ChainOptions['targets'][number]>
  readonly capabilities?: (index: number) => Parameters<typeof scriptedProvider>[0]['capabilities']
}

export function scene(scripts: readonly Script[], options: SceneOptions = {}): Scene {
  const { target, capabilities, ...rest } = options
  const clock = new VirtualClock()
  const events = options.events ?? new EventHub()
  const seen: SeenEvent[] = []
  events.on('*', (event, name) => seen.push({ name, event }))
  const providers = scripts.map((script, index) => {
    const known = capabilities?.(index)
    return scriptedProvider({ id: 'abcdefgh'[index] as string, clock, script, ...(known && { capabilities: known }) })
  })
  const chain = createChain({
    id: 'chain',
    clock,
    random: () => 0.5,
    events,
    ...rest,
    targets: providers.map((provider, index) => ({ provider, model: 'm', ...target?.(index) })),
  })
  return { clock, chain, providers, events, seen }
}

export const ask: MessageRequest = { messages: [{ role: 'user', content: 'Hello?' }] }
export const askWhole: MessageRequest = { ...ask, stream: false }

export function answers(text: string, model = 'a/m'): ScriptedAnswer {
  return { type: 'stream', steps: [textAnswer(text, { model })] }
}

export function streams(...steps: readonly ScriptedStep[]): ScriptedAnswer {
  return { type: 'stream', steps }
}

export function fails(kind: ErrorKind, details?: ErrorDetails, afterMs = 0): ScriptedAnswer {
  return { type: 'reject', error: new SwitchyardError(kind, `It failed with ${kind}.`, details), afterMs }
}

/** The pieces of a streamed answer that begins and goes on, without its end. */
export const opening: readonly MessageChunk[] = [
  { type: 'start', model: 'a/m' },
  { type: 'text-start', id: 0 },
  { type: 'text-delta', id: 0, text: 'Hel' },
]

export const ending: readonly MessageChunk[] = [
  { type: 'text-delta', id: 0, text: 'lo' },
  { type: 'text-end', id: 0, complete: true },
  { type: 'finish', reason: 'stop' },
]

export interface Outcome {
  readonly chunks: readonly MessageChunk[]
  readonly text: string
  readonly error?: SwitchyardError
  /** The chain's promise, rather than the iteration, threw. */
  readonly refused: boolean
}

/** Reads an answer to its end in virtual time, whatever the end is. */
export async function outcome(
  here: Pick<Scene, 'chain' | 'clock'>,
  request = ask,
  context?: CallContext,
): Promise<Outcome> {
  const reading = read(here.chain, request, context)
  await here.clock.runAll()
  return reading
}

export async function whole(here: Pick<Scene, 'chain' | 'clock'>, request = askWhole): Promise<MessageResponse> {
  const reading = here.chain.sendMessage(request).then(stream => stream.response())
  reading.catch(() => undefined)
  await here.clock.runAll()
  return reading
}

/** Reads an answer while somebody else moves the clock. */
export async function read(chain: Chain, request: MessageRequest, context?: CallContext): Promise<Outcome> {
  const chunks: MessageChunk[] = []
  let refused = true
  const result = (error?: unknown): Outcome => ({
    chunks,
    refused: error !== undefined && refused,
    text: chunks.map(chunk => (chunk.type === 'text-delta' ? chunk.text : '')).join(''),
    ...(error !== undefined && { error: error as SwitchyardError }),
  })
  try {
    const stream = await chain.sendMessage(request, context)
    refused = false
    for await (const chunk of stream) chunks.push(chunk)
    return result()
  } catch (error) {
    return result(error)
  }
}
