import { type Message, SwitchyardError } from '@switchyard/core/contract'
import { findsPlanted, strangers } from './planted-cases.fixture.ts'
import { asking, saying } from './planted-provider.fixture.ts'

findsPlanted([
  {
    name: 'loses media',
    defect: saying(message => [
      message.role === 'user' && typeof message.content !== 'string'
        ? { ...message, content: message.content.filter(part => part.type === 'text') }
        : message,
    ]),
    foundBy: [
      'a document as bytes goes along, or is refused or left out by its place',
      'a sound as bytes goes along, or is refused or left out by its place',
      'an image as bytes goes along, or is refused or left out by its place',
      'an image by address goes along, or is refused or left out by its place',
    ],
  },
  {
    name: 'loses system messages',
    defect: saying(message => (message.role === 'system' ? [] : [message])),
    foundBy: [
      'system messages reach the server before the others',
      'it goes on with a system message in the middle',
      'it goes on with a system message at the end',
    ],
  },
  {
    name: 'mixes results up',
    defect: saying(message => [message.role === 'tool' ? mixedUp(message) : message]),
    foundBy: [
      'it goes on with results in another order than their calls',
      'it goes on with ids with odd characters',
      'it goes on with ids of 64 characters that differ in the last',
    ],
  },
  {
    name: 'loses results',
    defect: saying(message => (message.role === 'tool' ? [] : [message])),
    foundBy: [
      'it goes on with results in a message each',
      'it goes on with a result that tells an error',
      'it goes on with a result without a call',
      'it goes on with the same id in two turns',
      'it goes on with a result that is empty',
      'it goes on with a call without a result',
      'it goes on with a result with an image',
      'a call, its result and the answer make a conversation that the server accepts',
      'it goes on with a word of the user between a call and its result',
    ],
  },
  {
    name: 'loses arguments',
    defect: saying(message => [withoutArguments(message)]),
    foundBy: ['it goes on with text, a call, and text again in one turn'],
  },
  {
    name: 'loses a message of two in a row',
    defect: asking(request => ({
      ...request,
      messages: request.messages.filter(({ role }, at) => role !== request.messages[at + 1]?.role),
    })),
    foundBy: [
      'it goes on with two messages of the user in a row',
      'it goes on with two messages of the assistant in a row',
    ],
  },
  {
    name: 'begins with the user',
    defect: asking(request => ({
      ...request,
      messages: request.messages.slice(request.messages.findIndex(({ role }) => role === 'user')),
    })),
    foundBy: ['it goes on with a conversation that the assistant began'],
  },
  {
    name: 'tells what others thought',
    defect: saying(message => [withThoughtsAsText(message)]),
    foundBy: strangers('openai-chat').flatMap(origin => [
      `it goes on with what ${origin} thought before it answered`,
      `it goes on with what ${origin} thought before it called a tool`,
      `it goes on with a turn of ${origin} that is nothing but thoughts`,
    ]),
  },
  {
    name: 'leaves out what others thought, and says nothing of it',
    defect: saying(message => [withoutThoughts(message)]),
    foundBy: strangers('openai-chat').flatMap(origin => [
      `it goes on with what ${origin} thought before it answered`,
      `it goes on with what ${origin} thought before it called a tool`,
      `it goes on with a turn of ${origin} that is nothing but thoughts`,
    ]),
  },
  {
    name: 'tells what a model of OpenAI thought',
    dialect: 'anthropic-messages',
    defect: saying(message => [withThoughtsAsText(message)]),
    foundBy: [
      'it goes on with what openai-chat thought before it answered',
      'it goes on with what openai-chat thought before it called a tool',
      'it goes on with a turn of openai-chat that is nothing but thoughts',
    ],
  },
  {
    name: 'refuses messages that say nothing',
    defect: saying(message => {
      if (message.role === 'assistant' && message.content.length === 0) {
        throw new SwitchyardError('invalid-request', 'A message is empty.')
      }
      return [message]
    }),
    foundBy: ['it goes on with an assistant who said nothing'],
  },
  {
    name: 'keeps to itself what was refused, cached or not understood',
    defect: saying(message => {
      if (message.role === 'tool' || typeof message.content === 'string') return [message]
      const content = [...message.content].filter(
        part => !('refusal' in part) && !('cache' in part) && !('invalid' in part),
      )
      return [{ ...message, content } as Message]
    }),
    foundBy: [
      'it goes on with a refusal in the history',
      'it goes on with hints to the cache of another provider',
      'it goes on with a call whose arguments do not parse',
    ],
  },
  {
    name: 'gives everybody a name that the server refuses',
    defect: saying(message => [message.role !== 'tool' && message.name ? { ...message, name: 'no name' } : message]),
    foundBy: ['it goes on with participants with names'],
  },
  {
    name: 'changes what a model thought',
    dialect: 'openai-responses',
    defect: saying(message => [withOtherThoughts(message)]),
    foundBy: [
      'reasoning goes back to its origin unchanged, and the server takes it in a tool loop',
      'reasoning goes back through two rounds of tools',
    ],
  },
  {
    name: 'does not send back what a model thought',
    dialect: 'openai-responses',
    defect: saying(message => [withoutThoughts(message)]),
    foundBy: [
      'reasoning goes back to its origin unchanged, and the server takes it in a tool loop',
      'reasoning goes back through two rounds of tools',
      'reasoning that somebody changed is refused by the server, and that is told',
    ],
  },
])

/** Results in the order of their places, whatever they answer. */
function mixedUp(message: Extract<Message, { role: 'tool' }>): Message {
  const ids = message.content.map(({ callId }) => callId).reverse()
  return { ...message, content: message.content.map((part, at) => ({ ...part, callId: ids[at] ?? part.callId })) }
}

function withoutArguments(message: Message): Message {
  if (message.role !== 'assistant' || typeof message.content === 'string') return message
  const content = message.content.map(part =>
    part.type === 'tool-call' ? { ...part, input: {}, invalid: undefined } : part,
  )
  return { ...message, content }
}

function withoutThoughts(message: Message): Message {
  if (message.role !== 'assistant' || typeof message.content === 'string') return message
  return { ...message, content: message.content.filter(part => part.type !== 'reasoning') }
}

function withOtherThoughts(message: Message): Message {
  if (message.role !== 'assistant' || typeof message.content === 'string') return message
  const content = message.content.map(part =>
    part.type === 'reasoning' ? { ...part, text: part.text.toUpperCase() } : part,
  )
  return { ...message, content }
}

function withThoughtsAsText(message: Message): Message {
  if (message.role !== 'assistant' || typeof message.content === 'string') return message
  const content = message.content.map(part =>
    part.type === 'reasoning' ? { type: 'text' as const, text: `${part.text} ${part.signature}` } : part,
  )
  return { ...message, content }
}
