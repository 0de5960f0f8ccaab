import type { MessageChunk } from '@switchyard/core'
import { plainUsage } from '@switchyard/core/testing'
import type { SeededRandom } from '../world/seeded-random.ts'

/** An answer as a vendor makes it: pieces in order, each with what of it can be seen. */
export interface VendorAnswer {
  readonly pieces: readonly Piece[]
  /** All that can be seen of it. */
  readonly visible: string
}

export interface Piece {
  readonly chunks: readonly MessageChunk[]
  readonly visible: string
}

export interface AnswerTerms {
  readonly requestId: string
  readonly target: string
  /** Tells apart vendors and answers that have other words; the same word is the same answer. */
  readonly variant: string
  readonly endsInToolCall: boolean
  /** The tool call's arguments are no JSON. */
  readonly breaksArguments: boolean
  readonly thinksFirst: boolean
  /** Already said by somebody; the answer goes on from there. */
  readonly prefill: string | undefined
}

/** What is seen of chunks: texts and tool calls in one line, and of reasoning nothing. */
export function visibleOf(chunks: readonly MessageChunk[]): string {
  let seen = ''
  for (const chunk of chunks) {
    if (chunk.type === 'text-delta') seen += chunk.text
    else if (chunk.type === 'tool-call-start') seen += `<${chunk.name} ${chunk.callId} `
    else if (chunk.type === 'tool-call-delta') seen += chunk.text
    else if (chunk.type === 'tool-call-end') seen += '>'
  }
  return seen
}

/** The text of one answer; of another variant from the first or a later word on. */
function answerText(requestId: string, variant: string): string {
  const words: string[] = []
  const parts = [...requestId].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)
  const count = 8 + (parts % 9)
  // variants have a beginning in common, so that they part in the middle of what was shown
  for (let at = 0; at < count; at++) words.push(`${requestId}${at < 2 ? '' : variant}w${at}`)
  return words.join(' ')
}

/** Makes an answer of pieces as long as the seed wants them. */
export function vendorAnswer(terms: AnswerTerms, random: SeededRandom): VendorAnswer {
  const { requestId, target, variant, endsInToolCall, breaksArguments, thinksFirst, prefill } = terms
  const whole = answerText(requestId, variant)
  const text = prefill === undefined ? whole : restAfter(whole, prefill)
  const batches: MessageChunk[][] = []
  const start: MessageChunk = { type: 'start', model: target }
  let id = 0
  if (thinksFirst) {
    batches.push([start, { type: 'reasoning-start', id, origin: 'x' }, { type: 'reasoning-delta', id, text: 'Hm.' }])
    batches.push([{ type: 'reasoning-end', id, complete: true }, { type: 'ping' }])
    id++
  }
  const opening: MessageChunk[] = [...(thinksFirst ? [] : [start]), { type: 'text-start', id }]
  const texts = cut(text, random)
  texts.forEach((piece, at) => {
    batches.push([...(at === 0 ? opening : []), { type: 'text-delta', id, text: piece }])
  })
  if (texts.length === 0) batches.push(opening)
  batches.push([{ type: 'text-end', id, complete: true }])
  if (endsInToolCall) {
    id++
    const input = { of: requestId, at: target, variant }
    const written = JSON.stringify(input).slice(0, breaksArguments ? -4 : undefined)
    batches.push([
      { type: 'tool-call-start', id, callId: 'call_1', name: 'look' },
      { type: 'tool-call-delta', id, text: written.slice(0, 9) },
    ])
    batches.push([
      { type: 'tool-call-delta', id, text: written.slice(9) },
      breaksArguments
        ? { type: 'tool-call-end', id, complete: true, invalid: { text: written, reason: 'It ends too early.' } }
        : { type: 'tool-call-end', id, complete: true, input },
    ])
  }
  const end: MessageChunk = {
    type: 'finish',
    reason: endsInToolCall ? 'tool-calls' : 'stop',
    usage: plainUsage(10, text.length),
  }
  if (random.chance(0.5)) batches.push([end])
  else (batches.at(-1) as MessageChunk[]).push(end)
  const pieces = batches.map(chunks => ({ chunks, visible: visibleOf(chunks) }))
  return { pieces, visible: (prefill ?? '') + pieces.map(({ visible }) => visible).join('') }
}

/** What a model says after words that were put into its mouth: its own, as far as they agree. */
function restAfter(whole: string, prefill: string): string {
  if (whole.startsWith(prefill)) return whole.slice(prefill.length)
  return ` and then ${whole.slice(-12)}`
}

/** Between words and within them, in two to five pieces. */
function cut(text: string, random: SeededRandom): readonly string[] {
  const pieces: string[] = []
  const count = random.integer(2, 5)
  let from = 0
  for (let at = 1; at <= count && from < text.length; at++) {
    const to = at === count ? text.length : from + random.integer(1, Math.ceil((2 * text.length) / count))
    pieces.push(text.slice(from, to))
    from = to
  }
  return pieces
}
