import { type Message, SwitchyardError } from '@switchyard/core/contract'
import type { SimulatedApiName } from '@switchyard/simulator'
import { describe, expect, it } from 'vitest'
import { runCheck } from './bench.ts'
import { conformanceChecks } from './conformance-checks.ts'
import { asking, counting, type Defect, planted, reading, saying } from './planted-protocols.fixture.ts'

interface Case {
  readonly name: string
  readonly dialect?: string
  /** Default: the server of the dialect. */
  readonly api?: SimulatedApiName
  readonly defect: Defect
  /** The checks that must find it. */
  readonly foundBy: readonly string[]
}

const unwelcome = 'what a model is known not to take is left out with a warning, and refused when strict'

const cases: readonly Case[] = [
  {
    name: 'hides its warnings',
    defect: {
      protocol: good => ({
        ...good,
        encodeRequest: (request, options) => ({ ...good.encodeRequest(request, options), warnings: [] }),
      }),
    },
    foundBy: [
      unwelcome,
      'a document by address goes along, or is refused or left out by its place',
      'it goes on with a result without a call',
      'it goes on with a block that only gemini knows',
      'a model that is known not to think is not asked to, with a warning, and strict refuses',
    ],
  },
  {
    name: 'sends what a model is known to refuse',
    defect: {
      protocol: good => ({
        ...good,
        encodeRequest: (request, options) => good.encodeRequest(request, { ...options, facts: {} }),
      }),
    },
    foundBy: [unwelcome],
  },
  {
    name: 'is never strict',
    defect: {
      protocol: good => ({
        ...good,
        encodeRequest: (request, options) => good.encodeRequest(request, { ...options, strict: false }),
      }),
    },
    foundBy: [unwelcome, 'a document by address goes along, or is refused or left out by its place'],
  },
  {
    name: 'warns of what is nothing',
    defect: {
      protocol: good => ({
        ...good,
        encodeRequest: (request, options) => ({
          ...good.encodeRequest(request, options),
          warnings: [{ setting: 'stream', message: 'what of it' }],
        }),
      }),
    },
    foundBy: ['a request that takes all that it asks for has no warnings, and strict changes nothing'],
  },
  {
    name: 'loses settings',
    defect: asking(({ model, messages, stream }) => ({
      ...(model && { model }),
      messages,
      ...(!stream && { stream }),
    })),
    foundBy: [
      'temperature reaches the server, or is left out with a warning where the wire has no word for it',
      'seed reaches the server, or is left out with a warning where the wire has no word for it',
      'stop reaches the server, or is left out with a warning where the wire has no word for it',
      'the output cap reaches the server, whatever the model calls it',
      'a stop sequence ends the answer before it',
      'tools reach the server with their descriptions and schemas',
      'tools can be forced, any or one, or the choice is left out with a warning',
      'an answer by a JSON Schema is an instance of it, or the schema is left out with a warning',
    ],
  },
  {
    name: 'forgets what tools may do',
    defect: asking(({ toolChoice: _, parallelToolCalls: __, ...request }) => request),
    foundBy: [
      'tools can be forbidden',
      'tools can be forced, any or one, or the choice is left out with a warning',
      'one call at a time can be asked for, or that is left out with a warning',
    ],
  },
  {
    name: 'forces models that cannot be forced',
    defect: {
      protocol: good => ({
        ...good,
        encodeRequest: (request, { facts: { forcedToolChoice: _, ...facts }, ...options }) =>
          good.encodeRequest(request, { ...options, facts }),
      }),
    },
    foundBy: [
      'what a model is known not to take of tools and formats is left out with a warning, and refused when strict',
    ],
  },
  {
    name: 'forgets effort',
    defect: asking(({ reasoningEffort: _, ...request }) => request),
    foundBy: ['how hard to think reaches the server, or is left out with a warning'],
  },
  {
    name: 'loses images',
    defect: saying(message => [
      message.role === 'user' && typeof message.content !== 'string'
        ? { ...message, content: message.content.filter(part => part.type !== 'image') }
        : message,
    ]),
    foundBy: [
      'an image as bytes goes along, or is refused or left out by its place',
      'an image by address goes along, or is refused or left out by its place',
    ],
  },
  {
    name: 'loses system messages',
    defect: saying(message => (message.role === 'system' ? [] : [message])),
    foundBy: ['system messages reach the server before the others', 'it goes on with a system message in the middle'],
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
    foundBy: [
      'it goes on with what anthropic-messages thought before it answered',
      'it goes on with what gemini thought before it called a tool',
    ],
  },
  {
    name: 'asks twice',
    defect: { times: 2 },
    foundBy: [
      'one answer is one request, however it ends and whatever was asked',
      'one call is one request, whatever goes wrong',
      'asking for models is tried once, too',
      'asking for vectors is tried once, too',
    ],
  },
  {
    name: 'knows no ending but one',
    defect: reading(response => ({ ...response, reason: 'stop' })),
    foundBy: [
      'the ending "content-filter" is told, with the provider\'s own word',
      'a refusal is text that says so',
      'a streamed answer equals the whole one',
    ],
  },
  {
    name: 'shows thoughts as text',
    defect: reading(response => ({
      ...response,
      content: response.content.map(part =>
        part.type === 'reasoning' ? { type: 'text' as const, text: part.text } : part,
      ),
    })),
    foundBy: ['what the model thinks comes as reasoning, before the text and apart from it'],
  },
  {
    name: 'takes writes to the cache for plain tokens',
    defect: reading(({ usage, ...response }) => ({
      ...response,
      ...(usage && {
        usage: {
          ...usage,
          input: {
            ...usage.input,
            cacheWrite: {},
            uncached: usage.input.uncached + (usage.input.cacheWrite.default ?? 0),
          },
        },
      }),
    })),
    foundBy: ['tokens written to the cache are counted apart from the others, by lifetime'],
  },
  {
    name: 'takes every error for the same',
    defect: {
      protocol: good => ({
        ...good,
        readError: (reply, facts) => {
          const { retryAfterMs: _, code: __, requestId: ___, ...known } = good.readError(reply, facts)
          return new SwitchyardError('unavailable', 'Something went wrong.', { ...known, attempts: [] })
        },
      }),
    },
    foundBy: [
      'the server\'s own words for "quota" are understood',
      'the server\'s own words for "content-filter" are understood',
      'an error says who failed and on what model, in the words of the server',
      'an error tells the code of the provider',
      'how long to wait is understood where the server says it',
      'getModels fails as other calls do',
      'verify tells a key that may not, and to check what it may do',
    ],
  },
  {
    name: 'proves nothing',
    defect: { initialize: async () => {} },
    foundBy: [
      'verify accepts a good key, and costs nothing',
      'verify tells a bad key, and to check it',
      'verify tells a server that is away, and its address',
      'verify tells a web page in place of an API',
    ],
  },
  {
    name: 'proves its key by a paid answer',
    defect: {
      initialize: async (provider, verify) => {
        if (!verify) return
        const stream = await provider.sendMessage({ model: 'gpt-sim', messages: [{ role: 'user', content: 'Hi' }] })
        await stream.response()
      },
    },
    foundBy: ['verify accepts a good key, and costs nothing'],
  },
  {
    name: 'does not say what to do about a key',
    defect: {
      initialize: async (provider, verify) => {
        if (!verify) return
        await provider.getModels().catch((error: SwitchyardError) => {
          throw new SwitchyardError(error.kind, 'It did not work.', { ...error })
        })
      },
    },
    foundBy: [
      'verify tells a bad key, and to check it',
      'verify tells a key that may not, and to check what it may do',
      'verify tells a server that is away, and its address',
      'verify tells a web page in place of an API',
    ],
  },
  {
    name: 'lists what it likes',
    defect: { protocol: good => ({ ...good, models: { path: '/models', read: () => [{ id: 'gpt-4' }] } }) },
    foundBy: ['getModels lists what the server lists', 'getModels fails as other calls do'],
  },
  {
    name: 'lists some models and nothing of them',
    api: 'groq',
    defect: {
      protocol: good => ({
        ...good,
        models: {
          ...good.models,
          read: (body, facts) =>
            good.models
              .read(body, facts)
              .slice(0, 1_000)
              .map(({ id }) => ({ id })),
        },
      }),
    },
    foundBy: [
      'getModels lists every model of a long list once, however many pages it has',
      'getModels tells context windows',
    ],
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
  {
    name: 'counts tokens by letters',
    dialect: 'openai-responses',
    defect: counting(({ messages }) => Math.ceil(JSON.stringify(messages).length / 4)),
    foundBy: [
      'a text is counted as it is billed',
      'a conversation with a system message is counted as it is billed',
      'tools and their schemas are counted as they are billed',
      'images are counted as they are billed',
      'counting fails as other calls do, and ends with its signal',
      'counting tokens is tried once, too',
    ],
  },
  {
    name: 'counts by the settings of the answer, too',
    dialect: 'openai-responses',
    defect: counting(({ maxOutputTokens = 0 }) => 10 + maxOutputTokens),
    foundBy: ['counting costs nothing, and settings of the answer do not matter'],
  },
  {
    name: 'has a count that nobody is told of',
    defect: counting(() => 1),
    foundBy: ['it has neither vectors nor token counts where it says that it cannot'],
  },
]

describe('the conformance suite', () => {
  it.each(cases)(
    'finds a provider that $name',
    async ({ defect, foundBy, ...server }) => {
      for (const name of foundBy) {
        const error = await failureOf(name, server, defect)
        expect(error, `${name} did not find it`).toBeInstanceOf(Error)
        expect(String(error), 'found for another reason').not.toContain('sockets are open after dispose')
      }
    },
    30_000,
  )

  it('finds nothing wrong in those checks when nothing is', async () => {
    const seen = new Set<string>()
    for (const { foundBy, dialect, api } of cases) {
      for (const name of foundBy) {
        const each = [dialect, api, name].join(' ')
        if (seen.has(each)) continue
        seen.add(each)
        expect(await failureOf(name, { ...(dialect && { dialect }), ...(api && { api }) }, {}), each).toBeUndefined()
      }
    }
  }, 60_000)
})

async function failureOf(
  name: string,
  { dialect = 'openai-chat', api }: Pick<Case, 'dialect' | 'api'>,
  defect: Defect,
): Promise<unknown> {
  const check = conformanceChecks.find(each => each.name === name)
  if (check === undefined) throw new TypeError(`There is no check "${name}".`)
  try {
    await runCheck(check, planted(dialect, defect, api === undefined ? {} : { api }))
    return undefined
  } catch (error) {
    return error
  }
}

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
