// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references to environment variables

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchyard-config-'))
})
afterEach(() => rm(directory, { recursive: true }))

const write = (name: string, text: string) => writeFile(join(directory, name), text)
const load = (file?: string, environment = {}) =>
  loadConfig({ directory, environment, ...(file !== undefined && { file }) })

test('switchyard.yaml of the directory is taken before others', async () => {
  await write('switchyard.json', '{"providers": {"json": {"type": "openai", "apiKey": "x"}}}')
  expect(Object.keys((await load()).config.providers)).toEqual(['json'])
  await write('switchyard.yaml', 'providers: { yaml: { type: openai, apiKey: x } }')
  const loaded = await load()
  expect(Object.keys(loaded.config.providers)).toEqual(['yaml'])
  expect(loaded.file).toBe(join(directory, 'switchyard.yaml'))
})

test('a module gives its default export, variables and all', async () => {
  await write(
    'mine.ts',
    'const type: string = "openai"; export default { providers: { a: { type, apiKey: "${KEY}" } } }',
  )
  expect((await load('mine.ts', { KEY: 'k' })).config.providers.a).toMatchObject({ apiKey: 'k' })
  await write('none.mjs', 'export const config = {}')
  await expect(load('none.mjs')).rejects.toThrow('none.mjs: it has no default export')
  await write('broken.mjs', 'throw new Error("no luck")')
  await expect(load('broken.mjs')).rejects.toThrow('broken.mjs: it cannot be loaded: no luck')
})

test('a file that is not there is told by its name', async () => {
  const message = 'away.yaml: there is no such file; --config names the configuration to use'
  await expect(load('away.yaml')).rejects.toThrow(message)
  await expect(load('away.ts')).rejects.toThrow('away.ts: there is no such file')
  await expect(load('.')).rejects.toThrow('.: this is a directory; --config names')
})

test('without a file, the environment says what there is', async () => {
  const { config, notes, file } = await load(undefined, {
    OPENAI_API_KEY: 'a${b}c',
    OPENAI_MODEL: 'gpt-x',
    OPENAI_MAX_TOKENS: '100',
    OPENAI_TEMPERATURE: '0.5',
    OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
    OPENAI_ORG_ID: 'org-1',
    OPENAI_PROJECT_ID: 'proj-1',
  })
  expect(config.providers).toEqual({
    openai: {
      type: 'openai',
      apiKey: 'a${b}c',
      model: 'gpt-x',
      maxTokens: 100,
      temperature: 0.5,
      baseURL: 'http://127.0.0.1:1/v1',
      organization: 'org-1',
      project: 'proj-1',
      price: { input: 0n, output: 0n },
    },
  })
  expect(config.chains).toEqual({ default: { targets: ['openai/gpt-x'] } })
  expect(notes[1]).toBe(
    'Budget: 10 USD a day (UTC) for everything together; a switchyard.yaml with budgets sets another.',
  )
  expect(config.server?.budget).toEqual(['default'])
  expect(config.budgets?.default).toMatchObject({ limit: 10_000_000_000_000n, window: 'day', onLow: 'clamp' })
  expect(file).toBeUndefined()
})

test('a mistake in the environment is an error, not ignored', async () => {
  await expect(load(undefined, { OPENAI_API_KEY: 'k', OPENAI_MAX_TOKENS: 'many' })).rejects.toThrow(
    'environment: OPENAI_MAX_TOKENS: expected a number, found text',
  )
})

test('every provider that the environment has a key for is a target, in one order', async () => {
  const { config, notes } = await load(undefined, {
    GROQ_API_KEY: 'g',
    XAI_API_KEY: 'x',
    XAI_MODEL: 'grok-x',
    GEMINI_API_KEY: 'unused',
    GOOGLE_API_KEY: 'goo',
    ANTHROPIC_API_KEY: 'a',
    ANTHROPIC_MAX_TOKENS: '50',
    OPENAI_API_KEY: '',
  })
  expect(config.providers).toEqual({
    anthropic: { type: 'anthropic', apiKey: 'a', model: 'claude-haiku-5-5', maxTokens: 50 },
    gemini: { type: 'gemini', apiKey: 'goo', model: 'gemini-3.8-flash' },
    xai: { type: 'xai', apiKey: 'x', model: 'grok-x' },
    groq: { type: 'groq', apiKey: 'g', model: 'openai/gpt-oss-120b' },
  })
  expect(config.chains?.default?.targets).toEqual([
    'anthropic/claude-haiku-5-5',
    'gemini/gemini-3.8-flash',
    'xai/grok-x',
    'groq/openai/gpt-oss-120b',
  ])
  expect(notes[0]).toMatch(
    /^No configuration file: Anthropic by ANTHROPIC_API_KEY with claude-haiku-5-5 \(ANTHROPIC_MODEL chooses another\), then Gemini by GOOGLE_API_KEY/,
  )
})

test('an Ollama that answers comes last, and is enough', async () => {
  const ollama = { baseURL: 'http://127.0.0.1:11434', model: 'llama3.2' }
  const findOllama = async () => ollama
  const alone = await loadConfig({ directory, environment: {}, findOllama })
  const price = { input: 0n, output: 0n }
  expect(alone.config.providers).toEqual({ ollama: { type: 'ollama', ...ollama, price } })
  expect(alone.notes[0]).toBe(
    'No configuration file: Ollama at http://127.0.0.1:11434 with llama3.2 (OLLAMA_MODEL chooses another).',
  )
  const environment = {
    OPENAI_API_KEY: 'k',
    OLLAMA_MODEL: 'qwen3',
    OLLAMA_HOST: '0.0.0.0',
    OLLAMA_MAX_TOKENS: '50',
    OLLAMA_TEMPERATURE: '0.1',
  }
  const both = await loadConfig({ directory, environment, findOllama })
  expect(both.config.chains?.default?.targets).toEqual(['openai/gpt-5.4-mini', 'ollama/qwen3'])
  expect(both.config.providers.ollama).toEqual({
    type: 'ollama',
    baseURL: ollama.baseURL,
    model: 'qwen3',
    maxTokens: 50,
    temperature: 0.1,
    price,
  })
})

test('a mistake beside a key that has two names is told by the one that is set', async () => {
  await expect(load(undefined, { GEMINI_API_KEY: 'k', GEMINI_TEMPERATURE: 'warm' })).rejects.toThrow(
    'environment: GEMINI_TEMPERATURE: expected a number, found text',
  )
})

test('with nothing at all, simulated providers stand in', async () => {
  const { config, notes } = await load(undefined, {})
  expect(config.chains?.demo?.targets).toEqual(['simulated-a/model', 'simulated-b/model'])
  expect(notes[0]).toContain('simulated')
  expect(config.providers['simulated-a']?.price).toBeDefined()
  expect(config.server?.budget).toEqual(['default'])
})
