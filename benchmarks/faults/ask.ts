/** What is asked of every contender, and what is right. */
export const prompt = 'What does a lighthouse keeper do at night?'
export const model = 'gpt-sim'

export const rightText =
  'A keeper trims the wick, winds the clockwork and watches the weather until the morning comes. Every four hours ' +
  'the weight that turns the lens has sunk to the floor of the tower, and somebody has to wind it up again. Between ' +
  'the rounds there is oil to carry, brass to polish, and a log in which every ship that passes is written down.'

export const otherText =
  'Most lamps went automatic decades ago, so the honest answer is that nobody climbs the stairs any more. A relay ' +
  'in an office on the mainland lights up when a bulb fails, a spare bulb swings into its place by itself, and a ' +
  'boat goes out some time in the following week to look whether the roof still holds.'

export const tool = {
  name: 'log_ship',
  description: 'Writes down a ship that passes.',
  parameters: {
    type: 'object' as const,
    properties: {
      name: { type: 'string' as const },
      heading: { type: 'string' as const },
      remarks: { type: 'string' as const },
    },
    required: ['name', 'heading', 'remarks'],
    additionalProperties: false,
  },
}

export const rightArguments = {
  name: 'Hurtigruten Nordlys',
  heading: 'north by north-west',
  remarks: 'Two hours late, both masthead lights burning, a deck cargo of timber, and answered the signal at once.',
}

/** How long a contender is told to wait, where it can be told, in milliseconds. */
export interface Limits {
  /** For the first token, and between two. */
  readonly silenceMs: number
  /** For an attempt, where that is the only limit there is. */
  readonly attemptMs: number
  /** For the whole call. */
  readonly totalMs: number
}

export interface Ask {
  readonly stream: boolean
  /** Whether the tool is offered, and to be called. */
  readonly tool: boolean
}

export interface ToolCall {
  readonly name: string
  /** As the contender gives them: parsed, or the JSON text. */
  readonly arguments: unknown
}

/** What came back without an error. */
export interface Answer {
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
}

/** A contender before one pair of providers. */
export interface Client {
  /** Rejects with whatever the contender tells its caller. `onText` answers `false` to leave. */
  ask(ask: Ask, onText: (text: string) => boolean): Promise<Answer>
}

export interface Provider {
  readonly baseURL: string
  readonly apiKey: string
}

/** One cell's providers. */
export interface Pair {
  readonly primary: Provider
  readonly secondary: Provider
  /** The secondary is known to go on from what an assistant had begun to say. */
  readonly prefill: boolean
  readonly limits: Limits
}

export interface Contender {
  readonly name: string
  /** Its column's footnote: how it is set up. */
  readonly setup: string
  /** What it is made of; pinned in this workspace's package.json. */
  readonly packages: readonly string[]
  open(pairs: readonly Pair[]): Promise<{ readonly clients: readonly Client[]; close(): Promise<void> }>
}

/** An error the contender reports inside its answer and does not throw. */
export class ToldError extends Error {}
