import type { IAIProvider, Message, MessageRequest, MessageResponse, Tool, ToolCallPart } from '@switchyard/core'

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

const degrees: Readonly<Record<string, number>> = { Oslo: 7, Rome: 21, Lima: 17 }

interface Turn {
  readonly answer: MessageResponse
  /** What the tools said, in the order in which they were called. */
  readonly results: readonly string[]
}

export interface ConversationOptions {
  /** What was said before the question. */
  readonly messages?: readonly Message[]
  /** Called before each request, with its number from 0: a chance to interfere. */
  readonly before?: (turn: number) => unknown
  /** Settings of every request. */
  readonly request?: Partial<MessageRequest>
}

export interface ToolConversation {
  readonly turns: readonly Turn[]
  /** Everything that was said, the last answer included. */
  readonly messages: readonly Message[]
}

const longest = 5

/** Asks, runs the tools that are called, and asks again, as an agent does. */
export async function toolConversation(
  provider: Pick<IAIProvider, 'sendMessage'>,
  question: string,
  { messages: earlier = [], before, request }: ConversationOptions = {},
): Promise<ToolConversation> {
  const messages: Message[] = [...earlier, { role: 'user', content: question }]
  const turns: Turn[] = []
  while (turns.length < longest) {
    await before?.(turns.length)
    const stream = await provider.sendMessage({ ...request, messages, tools: [weather] })
    const answer = await stream.response()
    messages.push({ role: 'assistant', content: answer.content })
    const calls = answer.content.filter((part): part is ToolCallPart => part.type === 'tool-call')
    const results = calls.map(({ input }) => `${input?.city}: ${degrees[String(input?.city)]} degrees`)
    turns.push({ answer, results })
    if (calls.length === 0) break
    messages.push({
      role: 'tool',
      content: calls.map(({ id }, at) => ({ type: 'tool-result', callId: id, content: results[at] ?? '' })),
    })
  }
  return { turns, messages }
}
