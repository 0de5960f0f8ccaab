import { startSimulator } from '@switchyard/simulator'
import { expect, test } from 'vitest'
import { localOllama, ollamaAddress } from './local-ollama.ts'
import { ConfigError } from './problem.ts'

test.each([
  [undefined, 'http://127.0.0.1:11434'],
  ['', 'http://127.0.0.1:11434'],
  ['0.0.0.0', 'http://127.0.0.1:11434'],
  ['0.0.0.0:8080', 'http://127.0.0.1:8080'],
  ['[::]:8080', 'http://127.0.0.1:8080'],
  [':8080', 'http://127.0.0.1:8080'],
  ['box', 'http://box:11434'],
  ['"box:80"', 'http://box'],
  ['https://box.example/ollama/', 'https://box.example/ollama'],
  ['http://box', 'http://box'],
  ['::1', 'http://[::1]:11434'],
  ['::', 'http://127.0.0.1:11434'],
  ['[::1]', 'http://[::1]:11434'],
  ['a b', undefined],
])('OLLAMA_HOST=%s is asked at %s', (host, address) => {
  expect(ollamaAddress(host)).toBe(address)
})

test('one that answers is found with its first model that answers', async () => {
  await using simulator = await startSimulator({
    api: 'ollama',
    models: [{ id: 'vectors', dimensions: 8 }, { id: 'talker' }, { id: 'other' }],
  })
  expect(await localOllama({ OLLAMA_HOST: simulator.url })).toEqual({ baseURL: simulator.url, model: 'talker' })
})

test('none is found where nothing answers, or nothing that is an Ollama, or too late', async () => {
  expect(await localOllama({ OLLAMA_HOST: '127.0.0.1:1' })).toBeUndefined()
  expect(await localOllama({ OLLAMA_HOST: 'a b' })).toBeUndefined()
  await using other = await startSimulator()
  expect(await localOllama({ OLLAMA_HOST: other.url })).toBeUndefined()
  other.setFault({ type: 'silence' })
  expect(await localOllama({ OLLAMA_HOST: other.url })).toBeUndefined()
})

test('a password in the address is refused by the name of its variable, and not repeated', async () => {
  const error: unknown = await localOllama({ OLLAMA_HOST: 'http://me:sk-secret@127.0.0.1:1' }).catch(error => error)
  expect(error).toBeInstanceOf(ConfigError)
  expect((error as ConfigError).message).toBe(
    'environment: OLLAMA_HOST: holds a user name or password; take it out, and write a configuration file where this Ollama has an apiKey or headers',
  )
})
