import type { ConformanceOptions } from '@switchyard/testkit'
import { createAcmeCloud } from './index.ts'
import { readRequest, simulatedApi } from './simulated-api.fixture.ts'

const tools = 'Not yet done: tools.'
const media = 'Not yet done: images, documents and sound.'
const formats = 'Not yet done: answers in JSON.'
const endings = 'Not yet done: this ending.'
const reasoning = 'Not yet done: reasoning.'
const cache = 'Not yet done: the cache.'

// what the provider cannot do at all stays here with that reason; the rest goes as you get it done
export const conformance: ConformanceOptions = {
  dialect: 'acme-cloud',
  api: simulatedApi,
  readRequest: ({ body }) => readRequest(body),
  create: setup => createAcmeCloud(setup),
  skip: {
    topP: 'Not yet done: this setting.',
    frequencyPenalty: 'Not yet done: this setting.',
    presencePenalty: 'Not yet done: this setting.',
    seed: 'Not yet done: this setting.',
    'several choices': 'Not yet done: several choices.',
    tools,
    'tool choice': tools,
    'single calls': tools,
    'argument fragments': tools,
    'argument text': tools,
    'lax tool calls': tools,
    'what a model is known not to take of tools and formats is left out with a warning, and refused when strict': tools,
    'hand-off': 'Not yet done: tools, which other conversations are full of.',
    'a stream of a tool call that ends at any event is the exact call or an error': tools,
    JSON: formats,
    'JSON Schema': formats,
    'strict schemas': formats,
    'image bytes': media,
    'image addresses': media,
    documents: media,
    'document addresses': media,
    audio: media,
    'refusal text': endings,
    'refusal ending': endings,
    pause: endings,
    'context length ending': endings,
    reasoning,
    'reasoning effort': reasoning,
    'reasoning text': reasoning,
    'reasoning replay': reasoning,
    'signed reasoning': reasoning,
    'reasoning tokens': reasoning,
    'cache hints': cache,
    'cached tokens': cache,
    'cache writes': cache,
    'token count': 'Not yet done: counting tokens.',
    embeddings: 'Not yet done: vectors.',
  },
}
