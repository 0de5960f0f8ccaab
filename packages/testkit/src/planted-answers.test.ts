import { type MessageChunk, SwitchyardError } from '@switchyard/core/contract'
import { findsPlanted } from './planted-cases.fixture.ts'
import { reading, telling } from './planted-provider.fixture.ts'

findsPlanted([
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
    name: 'knows no ending of Anthropic but one',
    dialect: 'anthropic-messages',
    defect: telling(chunks => chunks.map(chunk => (chunk.type === 'finish' ? { ...chunk, reason: 'stop' } : chunk))),
    foundBy: [
      'the ending "refusal" is told, with the provider\'s own word',
      'the ending "pause" is told, with the provider\'s own word',
      'the ending "context-length" is told, with the provider\'s own word',
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
    name: 'tells thoughts when they are over',
    defect: telling(chunks => {
      const text = chunks.map(chunk => (chunk.type === 'reasoning-delta' ? chunk.text : '')).join('')
      const first = chunks.find(chunk => chunk.type === 'reasoning-delta')
      return chunks.flatMap((chunk): readonly MessageChunk[] => {
        if (chunk.type !== 'reasoning-delta') return [chunk]
        return chunk === first ? [{ ...chunk, text }] : []
      })
    }),
    foundBy: ['reasoning is shown while the model thinks'],
  },
  {
    name: 'repairs what it cannot read',
    defect: reading(response => ({
      ...response,
      content: response.content.map(part =>
        part.type === 'tool-call' ? { type: part.type, id: part.id, name: part.name, input: {} } : part,
      ),
    })),
    foundBy: [
      'a call arrives with its parsed arguments',
      'parallel calls arrive apart and in order',
      'arguments that do not parse come back as their text, with the reason',
      'a call that the output cap cuts is incomplete',
    ],
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
    name: 'makes usage up',
    defect: reading(response => ({
      ...response,
      usage: { input: { uncached: 1, cacheRead: 0, cacheWrite: {} }, output: { text: 1, reasoning: 0 } },
    })),
    foundBy: [
      'usage is what the provider bills, streamed or not',
      'reasoning tokens are counted apart from the text',
      'an answer whose usage was never told has none, and not zero',
    ],
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
      ...[
        'authentication',
        'permission',
        'not-found',
        'invalid-request',
        'context-length',
        'content-filter',
        'rate-limit',
        'quota',
        'overloaded',
      ].map(kind => `the server's own words for "${kind}" are understood`),
      'a prompt longer than the window is told as such',
      'a whole answer fails in the same way as a stream',
      'an error tells in which request it happened',
      'Retry-After is understood in milliseconds and as a date, and nonsense is no wait',
      'an error says who failed and on what model, in the words of the server',
      'an error tells the code of the provider',
      'how long to wait is understood where the server says it',
      'getModels fails as other calls do',
      'verify tells a key that may not, and to check what it may do',
    ],
  },
])
