/** What a provider of one dialect is written with in place of the template's words, which are those of `openai-chat`. */
export interface DialectChoice {
  readonly summary: string
  /** By file of the package, each with what is replaced there. */
  readonly replacements: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>>
  /** The folder of the template that is laid over it. */
  readonly overlay?: string
}

const replay = "    'reasoning replay': 'What a model thought is not sent back.',\n"
const windows = "    'context windows': 'The list of models tells names and dates.',\n"
const skip = `  skip: {\n${windows}${replay}  },\n`
const bearer = `authorization: \`Bearer \${apiKey}\``
const protocolCall = 'protocol: protocol({ replayReasoning: false, mediaInToolResults: false }),'

/** The dialects that a provider can be written for. */
export const dialects: Readonly<Record<string, DialectChoice>> = {
  'openai-chat': { summary: "OpenAI's chat completions, as most servers speak them", replacements: {} },
  'openai-responses': {
    summary: "OpenAI's Responses",
    replacements: spoken('openai-responses', { from: replay, to: "    embeddings: 'Responses make none.',\n" }),
  },
  'anthropic-messages': {
    summary: "Anthropic's messages",
    replacements: spoken('anthropic-messages', { from: skip, to: '' }, '', [
      [bearer, "'x-api-key': apiKey, 'anthropic-version': '2023-06-01'"],
    ]),
  },
  gemini: {
    summary: "Google's Gemini",
    replacements: spoken('gemini', { from: skip, to: '' }, '', [
      [bearer, "'x-goog-api-key': apiKey"],
      ['endpoint.request(call)', `endpoint.request({ ...call, path: \`/v1\${call.path}\` })`],
    ]),
  },
  'ollama-chat': { summary: "Ollama's chat", replacements: spoken('ollama-chat', { from: skip, to: '' }, '') },
  own: {
    summary: 'none of these: a small dialect of its own to begin with, and a simulated server that speaks it',
    overlay: 'own-dialect',
    replacements: {
      'src/provider.ts': [
        ["import { protocol } from '@switchyard/dialects/openai-chat'\n", ''],
        [
          " from '@switchyard/transport'\n",
          " from '@switchyard/transport'\nimport { protocol } from './dialect/protocol.ts'\n",
        ],
        [protocolCall, 'protocol,'],
      ],
      'package.json': [
        ['    "@switchyard/testkit"', '    "@switchyard/simulator": "workspace:^",\n    "@switchyard/testkit"'],
      ],
    },
  },
}

function spoken(
  dialect: string,
  gaps: { readonly from: string; readonly to: string },
  basePath = '/v1',
  provider: readonly (readonly [string, string])[] = [],
): DialectChoice['replacements'] {
  const address = ['https://api.acme-cloud.example/v1', `https://api.acme-cloud.example${basePath}`] as const
  return {
    'src/provider.ts': [
      ['@switchyard/dialects/openai-chat', `@switchyard/dialects/${dialect}`],
      [protocolCall, 'protocol: protocol(),'],
      address,
      ...provider,
    ],
    'src/conformance.fixture.ts': [
      ["'openai-chat'", `'${dialect}'`],
      [gaps.from, gaps.to],
    ],
    'README.md': [address],
  }
}
