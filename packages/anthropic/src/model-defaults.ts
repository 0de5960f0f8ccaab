import type { ModelCapabilities, ModelFacts } from '@switchyard/core/contract'
import { newestVersion } from '@switchyard/dialects/anthropic-messages'

/** The version of the API that takes sampling settings; models up to Claude 4.6 are spoken to in it. */
const firstVersion = '2023-06-01'

interface Generation {
  readonly family: string
  /** 4.6 is 406. */
  readonly number: number
}

const always: Partial<ModelCapabilities> = {
  tools: true,
  parallelToolCalls: true,
  json: false,
  audio: false,
  penalties: false,
  seed: false,
  logprobs: false,
}

/**
 * What holds for a model by its name alone, where no catalogue knows more. A Claude without a number is taken for a new
 * one; any other name is that of a server that imitates the first version of the API.
 */
export function modelDefaults(model: string): ModelFacts {
  const generation = generationOf(model.toLowerCase())
  if (generation !== undefined) return generationDefaults(generation)
  if (/claude/i.test(model)) return { capabilities: always, apiVersion: newestVersion }
  return { capabilities: always, thinking: 'budget', apiVersion: firstVersion }
}

function generationDefaults({ family, number }: Generation): ModelFacts {
  const isNew = number >= 407
  const thinking = thinkingOf(family, number)
  const isNeverForced = thinking === 'always' && (family !== 'fable' || number === 501)
  return {
    capabilities: {
      ...always,
      images: true,
      documents: number >= 305,
      jsonSchema: number >= 401,
      reasoning: number >= 307,
      temperature: !isNew,
      topP: !isNew,
      stop: true,
      // later ones want the user to have the last word
      ...(number >= 406 && { prefill: false }),
      maxOutputTokens: outputTokens(family, number),
      contextWindow: number >= 406 ? 1_000_000 : 200_000,
    },
    ...(thinking && { thinking }),
    ...(isNeverForced && { forcedToolChoice: false }),
    ...(!takesLaterSystemMessages(family, number) && { laterSystemMessages: false }),
    apiVersion: isNew ? newestVersion : firstVersion,
  }
}

function thinkingOf(family: string, number: number): ModelFacts['thinking'] {
  if (number < 307) return undefined
  if (number < 406) return 'budget'
  if (family === 'fable' || family === 'mythos') return number >= 500 ? 'always' : 'effort'
  return family === 'opus' && number >= 505 ? 'always' : 'effort'
}

function takesLaterSystemMessages(family: string, number: number): boolean {
  if (family === 'sonnet' || family === 'haiku') return number >= 505
  return number >= (family === 'opus' ? 408 : 500)
}

function outputTokens(family: string, number: number): number {
  if (number >= 406) return 128_000
  if (number < 305) return 4096
  if (number < 307) return 8192
  return family === 'opus' && number < 405 ? 32_000 : 64_000
}

/** Of `claude-opus-4-6-20260205`, `claude-3-7-sonnet-latest`, `claude-sonnet-5`. */
function generationOf(name: string): Generation | undefined {
  const old = /claude-(\d)(?:-(\d))?-(haiku|sonnet|opus)\b/.exec(name)
  if (old !== null) return { family: String(old[3]), number: Number(old[1]) * 100 + Number(old[2] ?? 0) }
  const found = /claude-([a-z]+)-(\d{1,2})(?:-(\d{1,2}))?(?!\d)/.exec(name)
  if (found === null) return undefined
  return { family: String(found[1]), number: Number(found[2]) * 100 + Number(found[3] ?? 0) }
}
