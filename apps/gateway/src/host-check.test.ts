import { request } from 'node:http'
import { expect, test, vi } from 'vitest'
import { HttpError } from './errors.ts'
import { hostCheck } from './host-check.ts'
import { hello, startTwoTargets } from './testing/two-targets.ts'

// a machine that is busy starts gateways slowly
vi.setConfig({ testTimeout: 30_000 })

test('names of this machine are answered, whatever their port and case', () => {
  const check = hostCheck('127.0.0.2')
  for (const header of ['localhost', 'LOCALHOST:8080', '127.0.0.1:1', '[::1]', '[::1]:8080', '127.0.0.2:80']) {
    expect(() => check(header, '1.1')).not.toThrow()
  }
  expect(() => check(undefined, '1.0')).not.toThrow()
  expect(() => check(undefined, '1.1')).toThrow('no Host header')
  expect(() => hostCheck('::1')('[::1]:8080', '1.1')).not.toThrow()
})

test('other names are refused, however much they look like one', () => {
  const check = hostCheck('127.0.0.1')
  for (const header of [
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    '127.0.0.1.evil.example:80',
    'evil.example:80:80',
    'localhost:80@evil.example',
    '127.0.0.2',
    '',
    '[::2]:80',
  ]) {
    expect(() => check(header, '1.1')).toThrow(HttpError)
  }
})

test('a page whose name was made to point here gets nothing, and asks nobody', async () => {
  await using pair = await startTwoTargets()
  const ask = (path: string, method: string) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const headers = { host: 'evil.example:80', 'content-type': 'application/json' }
      const asked = request(`${pair.gateway.url}${path}`, { method, headers }, async response => {
        let text = ''
        for await (const read of response) text += read
        resolve({ status: response.statusCode, text })
      })
      asked.on('error', reject)
      asked.end(method === 'POST' ? JSON.stringify(hello) : undefined)
    })
  for (const [path, method] of [
    ['/v1/chat/completions', 'POST'],
    ['/v1/models', 'GET'],
    ['/nowhere', 'GET'],
  ] as const) {
    const { status, text } = await ask(path, method)
    expect(status).toBe(403)
    expect(text).toContain('"code":"unknown_host"')
    expect(text).toContain('answers to localhost, 127.0.0.1, [::1] alone')
    expect(text).not.toContain('evil')
  }
  expect(pair.first.requestCount).toBe(0)
})
