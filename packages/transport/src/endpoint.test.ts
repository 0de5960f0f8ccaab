import { describe, expect, test } from 'vitest'
import { Endpoint } from './endpoint.ts'

const about = { provider: 'acme' }

describe('an endpoint', () => {
  test("joins its query to the path's own", () => {
    const endpoint = new Endpoint({ id: 'acme', baseURL: 'http://127.0.0.1:9/v1?tenant=7', headers: {} })
    const { url } = endpoint.request({ method: 'POST', path: '/answer?alt=sse', about: {} })
    expect(url).toBe('http://127.0.0.1:9/v1/answer?alt=sse&tenant=7')
  })

  test('puts a path behind its own, and keeps its query', () => {
    const endpoint = new Endpoint({ id: 'acme', baseURL: 'http://127.0.0.1:9/v1/?tenant=7', headers: {} })
    expect(endpoint.request({ method: 'GET', path: '/models', about })).toMatchObject({
      url: 'http://127.0.0.1:9/v1/models?tenant=7',
      method: 'GET',
      headers: { accept: 'application/json, text/event-stream', 'user-agent': 'switchyard' },
    })
    const bare = new Endpoint({ id: 'acme', baseURL: 'http://127.0.0.1:9', headers: {} })
    expect(bare.request({ method: 'GET', path: '/models', about }).url).toBe('http://127.0.0.1:9/models')
  })

  test('sends a body as JSON, with the headers of all requests, of this call, and its trace', () => {
    const headers = { Authorization: 'Bearer secret-word', 'X-Own': 'all' }
    const endpoint = new Endpoint({ id: 'acme', baseURL: 'http://127.0.0.1:9', headers })
    const call = { method: 'POST', path: '/messages', body: { a: 1 }, headers: { 'x-own': 'this' }, about } as const
    expect(endpoint.request({ ...call, traceParent: '00-1-2-01' })).toMatchObject({
      body: '{"a":1}',
      headers: {
        authorization: 'Bearer secret-word',
        'x-own': 'this',
        'content-type': 'application/json',
        traceparent: '00-1-2-01',
      },
    })
    expect(endpoint.request({ method: 'GET', path: '/models', about }).headers).not.toHaveProperty('content-type')
  })

  test('names what may appear in no message, and refuses what is no address', () => {
    const headers = { Authorization: 'Bearer secret-word', 'X-Own': 'fine' }
    expect(new Endpoint({ id: 'acme', baseURL: 'http://127.0.0.1:9', headers }).secrets).toEqual([
      'Bearer secret-word',
      'secret-word',
    ])
    expect(() => new Endpoint({ id: 'acme', baseURL: 'nowhere', headers })).toThrow(/baseURL of provider "acme"/)
  })
})
