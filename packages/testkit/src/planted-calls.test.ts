import { SwitchyardError } from '@switchyard/core/contract'
import { findsPlanted } from './planted-cases.fixture.ts'
import { counting } from './planted-provider.fixture.ts'

findsPlanted([
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
    name: 'hears of no abort',
    defect: { deaf: true },
    foundBy: [
      'getModels ends when its signal does',
      'verify ends when its signal does',
      'embed ends when its signal does',
      'an abort before the headers closes the socket at once',
    ],
  },
  {
    name: 'hears of no abort while it counts',
    dialect: 'openai-responses',
    defect: { deaf: true },
    foundBy: ['counting fails as other calls do, and ends with its signal'],
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
])
