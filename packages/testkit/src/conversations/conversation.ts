import type { Message, Tool } from '@switchyard/core/contract'

/** A conversation that began with another provider, and what matters of it. */
export interface Conversation {
  /** Says what is odd in it: `results in another order than their calls`. */
  readonly name: string
  /** The dialect of the provider that it began with; that one may take more of it back than others. */
  readonly origin?: string
  readonly messages: readonly Message[]
  readonly tools?: readonly Tool[]
  /** What only the origin may be told: signatures, sealed thoughts. */
  readonly secrets?: readonly string[]
  /** The fewest warnings that it goes with; default 0. */
  readonly warnings?: number
}

export const weather: Tool = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
}

const time: Tool = { name: 'get_time', description: 'The time.', parameters: { type: 'object', properties: {} } }

export const tools: readonly Tool[] = [weather, time]
