import type { Message } from '@switchyard/core/contract'
import { findsPlanted, strangers } from './planted-cases.fixture.ts'
import { asking, saying } from './planted-provider.fixture.ts'

const unwelcome = 'what a model is known not to take is left out with a warning, and refused when strict'

findsPlanted([
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
      ...strangers('openai-chat').map(origin => `it goes on with a block that only ${origin} knows`),
      'it goes on with a result with an image',
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
    name: 'forgets what is to be cached',
    dialect: 'anthropic-messages',
    defect: saying(message => {
      if (message.role !== 'system' || typeof message.content === 'string') return [message]
      const content = message.content.map(part => (part.type === 'text' ? { ...part, cache: undefined } : part))
      return [{ ...message, content } as Message]
    }),
    foundBy: [
      'what is marked for the cache reaches the server with its mark, or without it where there is none, strict or not',
    ],
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
      'JSON is asked for and comes, or is left out with a warning',
      'topP reaches the server, or is left out with a warning where the wire has no word for it',
      'frequencyPenalty reaches the server, or is left out with a warning where the wire has no word for it',
      'presencePenalty reaches the server, or is left out with a warning where the wire has no word for it',
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
])
