import type { Fault, SimulatedAnswer } from '@switchyard/simulator'
import type OpenAI from 'openai'
import type { TwoTargets } from './two-targets.ts'

const words =
  'Der Zug nach 東京 fährt um "halb neun" ab; 🚉 the train leaves at half past eight, and nobody, however late, is left behind: '
const pieces = (words + words).split(/(?<= )/)

/** An answer of some forty pieces, which repeats itself, with characters of every length. */
export const longText = pieces.join('')
export const longAnswer: SimulatedAnswer = { type: 'answer', pieces }

// the first event says the role
const twoThirds = 1 + Math.floor((pieces.length * 2) / 3)

/** What goes wrong with it after two thirds, or before its first token, and what that is called. */
export const breaks: readonly (readonly [string, Fault | readonly Fault[]])[] = [
  ['a cut at two thirds', { type: 'cut', atEvent: twoThirds }],
  [
    'a cut in the middle of a character',
    [
      { type: 'chunk-size', bytes: 1 },
      { type: 'cut', atByte: 6_001 },
    ],
  ],
  ['a connection that is reset', { type: 'reset', atByte: 6_000 }],
  ['a stall', { type: 'stall', atEvent: twoThirds }],
  ['a slow first token', { type: 'slow-first-event', ms: 5_000 }],
  ['an error event in the middle', { type: 'error-event', atEvent: twoThirds, kind: 'overloaded' }],
  ['an event that does not parse', { type: 'malformed-event', atEvent: twoThirds }],
  ['a clean end without finish and terminator', { type: 'no-finish' }],
]

/** What the official client saw of one streamed answer. */
export interface SeenStream {
  readonly text: string
  readonly finishReason: string | undefined
  readonly models: readonly string[]
  readonly usage: OpenAI.CompletionUsage | undefined
  /** Of all attempts, as the chunk of usage tells it. */
  readonly cost: string | undefined
  readonly error: unknown
}

/** Asks for a stream as the official client does, and keeps what came, also where it broke. */
export async function seenStream(
  { client }: Pick<TwoTargets, 'client'>,
  body: Partial<OpenAI.ChatCompletionCreateParamsStreaming> & { readonly model: string },
  options: OpenAI.RequestOptions = {},
): Promise<SeenStream> {
  let text = ''
  let finishReason: string | undefined
  let usage: OpenAI.CompletionUsage | undefined
  let cost: string | undefined
  let error: unknown
  const models: string[] = []
  try {
    const messages = [{ role: 'user' as const, content: 'When does it leave?' }]
    const stream = await client.chat.completions.create(
      { messages, stream_options: { include_usage: true }, ...body, stream: true },
      options,
    )
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      finishReason = chunk.choices[0]?.finish_reason ?? finishReason
      usage = chunk.usage ?? usage
      cost = (chunk as { readonly cost?: string }).cost ?? cost
      if (models.at(-1) !== chunk.model) models.push(chunk.model)
    }
  } catch (thrown) {
    error = thrown
  }
  return { text, finishReason, models, usage, cost, error }
}
