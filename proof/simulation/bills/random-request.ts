import type { MessageRequest, Tool } from '@switchyard/core'
import type { SimulatedAnswer } from '@switchyard/simulator'
import type { SeededRandom } from '../world/seeded-random.ts'
import type { PricedModel } from './priced-models.ts'

/** One request, and what the simulated provider is to say to it. */
export interface RequestAndAnswer {
  readonly request: MessageRequest
  readonly answer: SimulatedAnswer
}

const words = ['rain', 'over', 'Oslo', 'and', 'a', 'switch', 'yard', 'of', 'trains', '1917', '–', 'maybe']

const tools: readonly Tool[] = [
  { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  { name: 'add', description: 'Adds.', parameters: { type: 'object', properties: { a: { type: 'number' } } } },
]

/** The number that a request carries, so that the bill for it can be told from others. */
export const marked = /#(\d+)#/

/** The `number`th request: prompts short and long, cached in parts, thought about, answered in words or calls. */
export function randomRequest(random: SeededRandom, number: number, model: PricedModel): RequestAndAnswer {
  const text = (most: number): string =>
    Array.from({ length: random.integer(1, most) }, () => random.pick(words)).join(' ')
  const long =
    model.longPrompt !== undefined && random.chance(0.02) ? '.'.repeat(model.longPrompt + random.integer(-60, 60)) : ''
  const calls = random.chance(0.25)
  const effort = model.efforts === undefined ? undefined : random.pick([undefined, ...model.efforts])
  const request: MessageRequest = {
    messages: [
      ...(random.chance(0.4) ? [{ role: 'system' as const, content: text(20) }] : []),
      ...(random.chance(0.3)
        ? [
            { role: 'user' as const, content: text(12) },
            { role: 'assistant' as const, content: text(12) },
          ]
        : []),
      { role: 'user', content: `#${number}# ${text(30)}${long}` },
    ],
    stream: random.chance(0.6),
    maxOutputTokens: effort === undefined ? random.integer(20, 200) : random.integer(600, 2_000),
    ...(calls && { tools }),
    ...(effort !== undefined && { reasoningEffort: effort }),
  }
  const cachedTokens = model.cached && random.chance(0.5) ? random.integer(0, 60) : 0
  const cacheWriteTokens =
    model.writes.length > 0 && random.chance(0.4) ? { [random.pick(model.writes)]: random.integer(1, 60) } : {}
  const answer: SimulatedAnswer = {
    type: 'answer',
    ...(calls && random.chance(0.6)
      ? { toolCalls: [{ name: 'get_weather', arguments: { city: text(3) } }] }
      : { text: text(40) }),
    cachedTokens,
    cacheWriteTokens,
  }
  return { request, answer }
}
