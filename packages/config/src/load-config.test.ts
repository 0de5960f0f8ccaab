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
  })
  expect(config.providers).toEqual({
    openai: {
      type: 'openai',
      apiKey: 'a${b}c',
      model: 'gpt-x',
      maxTokens: 100,
      temperature: 0.5,
      baseURL: 'http://127.0.0.1:1/v1',
    },
  })
  expect(config.chains).toEqual({ default: { targets: ['openai/gpt-x'] } })
  expect(notes).toHaveLength(1)
  expect(file).toBeUndefined()
})

test('a mistake in the environment is an error, not ignored', async () => {
  await expect(load(undefined, { OPENAI_API_KEY: 'k', OPENAI_MAX_TOKENS: 'many' })).rejects.toThrow(
    'environment: OPENAI_MAX_TOKENS: expected a number, found text',
  )
})

test('with nothing at all, simulated providers stand in', async () => {
  const { config, notes } = await load(undefined, {})
  expect(config.chains?.demo?.targets).toEqual(['simulated-a/model', 'simulated-b/model'])
  expect(notes[0]).toContain('simulated')
})
