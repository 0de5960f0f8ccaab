import { parseConfig } from '@switchyard/config'
import { expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'
import { curlLine, greeting } from './greeting.ts'
import { startGateway } from './start-gateway.ts'
import { testDataDirectory } from './testing/data-directory.ts'

test('the command line is read, and mistakes in it are told', () => {
  expect(parseCommandLine([])).toEqual({ type: 'serve' })
  expect(parseCommandLine(['--config', 'a.yaml', '--port=0', '--host', '::1'])).toEqual({
    type: 'serve',
    config: 'a.yaml',
    port: 0,
    host: '::1',
  })
  expect(parseCommandLine(['-h'])).toEqual({ type: 'help' })
  expect(parseCommandLine(['--', '--port', '1'])).toMatchObject({ port: 1 })
  for (const [args, message] of [
    [['--prot', '1'], "Unknown option '--prot'"],
    [['--port', 'x'], '--port takes a number from 0 to 65535'],
    [['--port', '70000'], '--port takes a number from 0 to 65535'],
    [['--port'], 'argument missing'],
    [['--port', '-1'], "Option '--port' argument is ambiguous; --help"],
    [['--config='], '--config takes a value'],
    [['serve'], "Unexpected argument 'serve'"],
  ] as const) {
    const command = parseCommandLine([...args])
    expect(command).toMatchObject({ type: 'mistake', message: expect.stringContaining(message) })
  }
})

test('a quote in a model does not break the line to try', () => {
  expect(curlLine('http://x', "it's")).toContain(`"model":"it'\\''s"`)
})

test('where there are keys, the line to try has a place for one', async () => {
  const config = parseConfig(`
    providers: { a: { type: simulated, model: m } }
    keys: [{ name: web, hash: "sha256:${'0'.repeat(64)}" }]
  `)
  await using gateway = await startGateway({ config, port: 0 })
  expect(greeting(gateway, [])).toMatch(/^ {2}curl \S+ -H "authorization: Bearer \$KEY" -H /m)
})

test('with providers alone, it says what a request may name', async () => {
  const config = parseConfig('providers: { lab: { type: openai-compatible, baseURL: "http://127.0.0.1:9/v1" } }')
  await using data = await testDataDirectory()
  await using gateway = await startGateway({ config, dataDirectory: data.path, port: 0 })
  expect(greeting(gateway, [])).toContain("Ask for a provider's model: lab/<model>")
})

test('chains tell whom they ask, and in which order', async () => {
  const config = parseConfig(`
    providers: { a: { type: simulated }, b: { type: simulated } }
    chains: { one: { targets: [a/m, b/m] }, two: { select: latency, targets: [a/m, b/m] } }
  `)
  await using gateway = await startGateway({ config, port: 0 })
  expect(greeting(gateway, [])).toContain('  one  a/m, then b/m\n  two  a/m, b/m: the fastest first\n')
})

test('a model that ends is told', async () => {
  const config = parseConfig('providers: { a: { type: openai, apiKey: k, model: o1 } }')
  await using data = await testDataDirectory()
  await using gateway = await startGateway({ config, dataDirectory: data.path, port: 0 })
  expect(greeting(gateway, [])).toMatch(/^Beware: a\/o1 was retired on \d{4}-\d{2}-\d{2}/m)
})

test('it says where usage is kept', async () => {
  await using data = await testDataDirectory()
  const real = parseConfig('providers: { a: { type: openai, apiKey: k, model: gpt-5.4-mini } }')
  await using gateway = await startGateway({ config: real, dataDirectory: data.path, port: 0 })
  expect(greeting(gateway, [])).toContain(`Usage is kept in ${data.path}`)
  const simulated = parseConfig('providers: { a: { type: simulated } }')
  await using demo = await startGateway({ config: simulated, port: 0 })
  expect(greeting(demo, [])).toContain('Usage is kept until it stops')
})

test('a second gateway with the same data is refused', async () => {
  await using data = await testDataDirectory()
  const config = parseConfig('providers: { a: { type: openai, apiKey: k, model: gpt-5.4-mini } }')
  await using gateway = await startGateway({ config, dataDirectory: data.path, port: 0 })
  await expect(startGateway({ config, dataDirectory: data.path, port: 0 })).rejects.toThrow(data.path)
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
})
