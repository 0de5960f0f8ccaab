import type { ModelCapabilities, ModelFacts } from '@switchyard/core/contract'
import { newestVersion } from '@switchyard/dialects/anthropic-messages'

/** The version of the API that takes sampling settings, and that models up to Claude 4.6 are spoken to in. */
const firstVersion = '2023-06-01'

interface Generation {
  readonly family: string
  /** 4.6 is 406. */
  readonly number: number
}

/** What holds for a model by its name alone, where no catalogue knows more. A name without a generation is a new one's. */
export function modelDefaults(model: string): ModelFacts {
  const { family, number } = generationOf(model)
  const isNew = number >= 407
  const capabilities: Partial<ModelCapabilities> = {
    ...taken,
    temperature: !isNew,
    topP: !isNew,
    jsonSchema: number >= 401,
    reasoning: number >= 307,
    // later ones want the user to have the last word
    ...(number >= 406 && { prefill: false }),
    maxOutputTokens: outputTokens(family, number),
    contextWindow: number >= 406 ? 1_000_000 : 200_000,
  }
  const thinking = thinkingOf(family, number)
  const isNeverForced = thinking === 'always' && !isLater(family, number)
  return {
    capabilities,
    ...(thinking && { thinking }),
    ...(isNeverForced && { forcedToolChoice: false }),
    apiVersion: isNew ? newestVersion : firstVersion,
  }
}

const taken: Partial<ModelCapabilities> = {
  tools: true,
  parallelToolCalls: true,
  toolChoice: true,
  json: false,
  images: true,
  audio: false,
  documents: true,
  penalties: false,
  stop: true,
  seed: false,
  logprobs: false,
}

function thinkingOf(family: string, number: number): ModelFacts['thinking'] {
  if (number < 307) return undefined
  if (number < 406) return 'budget'
  const alwaysFrom =
    family === 'fable' || family === 'mythos' ? 501 : family === 'opus' ? 505 : Number.POSITIVE_INFINITY
  return number >= alwaysFrom && number !== unknownNumber ? 'always' : 'effort'
}

function isLater(family: string, number: number): boolean {
  return family === 'fable' && number >= 502
}

function outputTokens(family: string, number: number): number {
  if (number >= 406) return 128_000
  if (number < 305) return 4096
  if (number < 307) return 8192
  return family === 'opus' && number < 405 ? 32_000 : 64_000
}

const unknownNumber = 9900

/** `claude-opus-4-6-20260205`, `claude-3-7-sonnet-latest`, `claude-sonnet-5`. */
function generationOf(model: string): Generation {
  const name = model.toLowerCase()
  const old = /claude-(\d)(?:-(\d))?-(haiku|sonnet|opus)\b/.exec(name)
  const found = old ?? /claude-([a-z]+)-(\d{1,2})(?:-(\d{1,2}))?(?!\d)/.exec(name)
  if (found === null) return { family: '', number: unknownNumber }
  const [, first = '', second = '', third = ''] = found
  const [family, major, minor] = old === null ? [first, second, third] : [third, first, second]
  return { family, number: Number(major) * 100 + Number(minor) }
}
