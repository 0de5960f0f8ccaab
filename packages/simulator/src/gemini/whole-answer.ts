import type { GeneratedChoice } from '../generation.ts'
import type { Json } from '../json-value.ts'
import type { ReplyPiece } from '../reply.ts'
import { answerHead, blockReason, candidateEnd, candidateParts, type MadeAnswer, usageMetadata } from './made-answer.ts'

/** The body of an answer that was asked for whole. */
export function wholeAnswer(answer: MadeAnswer): readonly ReplyPiece[] {
  const blocked = blockReason(answer)
  const body = {
    ...(blocked === undefined
      ? { candidates: answer.choices.map((choice, index) => candidate(choice, index, answer)) }
      : { promptFeedback: { blockReason: blocked } }),
    ...(answer.tellsUsage && { usageMetadata: usageMetadata(answer.usage, blocked !== undefined) }),
    ...answerHead(answer),
  }
  const made = blocked === undefined ? answer.choices.flatMap(choice => candidateParts(choice, answer, true)) : []
  const sum = (field: 'tokens' | 'reasoningTokens') => made.reduce((total, part) => total + part[field], 0)
  return [
    { text: JSON.stringify(body), role: 'content', tokens: sum('tokens'), reasoningTokens: sum('reasoningTokens') },
  ]
}

function candidate(choice: GeneratedChoice, index: number, answer: MadeAnswer): Json {
  const { finishReason, fields, lastPart } = candidateEnd(choice, answer)
  const parts = candidateParts(choice, answer, true).map(({ part }) => part)
  if (lastPart.thoughtSignature !== undefined) parts.push(lastPart)
  return { ...(parts.length > 0 && { content: { parts, role: 'model' } }), finishReason, index, ...fields }
}
