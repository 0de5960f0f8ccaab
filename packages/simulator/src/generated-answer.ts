import type { MessageRequest } from '@switchyard/core/contract'
import type { AcceptedRequest } from './accepted-request.ts'
import type { SimulatedAnswer } from './answer.ts'
import type { Step } from './fault.ts'
import { type GeneratedChoice, generate, shownReasoningTokens } from './generation.ts'
import { spokenAnswer, spokenThoughts } from './model-voice.ts'
import type { Billing } from './reply.ts'
import type { SimulatedApiOptions } from './simulated-api.ts'
import { findStep } from './step-lookup.ts'

/** What a model made of a request, before it is put on any wire. */
export interface GeneratedAnswer {
  readonly modelName: string
  /** The same to the same conversation: ids are made of it. */
  readonly seed: string
  /** At least one. */
  readonly choices: readonly [GeneratedChoice, ...GeneratedChoice[]]
  readonly usage: GeneratedUsage
  /** What a reply with this answer is billed as. */
  readonly billing: Billing
}

/** Tokens of an answer. */
export interface GeneratedUsage {
  /** All of the prompt. */
  readonly inputTokens: number
  /** How many of them were read from the cache. */
  readonly cachedTokens: number
  /** How many of them were written to the cache, by lifetime. */
  readonly cacheWriteTokens: Readonly<Record<string, number>>
  /** Of all choices, reasoning included. */
  readonly outputTokens: number
  /** Shown or hidden. */
  readonly reasoningTokens: number
}

export interface AnsweringOptions {
  readonly reply: SimulatedApiOptions['reply']
  readonly steps: readonly Step[]
}

/**
 * What the model answers: the script's words, or the options', or its own, under the request's limits.
 * @throws {RequestRefusal} when it refuses a prefill.
 */
export async function generatedAnswer(accepted: AcceptedRequest, options: AnsweringOptions): Promise<GeneratedAnswer> {
  const { modelName, seed, maxTokens, thinking } = accepted
  const answer = continued(await chosenAnswer(accepted, options), accepted, options.steps)
  const hiddenTokens = thinking?.shown === false ? Math.min(thinking.tokens, maxTokens) : 0
  const choices = allChoices(withThoughts(answer, accepted), accepted, maxTokens - hiddenTokens)
  const made = choices.reduce((sum, choice) => sum + choice.tokens, 0)
  const shown = choices.reduce((sum, choice) => sum + shownReasoningTokens(choice), 0)
  const prompt = promptParts(answer, accepted)
  return {
    modelName,
    seed,
    choices,
    usage: { ...prompt, outputTokens: hiddenTokens + made, reasoningTokens: hiddenTokens + shown },
    billing: { ...prompt, model: modelName, hiddenTokens },
  }
}

async function chosenAnswer(accepted: AcceptedRequest, options: AnsweringOptions): Promise<SimulatedAnswer> {
  const { steps, reply } = options
  const voice = () => spokenAnswer(accepted.request, accepted.modelName)
  const other = findStep(steps, 'other-text')
  if (other !== undefined) {
    return { type: 'answer', text: other.text ?? `Said otherwise, and as simulated: ${voice().text ?? ''}` }
  }
  const scripted = findStep(steps, 'answer')
  if (scripted !== undefined) return says(scripted) ? scripted : { ...voice(), ...scripted }
  const said = typeof reply === 'function' ? await reply(accepted.request) : reply
  if (typeof said === 'string') return { type: 'answer', text: said }
  return said ?? voice()
}

function says(answer: SimulatedAnswer): boolean {
  return [answer.text, answer.pieces, answer.reasoning, answer.refusal, answer.toolCalls].some(
    part => part !== undefined,
  )
}

function continued(answer: SimulatedAnswer, accepted: AcceptedRequest, steps: readonly Step[]): SimulatedAnswer {
  const prefill = prefillOf(accepted.request)
  if (prefill === undefined) return answer
  const behaviour = findStep(steps, 'prefill')?.behaviour ?? accepted.model.prefill ?? accepted.prefill
  if (behaviour === 'refused') throw accepted.prefillRefusal()
  if (behaviour === 'ignored' || answer.toolCalls !== undefined) return answer
  const { pieces, ...rest } = answer
  const whole = pieces?.join('') ?? answer.text ?? ''
  return whole.startsWith(prefill) ? { ...rest, text: whole.slice(prefill.length) } : answer
}

function prefillOf(request: MessageRequest): string | undefined {
  const last = request.messages.at(-1)
  if (last?.role !== 'assistant') return undefined
  if (typeof last.content === 'string') return last.content
  return last.content.map(part => (part.type === 'text' ? part.text : '')).join('')
}

function withThoughts(answer: SimulatedAnswer, { thinking, request }: AcceptedRequest): SimulatedAnswer {
  if (thinking?.shown !== true || thinking.tokens === 0 || answer.reasoning !== undefined) return answer
  return { ...answer, reasoning: spokenThoughts(request, thinking.tokens) }
}

function allChoices(
  answer: SimulatedAnswer,
  accepted: AcceptedRequest,
  maxTokens: number,
): [GeneratedChoice, ...GeneratedChoice[]] {
  const { request, seed, cutBy } = accepted
  const choiceOf = (choice: number) => {
    const said = choice === 0 ? answer : (answer.otherChoices?.[choice - 1] ?? answer)
    const callId = (index: number) => accepted.callId?.(choice, index) ?? `call_${seed}${choice}_${index}`
    return generate(said, { maxTokens, stop: request.stop ?? [], callId, ...(cutBy && { cutBy }) })
  }
  const others = Array.from({ length: (accepted.choices ?? 1) - 1 }, (_, index) => choiceOf(index + 1))
  return [choiceOf(0), ...others]
}

// a script may say more than the prompt has
function promptParts(answer: SimulatedAnswer, accepted: AcceptedRequest) {
  const { inputTokens, cacheLifetime = 'default' } = accepted
  const cachedTokens = Math.min(answer.cachedTokens ?? accepted.cache?.cachedTokens ?? 0, inputTokens)
  const written = answer.cacheWriteTokens ?? accepted.cache?.cacheWriteTokens ?? 0
  const byLifetime = typeof written === 'number' ? (written === 0 ? {} : { [cacheLifetime]: written }) : written
  const cacheWriteTokens: Record<string, number> = {}
  let left = inputTokens - cachedTokens
  for (const [lifetime, tokens] of Object.entries(byLifetime)) {
    cacheWriteTokens[lifetime] = Math.min(tokens, left)
    left -= Math.min(tokens, left)
  }
  return { inputTokens, cachedTokens, cacheWriteTokens }
}
