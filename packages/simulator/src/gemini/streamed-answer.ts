import type { Json } from '../json-value.ts'
import type { ReplyPiece } from '../reply.ts'
import { answerHead, blockReason, candidateEnd, candidateParts, type MadeAnswer, usageMetadata } from './made-answer.ts'

/** An event as Gemini ends its lines. */
export function event(data: string): string {
  return `data: ${data}\r\n\r\n`
}

/** The events of an answer that was asked for as a stream; the last has the finish reason and all of the usage. */
export function streamedAnswer(answer: MadeAnswer): readonly ReplyPiece[] {
  const head = answerHead(answer)
  const told = (begun: boolean) => answer.tellsUsage && { usageMetadata: usageMetadata(answer.usage, begun) }
  const blocked = blockReason(answer)
  if (blocked !== undefined) {
    const text = event(JSON.stringify({ promptFeedback: { blockReason: blocked }, ...told(true), ...head }))
    return [{ text, role: 'content', tokens: 0 }]
  }
  const pieces: ReplyPiece[] = []
  const push = (piece: Omit<ReplyPiece, 'text'>, candidates: readonly Json[], begun: boolean) =>
    pieces.push({ ...piece, text: event(JSON.stringify({ candidates, ...told(begun), ...head })) })
  const lists = answer.choices.map(choice => candidateParts(choice, answer))
  // several candidates come mixed, as they are made side by side
  for (let step = 0; step < Math.max(...lists.map(list => list.length)); step++) {
    for (const [index, list] of lists.entries()) {
      const made = list[step]
      if (made === undefined) continue
      const { part, tokens, reasoningTokens } = made
      push({ role: 'content', tokens, reasoningTokens }, [{ content: { parts: [part], role: 'model' }, index }], true)
    }
  }
  const ends = answer.choices.map((choice, index) => {
    const { finishReason, fields, lastPart } = candidateEnd(choice, answer)
    return { content: { parts: [lastPart], role: 'model' }, finishReason, index, ...fields }
  })
  push({ role: 'finish', tokens: 0 }, ends, false)
  return pieces
}
