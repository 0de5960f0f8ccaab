import type { AnswerEnding } from '../answer.ts'
import type { GeneratedAnswer, GeneratedUsage } from '../generated-answer.ts'
import type { GeneratedBlock, GeneratedChoice } from '../generation.ts'
import { isObject, type Json } from '../json-value.ts'
import { signed } from './thought-signature.ts'

/** An answer as it was made, before it is put on the wire. */
export interface MadeAnswer extends GeneratedAnswer {
  /** Whether the model signs what it says. */
  readonly signs: boolean
  /** Whether the usage is told. */
  readonly tellsUsage: boolean
  /** Says `"simulated": true`. */
  readonly marked: boolean
}

const finishReasons: Readonly<Record<AnswerEnding, string>> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'context-length': 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  refusal: 'PROHIBITED_CONTENT',
  pause: 'CONTINUATION',
}

// a script's word for a prompt that is blocked: `blockReason:SAFETY`
const blockedBy = /^blockReason:(\w+)$/

/** Why the prompt was blocked, where it was: such an answer has no candidates. */
export function blockReason({ choices: [{ ended }] }: MadeAnswer): string | undefined {
  return typeof ended === 'object' ? blockedBy.exec(ended.word)?.[1] : undefined
}

/** A piece of a candidate, and what it took to make it. */
export interface MadePart {
  readonly part: Json
  readonly tokens: number
  readonly reasoningTokens: number
}

/** How a candidate ends, and what its last event says. */
export interface CandidateEnd {
  readonly finishReason: string
  readonly fields: Json
  /** Signs what had no part to be signed on. */
  readonly lastPart: Json
}

/** The parts of a candidate: calls whole, texts in pieces or (`whole`) too, signed where the model signs. */
export function candidateParts(choice: GeneratedChoice, answer: MadeAnswer, whole = false): readonly MadePart[] {
  if (malformedCall(choice) !== undefined) return []
  const lastText = choice.blocks.findLastIndex(block => block.type === 'text' || block.type === 'refusal')
  let called = false
  return choice.blocks.flatMap((block, index): readonly MadePart[] => {
    if (block.type === 'tool-call') {
      if (isCut(choice, block)) return []
      const first = !called
      called = true
      const { id, name, pieces } = block
      const part = { functionCall: { id, name, args: JSON.parse(pieces.join('')) } }
      return [{ part: first && answer.signs ? signed(part) : part, tokens: pieces.length, reasoningTokens: 0 }]
    }
    const thought = block.type === 'reasoning'
    const pieces = whole ? [block.pieces.join('')] : block.pieces
    const tokens = whole ? block.pieces.length : 1
    return pieces.map((text, piece) => {
      const part: Json = thought ? { text, thought } : { text }
      const last = index === lastText && piece === pieces.length - 1
      const here = last && signsText(choice, answer) === 'text'
      return { part: here ? signed(part) : part, tokens, reasoningTokens: thought ? tokens : 0 }
    })
  })
}

/** How a candidate ended, in the wire's words. */
export function candidateEnd(choice: GeneratedChoice, answer: MadeAnswer): CandidateEnd {
  const broken = malformedCall(choice)
  if (broken !== undefined) {
    const finishMessage = `Malformed function call: ${broken}`
    return { finishReason: 'MALFORMED_FUNCTION_CALL', fields: { finishMessage }, lastPart: { text: '' } }
  }
  const { ended, cut } = choice
  const finishReason = typeof ended === 'object' ? ended.word : finishReasons[ended]
  const safety = finishReason === 'SAFETY'
  const rating = { category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true }
  return {
    finishReason,
    fields: {
      ...(safety && { safetyRatings: [rating] }),
      ...(finishReason === 'CONTINUATION' && { continuationToken: `token-${answer.seed}` }),
    },
    lastPart: !cut && signsText(choice, answer) === 'end' ? signed({ text: '' }) : { text: '' },
  }
}

// on the last piece of text; on an empty one after it where thoughts are shown; on the first call where there is one
function signsText({ blocks, cut, ended }: GeneratedChoice, { signs }: MadeAnswer): 'text' | 'end' | undefined {
  const whole = !cut && ended !== 'length' && ended !== 'context-length'
  if (!signs || !whole || blocks.some(block => block.type === 'tool-call')) return undefined
  return blocks.some(block => block.type === 'reasoning') ? 'end' : 'text'
}

function isCut({ blocks, cut }: GeneratedChoice, block: GeneratedBlock): boolean {
  return cut && blocks.at(-1) === block
}

/** The text of a call whose arguments are no object, as a script may have it. */
function malformedCall(choice: GeneratedChoice): string | undefined {
  for (const block of choice.blocks) {
    if (block.type !== 'tool-call' || isCut(choice, block)) continue
    const text = block.pieces.join('')
    if (!isObjectText(text)) return `${block.name}(${text})`
  }
  return undefined
}

function isObjectText(text: string): boolean {
  try {
    return isObject(JSON.parse(text))
  } catch {
    return false
  }
}

/** What every answer and every event says of itself. */
export function answerHead({ modelName, seed, marked }: MadeAnswer): Json {
  return { modelVersion: modelName, responseId: `resp-${seed}`, ...(marked && { simulated: true }) }
}

/** The usage of a whole answer, or (`begun`) of one that has hardly begun. */
export function usageMetadata(usage: GeneratedUsage, begun = false): Json {
  const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = usage
  const made = begun ? 0 : outputTokens
  return {
    promptTokenCount: inputTokens,
    ...(cachedTokens > 0 && { cachedContentTokenCount: cachedTokens }),
    ...(!begun && { candidatesTokenCount: outputTokens - reasoningTokens }),
    ...(!begun && reasoningTokens > 0 && { thoughtsTokenCount: reasoningTokens }),
    totalTokenCount: inputTokens + made,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: inputTokens }],
  }
}
